/** What must be there after all that was told, by the naive reading of the rules, and what is there instead. */
import type { Observation } from '../../shared/identity/observation.ts';
import { observe } from '../../shared/identity/observe.ts';
import { readPost } from '../../shared/wire/clearpass/post-xml.ts';
import { type Told, whoIsThere } from '../identity/model/reference.ts';
import { told } from '../support/observations.ts';
import { call } from '../end-to-end/service.ts';

/** Who is at an address, in the words of `GET /v1/entries`. */
export interface Standing {
  readonly ip: string;
  readonly state: string;
  readonly domain: string | null;
  readonly user: string | null;
  readonly groups: readonly string[];
  /** Seconds since 1970; the load tells no parts of them. */
  readonly instant: number;
}

/** What these posts tell, each of their entries being sound. */
export function observationsIn(bodies: readonly string[], arrivedAt: number): readonly Observation[] {
  const arrival = { origin: 'aruba-clearpass', arrivedAt, order: 'by-instant' } as const;
  return bodies.flatMap((body) =>
    readPost(Buffer.from(body)).map((posted) => {
      const observed = observe(posted, arrival);
      if ('fault' in observed) throw new Error(`The load is wrong: ${observed.fault.message}`);
      return observed.observation;
    }),
  );
}

/** Whom all of it leaves at each address. The order in which it arrived must not matter, so it is told by its instants. */
export function expectedOf(observations: readonly Observation[]): ReadonlyMap<string, Standing> {
  const byAddress = Map.groupBy(observations, ({ ip }) => ip);
  const expected = new Map<string, Standing>();
  for (const [ip, all] of byAddress) {
    const facts: Told[] = all
      .toSorted((one, other) => one.instant - other.instant)
      .map((observation, index) => ({ event: told(observation, 0), at: index }));
    const present = whoIsThere(facts, facts.length);
    if (present === undefined) continue;
    const { domain, user, groups, instant } = present;
    expected.set(ip, { ip, state: 'valid', domain, user, groups, instant: secondsOf(instant) });
  }
  return expected;
}

type Listed = Omit<Standing, 'instant'> & { readonly instant: string | null };

const secondsOf = (micros: number) => Math.round(micros / 1_000_000);

/** All live entries of a tenant whose address passes. */
export async function standingIn(url: string, authorization: string, isMeant: (ip: string) => boolean) {
  const found = new Map<string, Standing>();
  for (let cursor = ''; ;) {
    const { status, body } = await call(url, `GET /v1/entries?limit=1000${cursor}`, authorization);
    if (status !== 200) throw new Error(`The list of entries is answered ${status}.`);
    for (const { ip, state, domain, user, groups, instant } of body.items as Listed[]) {
      if (isMeant(ip))
        found.set(ip, { ip, state, domain, user, groups, instant: secondsOf(Date.parse(instant ?? '') * 1_000) });
    }
    if (body.next === null) return found;
    cursor = `&cursor=${encodeURIComponent(body.next as string)}`;
  }
}

export interface Wrong {
  readonly kind: 'lost' | 'stale' | 'different';
  readonly expected: Standing | undefined;
  readonly found: Standing | undefined;
}

/** `lost`: somebody is missing. `stale`: an older word stands over a newer one. */
export function compare(
  expected: ReadonlyMap<string, Standing>,
  found: ReadonlyMap<string, Standing>,
): readonly Wrong[] {
  const addresses = [...new Set([...expected.keys(), ...found.keys()])];
  return addresses.flatMap((ip) => {
    const [wanted, is] = [expected.get(ip), found.get(ip)];
    if (JSON.stringify(wanted) === JSON.stringify(is)) return [];
    return [{ kind: kindOf(wanted, is), expected: wanted, found: is }];
  });
}

function kindOf(expected: Standing | undefined, found: Standing | undefined): Wrong['kind'] {
  if (found === undefined) return 'lost';
  if (expected === undefined) return 'stale';
  return found.instant < expected.instant ? 'stale' : 'different';
}
