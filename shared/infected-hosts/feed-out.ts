/**
 * The feed for firewalls that know nothing of us but an address to poll: the addresses of all hosts that are to be kept
 * out, one prefix a line. It is served from one item, and made anew once that is fifteen seconds old, by one of those who
 * ask. Where it cannot be made the last one is served: a firewall that is answered with an error keeps what it has, and
 * one that is answered with less than there is lets hosts in.
 */
import { createHash } from 'node:crypto';
import { addressBits } from '../decisions/address-bits.ts';
import type { EndpointStore } from '../endpoints/endpoint-table.ts';
import type { Endpoint } from '../endpoints/endpoint.ts';
import { readHeldAddresses } from '../endpoints/held-addresses.ts';
import { accessOf, ipsOf, reasonsAt } from '../endpoints/holds.ts';
import { addressesAt } from '../endpoints/sessions.ts';
import type { IpAddress } from '../identity/address.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import type { HostStore } from './host-table.ts';

export interface Feed {
  readonly text: string;
  /** Of the text alone: the same addresses have the same, whoever made it and when. */
  readonly version: string;
  /** When what it says was read. */
  readonly madeAt: number;
}

export interface Claim {
  readonly id: string;
  readonly now: number;
  /** Until then nobody else makes it, unless it is put before. */
  readonly untilAt: number;
}

export interface FeedOutStore {
  /** Strongly consistent. */
  readonly read: (tenant: TenantId) => Promise<Feed | undefined>;
  /** For one caller only, and only while what stands is what was read. */
  readonly claim: (tenant: TenantId, read: Feed | undefined, claim: Claim) => Promise<'claimed' | 'taken'>;
  /** Ends the claim. Of one that has been overtaken nothing is kept. */
  readonly put: (tenant: TenantId, feed: Feed, claim: Pick<Claim, 'id'>) => Promise<void>;
}

export interface MakeFeed {
  readonly endpoints: Pick<EndpointStore, 'held' | 'read' | 'at'>;
  readonly hosts: Pick<HostStore, 'keptOut'>;
  readonly now: () => number;
}

export interface ServeFeed extends MakeFeed {
  readonly feeds: FeedOutStore;
  readonly newId: () => string;
  /** Hears why the feed could not be made, while the last one is served. */
  readonly notMade: (tenant: TenantId, error: unknown) => void;
}

/** A host that is held is in the feed so long after at the latest, if anybody asks. */
export const freshMs = 15_000;

/** `untilAt`: when the caller has certainly ended, finished or not. */
export async function serveFeed(deps: ServeFeed, tenant: TenantId, untilAt: number): Promise<Feed> {
  const { feeds, now, newId, notMade } = deps;
  const standing = await feeds.read(tenant);
  if (standing !== undefined && now() < standing.madeAt + freshMs) return standing;
  const claim = { id: newId(), now: now(), untilAt };
  if ((await feeds.claim(tenant, standing, claim)) === 'taken') return standing ?? makeFeed(deps, tenant);
  try {
    const feed = await makeFeed(deps, tenant);
    await feeds.put(tenant, feed, claim);
    return feed;
  } catch (error) {
    if (standing === undefined) throw error;
    // The claim stays until its time has passed: whoever cannot be read is not asked by every poll.
    notMade(tenant, error);
    return standing;
  }
}

export async function makeFeed(deps: MakeFeed, tenant: TenantId): Promise<Feed> {
  const madeAt = deps.now();
  const [held, listed] = await Promise.all([addressesOfHeld(deps, tenant), addressesOfListed(deps, tenant)]);
  const text = textOf([...held, ...listed]);
  return { text, version: createHash('sha256').update(text).digest('base64url').slice(0, 22), madeAt };
}

/** One a line, IPv4 before IPv6, each by number. */
export function textOf(ips: readonly IpAddress[]): string {
  const all = [...new Set(ips)].map((ip) => ({ ip, bits: addressBits(ip) }));
  const fours = all.flatMap(({ ip, bits }) => (typeof bits === 'number' ? [{ ip, bits: bits >>> 0 }] : []));
  const sixes = all.flatMap(({ ip, bits }) => (typeof bits === 'string' ? [{ ip, bits }] : []));
  fours.sort((one, other) => one.bits - other.bits);
  sixes.sort((one, other) => (one.bits < other.bits ? -1 : 1));
  return [...fours.map(({ ip }) => `${ip}/32\n`), ...sixes.map(({ ip }) => `${ip}/128\n`)].join('');
}

const addressesAtOnce = 100;

/**
 * The addresses that held endpoints have now. One that a reason was opened through, and that the endpoint has left, counts
 * until somebody else has had it: about these alone the places of the address are asked.
 */
async function addressesOfHeld({ endpoints, now }: MakeFeed, tenant: TenantId): Promise<readonly IpAddress[]> {
  const stored = await endpoints.read(tenant, await endpoints.held(tenant));
  const all = stored.flatMap((each) => each?.endpoint ?? []);
  const has = new Set(all.flatMap((endpoint) => heldNow(endpoint, now())));
  const opened = new Set(all.flatMap((endpoint) => reasonsAt(endpoint, now()).flatMap(ipsOf)));
  const left = [...opened].filter((ip) => !has.has(ip));
  const still: IpAddress[] = [];
  for (let at = 0; at < left.length; at += addressesAtOnce) {
    const held = await readHeldAddresses(endpoints, tenant, left.slice(at, at + addressesAtOnce), now);
    still.push(...held.keys());
  }
  return [...has, ...still];
}

/** A hold for one session is for its address alone. */
const heldNow = (endpoint: Endpoint, now: number): readonly IpAddress[] =>
  addressesAt(endpoint, now)
    .filter(({ session }) => accessOf(endpoint, now, session ?? undefined).access !== 'full')
    .map(({ ip }) => ip);

const hostsAtOnce = 20_000;

/** Those of a feed: what it lists is an address, whoever has it. */
async function addressesOfListed({ hosts }: MakeFeed, tenant: TenantId): Promise<readonly IpAddress[]> {
  const found: IpAddress[] = [];
  let after: IpAddress | undefined;
  do {
    const { ips, next } = await hosts.keptOut(tenant, { limit: hostsAtOnce, ...(after !== undefined && { after }) });
    found.push(...ips);
    after = next;
  } while (after !== undefined);
  return found;
}
