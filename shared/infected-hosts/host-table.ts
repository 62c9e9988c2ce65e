/** The infected hosts of tenants: read, advanced, and replaced if nobody was quicker. */
import type { Mac } from '../endpoints/mac.ts';
import type { IpAddress } from '../identity/address.ts';
import { ServiceError } from '../service-error.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import { advance, type AdvancedHost, type HostCircumstances, type HostOutcome } from './advance.ts';
import type { HostEvent } from './events.ts';
import type { InfectedHost, Operation } from './host.ts';

/** New at every write, and by chance. */
export type HostRevision = string & { readonly brand: 'HostRevision' };

export interface StoredHost {
  readonly host: InfectedHost;
  readonly revision: HostRevision;
}

export interface HostStore {
  /** Strongly consistent. */
  readonly read: (tenant: TenantId, ip: IpAddress) => Promise<StoredHost | undefined>;
  /** If it is still as it was read; `undefined` for `host` removes it. */
  readonly replace: (tenant: TenantId, ip: IpAddress, host: InfectedHost | undefined, read: StoredHost | undefined) => Promise<'replaced' | 'conflict'>; // prettier-ignore
  /** By address as text, strongly consistent. */
  readonly list: (tenant: TenantId, page: { readonly limit: number; readonly after?: IpAddress }) => Promise<{ readonly hosts: readonly StoredHost[]; readonly next?: IpAddress }>; // prettier-ignore
  /** Addresses of hosts of which some connector was told of this device, or is to be. */
  readonly ofDevice: (tenant: TenantId, mac: Mac) => Promise<readonly IpAddress[]>;
  /** Addresses of those that are to be kept out, as text, strongly consistent: nothing of the hosts themselves is read. */
  readonly keptOut: (tenant: TenantId, page: { readonly limit: number; readonly after?: IpAddress }) => Promise<{ readonly ips: readonly IpAddress[]; readonly next?: IpAddress }>; // prettier-ignore
  /** Addresses of hosts with operations that are due by then: those that were not told again in time, or failed. */
  readonly due: (tenant: TenantId, until: number, limit: number) => Promise<readonly IpAddress[]>;
}

export interface HostTable {
  readonly hosts: HostStore;
  readonly now: () => number;
  readonly newId: () => string;
}

const tries = 5;

/** What happens, one thing after another in one write, in the light of what is there. */
export type HostEvents = readonly [HostEvent, ...HostEvent[]];
export type HostRule = (read: InfectedHost | undefined) => HostEvent | HostEvents | undefined;

export interface HostAdvanced {
  readonly before: InfectedHost | undefined;
  readonly host: InfectedHost | undefined;
  /** Of the first event. */
  readonly outcome: HostOutcome;
  /** Those that were made now, which connectors have to be sent. */
  readonly operations: readonly Operation[];
}

/** Throws `busy` where others keep changing the host. `undefined`: the rule had no event. */
export async function advanceHost(
  { hosts, now, newId }: HostTable,
  tenant: TenantId,
  ip: IpAddress,
  eventOrRule: HostEvent | HostEvents | HostRule,
): Promise<HostAdvanced | undefined> {
  for (let attempt = 0; attempt < tries; attempt++) {
    const stored = await hosts.read(tenant, ip);
    const before = stored?.host;
    const happened = typeof eventOrRule === 'function' ? eventOrRule(before) : eventOrRule;
    if (happened === undefined) return undefined;
    const advanced = following(before, happened, { ip, now: now(), newId });
    const { host } = advanced;
    if (host === before || (await hosts.replace(tenant, ip, host, stored)) === 'replaced') {
      const known = new Set(before?.operations.map(({ id }) => id));
      const operations = host?.operations.filter(({ id }) => !known.has(id)) ?? [];
      return { ...advanced, before, operations };
    }
  }
  throw new ServiceError(
    'busy',
    `The infected host ${ip} is being changed by others all the time. Repeat the request.`,
  );
}

function following(
  before: InfectedHost | undefined,
  happened: HostEvent | HostEvents,
  circumstances: HostCircumstances,
): AdvancedHost {
  const [first, ...others] = 'kind' in happened ? ([happened] as const) : happened;
  return others.reduce(
    ({ host, outcome }, event) => ({ host: advance(host, event, circumstances).host, outcome }),
    advance(before, first, circumstances),
  );
}
