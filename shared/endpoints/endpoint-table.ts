/** The endpoints of tenants: read, advanced, and replaced if nobody was quicker. */
import type { IpAddress } from '../identity/address.ts';
import { ServiceError } from '../service-error.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import { advance, type Advanced } from './advance.ts';
import type { Endpoint, ThreatMessage } from './endpoint.ts';
import type { EndpointEvent } from './events.ts';
import type { Mac } from './mac.ts';

/** New at every write, and by chance, so that no slow writer takes an older state for the one that it read. */
export type EndpointRevision = string & { readonly brand: 'EndpointRevision' };

export interface StoredEndpoint {
  readonly endpoint: Endpoint;
  readonly revision: EndpointRevision;
}

/** An event that waits for a session that had its address when it occurred. */
export interface PendingMessage {
  readonly message: ThreatMessage;
  readonly client: string;
  readonly template: string;
  readonly receivedAt: number;
  /** When it ends unmatched. */
  readonly until: number;
}

/** A moment more than by its time: whoever has begun to follow it before then has ended by now. */
export const isPastWaiting = ({ until }: PendingMessage, now: number): boolean => until + 30_000 <= now;

/** What has to be looked at at a time, because time alone changes it. */
export type Due =
  | { readonly kind: 'endpoint'; readonly mac: Mac; readonly at: number }
  /** Messages that wait for this address. */
  | { readonly kind: 'pending'; readonly ip: IpAddress; readonly at: number };

export interface PlacesOfAddress {
  /** Who may have, or have had, the address. */
  readonly macs: readonly Mac[];
  /** When it was last written that each of them may: at most two days ago for whoever has it now. Infinity: it lasts. */
  readonly renewedAt: ReadonlyMap<Mac, number>;
  /** What waits for it. */
  readonly pending: readonly PendingMessage[];
}

export interface EndpointStore {
  /** Strongly consistent. */
  readonly read: (tenant: TenantId, macs: readonly Mac[]) => Promise<readonly (StoredEndpoint | undefined)[]>;
  /** What leads to it first, then itself, if it is still as it was read. */
  readonly replace: (tenant: TenantId, endpoint: Endpoint, read: StoredEndpoint | undefined) => Promise<'replaced' | 'conflict'>; // prettier-ignore
  /** Strongly consistent. */
  readonly at: (tenant: TenantId, ip: IpAddress) => Promise<PlacesOfAddress>;
  readonly onNas: (tenant: TenantId, nas: IpAddress) => Promise<readonly Mac[]>;
  /** Those with changes of authorization that may have to be sent. */
  readonly withChanges: (tenant: TenantId) => Promise<readonly Mac[]>;
  /** Takes one that was read without such from their list, unless it has been changed since. */
  readonly withoutChanges: (tenant: TenantId, read: StoredEndpoint) => Promise<void>;
  /** Those that are held, by MAC, and some that no longer are or never were: the endpoint itself says. */
  readonly held: (tenant: TenantId) => Promise<readonly Mac[]>;
  /** By MAC. */
  readonly list: (tenant: TenantId, page: { readonly limit: number; readonly after?: Mac }) => Promise<{ readonly endpoints: readonly Endpoint[]; readonly next?: Mac }>; // prettier-ignore
  readonly putPending: (tenant: TenantId, pending: PendingMessage) => Promise<void>;
  /** `removed` for one caller only. */
  readonly removePending: (tenant: TenantId, pending: PendingMessage) => Promise<'removed' | 'absent'>;
  readonly due: (tenant: TenantId, until: number, limit: number) => Promise<readonly Due[]>;
  readonly removeDue: (tenant: TenantId, due: Due) => Promise<void>;
}

export interface EndpointTable {
  readonly endpoints: EndpointStore;
  readonly now: () => number;
  readonly newId: () => string;
}

const tries = 5;

/** The event, or what event it is in the light of what is there. `undefined`: none after all. */
export type EventOrRule = EndpointEvent | ((read: Endpoint | undefined) => EndpointEvent | undefined);

export interface AdvancedEndpoint extends Advanced {
  readonly before: Endpoint | undefined;
}

/** Throws `busy` where others keep changing the endpoint. */
export async function advanceEndpoint(
  { endpoints, now, newId }: EndpointTable,
  tenant: TenantId,
  mac: Mac,
  eventOrRule: EventOrRule,
): Promise<AdvancedEndpoint | undefined> {
  for (let attempt = 0; attempt < tries; attempt++) {
    const [stored] = await endpoints.read(tenant, [mac]);
    const before = stored?.endpoint;
    const event = typeof eventOrRule === 'function' ? eventOrRule(before) : eventOrRule;
    if (event === undefined) return undefined;
    const advanced = advance(before, event, { mac, now: now(), newId });
    if (advanced.endpoint === before) return { ...advanced, before };
    if ((await endpoints.replace(tenant, advanced.endpoint, stored)) === 'replaced') return { ...advanced, before };
  }
  throw new ServiceError('busy', `The endpoint ${mac} is being changed by others all the time. Repeat the request.`);
}
