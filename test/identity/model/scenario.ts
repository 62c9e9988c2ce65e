/** Scenarios: who does what in the world, how its clock moves, and every chance in it. Small, so that all meet often. */
import fc from 'fast-check';
import type { Change } from '../../../shared/identity/authentication-table.ts';
import type { Event } from '../../../shared/identity/advance.ts';
import { never } from '../../../shared/identity/entry.ts';
import type { TenantId } from '../../../shared/tenancy/tenant.ts';
import type { IpAddress } from '../../../shared/identity/address.ts';
import { acme, aLogoff, aLogon, deleted, desk, globex, hours, instant, told } from '../../support/observations.ts';
import { changeBySteps } from './change-by-steps.ts';
import { asBuilt, type Fate, type Keeping, newWorld, type Place, type World } from './world.ts';

/** How time goes by: a little, to about where an entry expires, or until TTL may, or not yet may, forget it. */
type Move = 'moment' | 'before-expiry' | 'expiry' | 'half-day' | 'day' | 'sweep';

/** What is done in one call: a post or a delete, at one address or two. */
interface Errand {
  readonly tenant: TenantId;
  readonly changes: readonly Change[];
}

export interface Scenario {
  readonly errands: readonly Errand[];
  /** Each sender's errands, by number: one that stands here twice is a repeated post. */
  readonly senders: readonly { readonly skewMs: number; readonly errands: readonly number[] }[];
  readonly moves: readonly Move[];
  readonly steps: readonly number[];
  readonly fates: readonly Fate[];
}

const place = (tenant: TenantId, ip: string): Place => ({ tenant, key: { ip: ip as IpAddress, slot: 'userid' } });
const [atDesk, atPhone, elsewhere] = [place(acme, desk), place(acme, '2001:db8::50'), place(globex, desk)] as const;
const places = [atDesk, atPhone, elsewhere];

const user = fc.constantFrom('alice', 'bob');
const domain = fc.constantFrom('acme', 'globex');
const afterNoon = fc.integer({ min: 0, max: 4 }).map((micros) => ({ instant: instant(micros) }));
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });

const logon: fc.Arbitrary<Event> = fc
  .tuple(user, domain, fc.constantFrom([], ['staff']), afterNoon, fc.constantFrom(10, 30, 0))
  .map(([user, domain, groups, at, timeout]) => told(aLogon({ user, domain, groups, ...at }), timeout));

const logoff: fc.Arbitrary<Event> = fc
  .tuple(maybe(user), maybe(domain), afterNoon)
  .map(([user, domain, at]) => told(aLogoff({ ...(user && { user }), ...(domain && { domain }), ...at })));

const posted = fc.array(fc.oneof({ arbitrary: logon, weight: 3 }, { arbitrary: logoff, weight: 2 }), {
  minLength: 1,
  maxLength: 3,
});

const errand: fc.Arbitrary<Errand> = fc
  .tuple(
    fc.oneof({ arbitrary: posted, weight: 5 }, { arbitrary: fc.constant([deleted]), weight: 1 }),
    fc.oneof(
      { arbitrary: fc.constant([atDesk]), weight: 6 },
      { arbitrary: fc.constant([atDesk, atPhone]), weight: 1 },
      { arbitrary: fc.constant([elsewhere]), weight: 1 },
    ),
  )
  .map(([events, at]) => ({
    tenant: at[0].tenant,
    changes: at.map(({ key }) => ({ key, events })),
  }));

const move = fc.constantFrom<Move[]>(
  'moment',
  'before-expiry',
  'before-expiry',
  'expiry',
  'half-day',
  'day',
  'day',
  'sweep',
);

export const scenario: fc.Arbitrary<Scenario> = fc.record({
  errands: fc.array(errand, { minLength: 1, maxLength: 5 }),
  senders: fc.array(
    fc.record({
      skewMs: fc.constantFrom(0, -1_000, 1_000),
      errands: fc.array(fc.nat({ max: 4 }), { minLength: 1, maxLength: 4 }),
    }),
    { minLength: 2, maxLength: 4 },
  ),
  moves: fc.array(move, { maxLength: 8 }),
  steps: fc.noBias(fc.array(fc.nat({ max: 11 }), { maxLength: 60, size: 'max' })),
  fates: fc.array(
    fc.oneof(
      { arbitrary: fc.constant<Fate>('arrives'), weight: 12 },
      { arbitrary: fc.constantFrom<Fate[]>('late', 'late', 'lost', 'unheard', 'twice', 'refused'), weight: 4 },
    ),
    { maxLength: 40, size: 'max' },
  ),
});

/** Plays a scenario to its end. Throws where the table ever shows what it may not. */
export async function play(scenario: Scenario, keeping: Keeping = asBuilt): Promise<readonly string[]> {
  const [steps, fates] = [scenario.steps.values(), scenario.fates.values()];
  const chances = {
    step: (count: number) => (steps.next().value ?? 0) % count,
    fate: () => fates.next().value ?? 'arrives',
  };
  const world = newWorld(places, chances, keeping);
  const senders = scenario.senders.map(({ skewMs, errands }, index) => async () => {
    for (const number of errands) {
      const errand = scenario.errands[number % scenario.errands.length];
      if (errand) await changeBySteps(world, { name: `sender ${index + 1}`, skewMs }, errand.tenant, errand.changes);
    }
  });
  return world.run([...senders, async () => timeGoesBy(world, scenario.moves)]);
}

async function timeGoesBy(world: World, moves: readonly Move[]) {
  for (const move of moves) {
    await world.turn();
    if (move !== 'sweep') await world.moveClock((clock, expiries) => moved[move](clock, nextOf(expiries, clock)));
    if (move === 'sweep' || move === 'half-day' || move === 'day') await world.sweep();
  }
}

const moved: Record<Exclude<Move, 'sweep'>, (clock: number, nextExpiry: number) => number> = {
  moment: (clock) => clock + 1,
  'before-expiry': (_, nextExpiry) => nextExpiry - 500,
  expiry: (_, nextExpiry) => nextExpiry,
  'half-day': (clock) => clock + hours(12),
  day: (clock) => clock + hours(25),
};

/** The next expiry that lies far enough ahead; where nothing expires, a second from now. */
function nextOf(expiries: readonly number[], clock: number) {
  const ahead = expiries.filter((at) => at > clock + 500 && at < never);
  return ahead.length > 0 ? Math.min(...ahead) : clock + 1_000;
}
