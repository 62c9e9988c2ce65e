/** What is remembered of messages: the answers to those with an id, and which clears have come. */
import type { Hold } from '../endpoints/endpoint.ts';
import type { Mac } from '../endpoints/mac.ts';
import type { IpAddress } from '../identity/address.ts';
import type { EventState } from '../journal/event-line.ts';
import type { TenantId } from '../tenancy/tenant.ts';

/** An id means the same message for so long, and a clear makes what is older than it stale. */
export const rememberedMs = 7 * 24 * 3_600_000;

export interface RememberedAnswer {
  readonly state: EventState;
  readonly code: string;
  readonly message: string;
  readonly mac: Mac | null;
  readonly ip: IpAddress;
  readonly operations: readonly string[];
  /** Digest of what the message said: the same id with something else in it is worth a word. */
  readonly fingerprint: string;
}

export interface Clearing {
  readonly client: string;
  readonly hold: Hold;
  readonly target: IpAddress | Mac;
}

export interface EventMemory {
  /** Strongly consistent; what is older than `rememberedMs` is absent. */
  readonly answerTo: (tenant: TenantId, client: string, eventId: string, now: number) => Promise<RememberedAnswer | undefined>; // prettier-ignore
  readonly remember: (tenant: TenantId, client: string, eventId: string, answer: RememberedAnswer, now: number) => Promise<void>; // prettier-ignore
  /** When the newest clear of these occurred, by the client's clock; strongly consistent. */
  readonly clearedAt: (tenant: TenantId, clearings: readonly Clearing[], now: number) => Promise<number | undefined>;
  /** The newest one stays, whatever order they come in. */
  readonly noteClear: (tenant: TenantId, clearing: Clearing, occurredAt: number, now: number) => Promise<void>;
}
