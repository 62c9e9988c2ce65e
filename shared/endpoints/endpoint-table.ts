/** The endpoints of tenants: read, advanced, and replaced if nobody was quicker. */
import type { IpAddress } from '../identity/address.ts';
import { ServiceError } from '../service-error.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import { advance, type Advanced, nextLookAt } from './advance.ts';
import { isUnsettled } from './changes.ts';
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

/** What has to be looked at again at a time, because time alone changes it. */
export type Due =
  | { readonly kind: 'endpoint'; readonly mac: Mac; readonly at: number }
  | { readonly kind: 'pending'; readonly ip: IpAddress; readonly eventId: string; readonly at: number };

/**
 * What leads to an endpoint. Every place is written before the endpoint that it leads to, so it may lead to one that is
 * not there any more, or not yet: whoever follows it looks at the endpoint itself. None is ever missing.
 */
export interface Places {
  /** Addresses that it has, had lately, or that a reason that stands was opened through. */
  readonly ips: readonly IpAddress[];
  /** The switches of its open sessions. */
  readonly nases: readonly IpAddress[];
  /** Whether a change of authorization waits to be sent or answered. */
  readonly changes: 'some' | 'none';
  readonly dueAt: number | undefined;
  /** Whether some reason stands: then its places are kept without end. */
  readonly held: 'held' | 'free';
}

export interface EndpointStore {
  /** Strongly consistent. */
  readonly read: (tenant: TenantId, macs: readonly Mac[]) => Promise<readonly (StoredEndpoint | undefined)[]>;
  /** Its places first, then itself; `read` is what it was advanced from, and what its places were then. */
  readonly replace: (
    tenant: TenantId,
    next: { readonly endpoint: Endpoint; readonly places: Places },
    read: { readonly revision: EndpointRevision; readonly places: Places } | undefined,
  ) => Promise<'replaced' | 'conflict'>;
  /** Who may have, or have had, an address, and what waits for it; strongly consistent. */
  readonly at: (tenant: TenantId, ip: IpAddress) => Promise<{ readonly macs: readonly Mac[]; readonly pending: readonly PendingMessage[] }>; // prettier-ignore
  readonly onNas: (tenant: TenantId, nas: IpAddress) => Promise<readonly Mac[]>;
  /** Those with changes of authorization that may have to be sent. */
  readonly withChanges: (tenant: TenantId) => Promise<readonly Mac[]>;
  /** Takes one from the list of those, if it is still as it was read. */
  readonly withoutChanges: (tenant: TenantId, mac: Mac, read: EndpointRevision) => Promise<void>;
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
    const at = now();
    const advanced = advance(before, event, { mac, now: at, newId });
    if (advanced.endpoint === before) return { ...advanced, before };
    const read = stored && { revision: stored.revision, places: placesOf(stored.endpoint, at) };
    const next = { endpoint: advanced.endpoint, places: placesOf(advanced.endpoint, at) };
    if ((await endpoints.replace(tenant, next, read)) === 'replaced') return { ...advanced, before };
  }
  throw new ServiceError('busy', `The endpoint ${mac} is being changed by others all the time. Repeat the request.`);
}

export function placesOf(endpoint: Endpoint, now: number): Places {
  const ofReasons = endpoint.reasons.flatMap(({ ip }) => ip ?? []);
  return {
    ips: [...new Set([...endpoint.addresses.map(({ ip }) => ip), ...ofReasons])],
    nases: [...new Set(endpoint.sessions.filter(({ endedAt }) => endedAt === null).map(({ nas }) => nas))],
    changes: endpoint.changes.some(isUnsettled) ? 'some' : 'none',
    dueAt: nextLookAt(endpoint, now),
    held: endpoint.reasons.length > 0 ? 'held' : 'free',
  };
}
