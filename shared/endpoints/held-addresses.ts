/**
 * Which addresses are of endpoints that are held. An endpoint counts for an address that it has now; where nobody has it
 * now, for the one that a reason which stands was opened through, until another has had it since.
 */
import type { IpAddress } from '../identity/address.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import type { Access, Address, Endpoint } from './endpoint.ts';
import type { EndpointStore } from './endpoint-table.ts';
import { accessOf, ipsOf, reasonsAt } from './holds.ts';
import type { Mac } from './mac.ts';
import { addressesAt } from './sessions.ts';

export interface HeldAddress {
  readonly mac: Mac;
  readonly access: Exclude<Access, { access: 'full' }>;
  readonly through: 'has-the-address' | 'held-through-the-address';
  readonly since: number;
}

export type HeldAddresses = ReadonlyMap<IpAddress, HeldAddress>;

/** Whoever has an address now is written to have it at most so long ago: a session is heard of every day, and its places are written anew with the first word of a day. */
const renewedMs = 2 * 24 * 3_600_000;

/**
 * One query an address, and the endpoints that may have it now or be held through it. Those that had it once, of which an
 * address of a guest network has hundreds, are read only where somebody is held through it and may have been followed.
 */
export async function readHeldAddresses(
  endpoints: Pick<EndpointStore, 'at' | 'read'>,
  tenant: TenantId,
  ips: readonly IpAddress[],
  now: () => number,
): Promise<HeldAddresses> {
  const from = now() - renewedMs;
  const places = await Promise.all(ips.map(async (ip) => ({ ip, ...(await endpoints.at(tenant, ip)) })));
  const those = (isMeant: (renewedAt: number) => boolean): readonly Candidates[] =>
    places.map(({ ip, renewedAt }) => ({
      ip,
      macs: [...renewedAt].filter(([, at]) => isMeant(at)).map(([mac]) => mac),
    }));
  const likely = those((at) => at >= from);
  const others = those((at) => at < from);
  const known = await readAll(endpoints, tenant, likely);
  const heldNow = (candidates: readonly Candidates[], read: Read) =>
    new Map(
      candidates.flatMap(({ ip, macs }) => {
        const held = heldAddress(macs.flatMap((mac) => read.get(mac) ?? []), ip, now()); // prettier-ignore
        return held ? [[ip, held] as const] : [];
      }),
    );
  const held = heldNow(likely, known);
  const inDoubt = others.filter(({ ip, macs }) => macs.length > 0 && held.get(ip)?.through === 'held-through-the-address'); // prettier-ignore
  if (inDoubt.length === 0) return held;
  const all = new Map([...known, ...(await readAll(endpoints, tenant, inDoubt))]);
  const again = inDoubt.map(({ ip }) => ({ ip, macs: places.find((place) => place.ip === ip)?.macs ?? [] }));
  for (const { ip } of inDoubt) held.delete(ip);
  return new Map([...held, ...heldNow(again, all)]);
}

interface Candidates {
  readonly ip: IpAddress;
  readonly macs: readonly Mac[];
}

type Read = ReadonlyMap<Mac, Endpoint>;

async function readAll(
  endpoints: Pick<EndpointStore, 'read'>,
  tenant: TenantId,
  candidates: readonly Candidates[],
): Promise<Read> {
  const macs = [...new Set(candidates.flatMap((each) => each.macs))];
  if (macs.length === 0) return new Map();
  const read = await endpoints.read(tenant, macs);
  return new Map(read.flatMap((stored) => (stored ? [[stored.endpoint.mac, stored.endpoint] as const] : [])));
}

/** Confirmed within so long of each other, nobody can say which of two endpoints has the address. */
const ambiguousMs = 5 * 60_000;

export function heldAddress(endpoints: readonly Endpoint[], ip: IpAddress, now: number): HeldAddress | undefined {
  const having = endpoints.flatMap((endpoint) => {
    const address = addressesAt(endpoint, now).find((each) => each.ip === ip);
    return address ? [{ endpoint, address }] : [];
  });
  const last = Math.max(...having.map(({ address }) => address.confirmedAt));
  const found =
    having.length > 0
      ? having.filter(({ address }) => address.confirmedAt >= last - ambiguousMs).map((each) => holdingIt(each, now))
      : endpoints.map((endpoint) => heldThrough(endpoint, endpoints, ip, now));
  // Of several the strictest counts: nobody passes because somebody else may be there.
  return found.find((held) => held?.access.access === 'blocked') ?? found.find((held) => held !== undefined);
}

function holdingIt(
  { endpoint, address }: { endpoint: Endpoint; address: Address },
  now: number,
): HeldAddress | undefined {
  // prettier-ignore
  const access = accessOf(endpoint, now, address.session ?? undefined);
  return heldBy(endpoint, access, 'has-the-address', now);
}

function heldThrough(
  endpoint: Endpoint,
  all: readonly Endpoint[],
  ip: IpAddress,
  now: number,
): HeldAddress | undefined {
  // prettier-ignore
  const opened = reasonsAt(endpoint, now).filter((reason) => ipsOf(reason).includes(ip));
  const isLeft = ({ since }: { readonly since: number }) =>
    !all.some(
      (other) => other !== endpoint && other.addresses.some((each) => each.ip === ip && each.confirmedAt > since),
    );
  const still = opened.filter(isLeft);
  if (still.length === 0) return undefined;
  return heldBy(endpoint, accessOf({ ...endpoint, reasons: still }, now), 'held-through-the-address', now);
}

function heldBy(
  endpoint: Endpoint,
  access: Access,
  through: HeldAddress['through'],
  now: number,
): HeldAddress | undefined {
  // prettier-ignore
  if (access.access === 'full') return undefined;
  const hold = access.access === 'blocked' ? 'blocked' : 'quarantined';
  const since = reasonsAt(endpoint, now).filter((reason) => reason.hold === hold).map((reason) => reason.since); // prettier-ignore
  return { mac: endpoint.mac, access, through, since: Math.min(...since) };
}

/** As answers tell it. */
export const heldAddressView = (held: HeldAddress | undefined) =>
  held === undefined
    ? null
    : {
        hold: held.access.access,
        role: held.access.access === 'quarantined' ? held.access.role : null,
        mac: held.mac,
        through: held.through,
        since: new Date(held.since).toISOString(),
      };
