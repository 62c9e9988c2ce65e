/**
 * Addresses that others than a switch tell of an endpoint: logon posts and answers to user queries that name a MAC. They
 * are taught to endpoints that are known, and make none: a post tells of thousands of devices that nobody ever holds.
 */
import type { ThreatResponse } from '../configuration/threat-response.ts';
import type { IpAddress } from '../identity/address.ts';
import type { Logon } from '../identity/observation.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import type { Address, Endpoint } from './endpoint.ts';
import { advanceEndpoint, type EndpointTable } from './endpoint-table.ts';
import { type Mac, readMac } from './mac.ts';
import { isSelfGiven } from './self-given-address.ts';
import { addressesAt } from './sessions.ts';

export interface ToldAddress {
  readonly mac: Mac;
  readonly ip: IpAddress;
}

export interface TaughtBy {
  readonly source: Extract<Address['source'], 'post' | 'query'>;
  /** Epoch milliseconds: what is not taught by then is left. */
  readonly untilAt: number;
}

/** Never throws: what told it stands without. */
export type Teach = (tenant: TenantId, told: readonly ToldAddress[], by: TaughtBy) => Promise<void>;

/** Where a tenant has neither switches nor clients of admission control there is no endpoint that could be taught. */
export const mayHaveEndpoints = ({
  radiusClients,
  clients,
}: Pick<ThreatResponse<unknown, unknown>, 'radiusClients' | 'clients'>) =>
  radiusClients.length + clients.length > 0 ? ('some' as const) : ('none' as const);

export interface TeachAddresses extends EndpointTable {
  /** What waits for an address of the endpoint is decided. */
  readonly settle: (tenant: TenantId, mac: Mac, ip: IpAddress) => Promise<unknown>;
  /** Hears of what could not be taught, and of the first failure where something failed. */
  readonly untaught: (tenant: TenantId, left: readonly ToldAddress[], error?: unknown) => void;
}

/** Endpoints that are changed at once. */
const atOnce = 16;

/** An address that is told again this soon is no news: nobody asks who had it last to the minute. */
const newsMs = 5 * 60_000;

export const teaching =
  (deps: TeachAddresses): Teach =>
  async (tenant, told, { source, untilAt }) => {
    if (told.length === 0) return;
    try {
      const news = await newsAmong(deps, tenant, told);
      const failures: Failure[] = [];
      let begun = 0;
      while (begun < news.length && deps.now() < untilAt) {
        const group = news.slice(begun, begun + atOnce);
        failures.push(...(await Promise.all(group.map(async (each) => failing(deps, tenant, each, source)))).flat());
        begun += group.length;
      }
      const left = [...failures.map((failure) => failure.told), ...news.slice(begun)];
      if (left.length > 0) deps.untaught(tenant, left, failures[0]?.error);
    } catch (error) {
      deps.untaught(tenant, told, error);
    }
  };

interface Failure {
  readonly told: ToldAddress;
  readonly error: unknown;
}

/** One endpoint that is busy leaves the others as they are. */
async function failing(...[deps, tenant, told, source]: Parameters<typeof teach>): Promise<readonly Failure[]> {
  try {
    await teach(deps, tenant, told, source);
    return [];
  } catch (error) {
    return [{ told, error }];
  }
}

/** Of endpoints that are there, and do not have the address already. Each pair once. */
async function newsAmong({ endpoints, now }: TeachAddresses, tenant: TenantId, told: readonly ToldAddress[]) {
  const usable = told.filter(({ ip }) => !isSelfGiven(ip));
  const distinct = [...new Map(usable.map((each) => [`${each.mac} ${each.ip}`, each])).values()];
  const macs = [...new Set(distinct.map(({ mac }) => mac))];
  const stored = await endpoints.read(tenant, macs);
  const known = new Map(stored.flatMap((each) => (each ? [[each.endpoint.mac, each.endpoint] as const] : [])));
  return distinct.filter(({ mac, ip }) => {
    const endpoint = known.get(mac);
    return endpoint !== undefined && isNews(endpoint, ip, now());
  });
}

const isNews = (endpoint: Endpoint, ip: IpAddress, now: number) =>
  !addressesAt(endpoint, now).some((address) => address.ip === ip && now < address.confirmedAt + newsMs);

async function teach(deps: TeachAddresses, tenant: TenantId, { mac, ip }: ToldAddress, source: TaughtBy['source']) {
  const advanced = await advanceEndpoint(deps, tenant, mac, (read) => read && { kind: 'addressed', ip, source });
  if (advanced) await deps.settle(tenant, mac, ip);
}

/** The MAC that a logon names among the attributes of its device, with the address that it is about. */
export function toldBy({ ip, device }: Logon): readonly ToldAddress[] {
  for (const [name, value] of Object.entries(device.custom ?? {})) {
    const { mac } = name.toLowerCase() === 'mac-address' ? readMac(value) : {};
    if (mac !== undefined) return [{ mac, ip }];
  }
  return [];
}
