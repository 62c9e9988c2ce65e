/** The event log: one line for every threat action that came, whatever became of it, and for what followed by itself. */
import type { IpAddress } from '../identity/address.ts';
import type { Mac } from '../endpoints/mac.ts';
import type { TenantId } from '../tenancy/tenant.ts';

export const eventStates = [
  'applied',
  'pending',
  'ignored',
  'held-for-approval',
  'replay',
  'stale',
  'refused',
  'expired-unmatched',
  'released',
  /** Nothing was done or to be done: something is to be known. */
  'noted',
] as const;
export type EventState = (typeof eventStates)[number];

export interface EventLine {
  readonly id: string;
  readonly at: number;
  readonly state: EventState;
  /** What became of it, more exactly: a code that is never renamed. */
  readonly code: string;
  /** One sentence: what was done, or why nothing was, and how to mend it. */
  readonly message: string;
  /** As the message called it; of an operator's act `operator-block` and the like. Null where it could not be read. */
  readonly event: string | null;
  readonly sender: { readonly kind: 'client' | 'feed' | 'operator' | 'postern'; readonly name: string | null };
  readonly credentialName: string | null;
  readonly clientAddress: string | null;
  readonly template: string | null;
  readonly eventId: string | null;
  readonly occurredAt: number | null;
  readonly mac: Mac | null;
  readonly ip: IpAddress | null;
  readonly user: string | null;
  readonly severity: string | null;
  readonly threatName: string | null;
  /** The admission policy that matched, and what it does. */
  readonly policy: string | null;
  readonly action: string | null;
  readonly role: string | null;
  /** What held it, or is worth a look: `allow-list`, `ambiguous-address`, `outside-networks`, `mac-randomised`, `log-only`, `blast-radius`, `shared-address`. */
  readonly flags: readonly string[];
  /** Ids of the changes of authorization that it made necessary. */
  readonly changes: readonly string[];
  readonly requestId: string | null;
  /** Id of the bulk act, poll or push that it is a part of. */
  readonly cause?: string;
  /** Of an undo: the id of the event that is taken back. */
  readonly undo?: string;
}

/** A line of what happened by itself: no message came that it could tell of. */
export const bareLine = {
  credentialName: null,
  clientAddress: null,
  template: null,
  eventId: null,
  occurredAt: null,
  mac: null,
  ip: null,
  user: null,
  severity: null,
  threatName: null,
  policy: null,
  action: null,
  role: null,
  flags: [],
  changes: [],
  requestId: null,
} as const satisfies Partial<EventLine>;

export interface EventFilter {
  readonly from?: number;
  readonly to?: number;
  readonly mac?: Mac;
  readonly ip?: IpAddress;
  readonly user?: string;
  readonly state?: EventState;
  readonly event?: string;
  readonly sender?: string;
}

export interface LogPage {
  readonly limit: number;
  readonly cursor?: string;
  /** Epoch milliseconds: what is not read by then is left to the next page. */
  readonly untilAt?: number;
}

export interface EventLog {
  /** Every line by its day, and those that name a MAC by it too. Once more with the same id changes nothing. */
  readonly tell: (tenant: TenantId, lines: readonly EventLine[]) => Promise<void>;
  /** The newest first. */
  readonly find: (tenant: TenantId, filter: EventFilter, page: LogPage) => Promise<{ readonly lines: readonly EventLine[]; readonly next?: string }>; // prettier-ignore
}
