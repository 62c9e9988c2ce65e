/** Scenarios: who does what in the world, how its clock moves, and every chance in it. Small, so that all meet often. */
import fc from 'fast-check';
import type { IpAddress } from '../../../shared/identity/address.ts';
import type { Event } from '../../../shared/identity/advance.ts';
import type { Change } from '../../../shared/identity/authentication-table.ts';
import type { Logon, Origin } from '../../../shared/identity/observation.ts';
import type { TenantId } from '../../../shared/tenancy/tenant.ts';
import { acme, aLogoff, aLogon, deleted, desk, globex, instant, told } from '../../support/observations.ts';
import type { Answer, Latency } from './questions-by-steps.ts';
import type { Fate, Place } from './world.ts';

/** How time goes by: a little, to about where something ends, to when a message is due, or until TTL may, or not yet may, forget. */
export type Move = 'moment' | 'before-end' | 'end' | 'message' | 'half-day' | 'day' | 'sweep';

/** What is done in one call: a post or a delete, at one address or two. */
interface Errand {
  readonly tenant: TenantId;
  readonly changes: readonly Change[];
}

export interface Visit {
  readonly place: Place;
  readonly kind: 'missed' | 'forced';
}

/** What may be changed in a configuration while questions are open: minutes, and the seconds of the delay. */
export interface Setting {
  readonly entryTimeout: number;
  readonly invalidTimeout: number;
  readonly delay: number;
  /** Who is asked: ClearPass alone, JIMS alone, or ClearPass and then JIMS, of one server or two. */
  readonly asked: 'clearpass' | 'jims' | 'both' | 'both-and-secondary';
}

export interface Scenario {
  readonly errands: readonly Errand[];
  /** Each sender's errands, by number: one that stands here twice is a repeated post. */
  readonly senders: readonly { readonly skewMs: number; readonly errands: readonly number[] }[];
  readonly missers: readonly { readonly skewMs: number; readonly visits: readonly Visit[] }[];
  /** How often somebody looks for a message in the queue before all else is done. */
  readonly takings: number;
  readonly maxReceives: number;
  /** Used again from the first on, once all have been. */
  readonly answers: readonly [Answer, ...Answer[]];
  readonly settings: readonly [Setting, ...Setting[]];
  readonly skews: readonly [number, ...number[]];
  readonly latencies: readonly [Latency, ...Latency[]];
  readonly moves: readonly Move[];
  readonly steps: readonly number[];
  readonly fates: readonly Fate[];
}

const place = (tenant: TenantId, ip: string): Place => ({ tenant, key: { ip: ip as IpAddress, slot: 'userid' } });
const [atDesk, atPhone, elsewhere] = [place(acme, desk), place(acme, '2001:db8::50'), place(globex, desk)] as const;
export const places: readonly Place[] = [atDesk, atPhone, elsewhere];

const user = fc.constantFrom('alice', 'bob');
const domain = fc.constantFrom('acme', 'globex');
const afterNoon = fc.integer({ min: 0, max: 4 }).map((micros) => ({ instant: instant(micros) }));
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });

/** As ClearPass posts it, and as it answers: the same content, so that one may be the repeat of the other. */
const aUser: fc.Arbitrary<Logon> = fc
  .tuple(user, domain, fc.constantFrom([], ['staff']), afterNoon)
  .map(([user, domain, roles, at]) =>
    aLogon({ user, domain, groups: ['posture-healthy', ...roles], device: { identity: 'laptop' }, ...at }),
  );

const timeout = fc.constantFrom(10, 30, 0);
/** Who tells; ClearPass most often, as its word and the answers have most to do with each other. */
const origin = fc.constantFrom<Origin[]>(
  'aruba-clearpass',
  'aruba-clearpass',
  'aruba-clearpass',
  'aruba-clearpass',
  'identity-management',
  'active-directory',
  'active-directory',
);
const logon: fc.Arbitrary<Event> = fc
  .tuple(aUser, origin, timeout)
  .map(([user, origin, minutes]) => told({ ...user, origin }, minutes));

const logoff: fc.Arbitrary<Event> = fc
  .tuple(maybe(user), maybe(domain), origin, afterNoon)
  .map(([user, domain, origin, at]) =>
    told(aLogoff({ origin, ...(user && { user }), ...(domain && { domain }), ...at })),
  );

const posted = fc.array(fc.oneof({ arbitrary: logon, weight: 3 }, { arbitrary: logoff, weight: 2 }), {
  minLength: 1,
  maxLength: 3,
});

const errand: fc.Arbitrary<Errand> = fc
  .tuple(
    fc.oneof({ arbitrary: posted, weight: 5 }, { arbitrary: fc.constant([deleted]), weight: 2 }),
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

const skew = fc.constantFrom(0, -1_000, 1_000);

const visit: fc.Arbitrary<Visit> = fc.record({
  place: fc.constantFrom(...Array.from({ length: 6 }, () => atDesk), atPhone, elsewhere),
  kind: fc.constantFrom('missed', 'missed', 'missed', 'forced'),
});

const missers: fc.Arbitrary<Scenario['missers']> = fc.array(
  fc.record({ skewMs: skew, visits: fc.array(visit, { minLength: 1, maxLength: 4 }) }),
  { minLength: 2, maxLength: 3 },
);

const answer: fc.Arbitrary<Answer> = fc.oneof(
  { arbitrary: aUser, weight: 3 },
  { arbitrary: fc.constantFrom<Answer[]>('nobody', 'busy', 'refused', 'hang'), weight: 2 },
);

const latency: fc.Arbitrary<Latency> = fc.record({
  turns: fc.constantFrom(0, 4, 16),
  ms: fc.constantFrom(0, 0, 0, 0, 10_000, 29_500, 33_000, 40_000),
});

const setting: fc.Arbitrary<Setting> = fc.record({
  entryTimeout: timeout,
  invalidTimeout: fc.constantFrom(0, 10, 50),
  delay: fc.constantFrom(0, 0, 15),
  asked: fc.constantFrom('clearpass', 'clearpass', 'both', 'both', 'both-and-secondary', 'jims'),
});

const some = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<[T, ...T[]]> =>
  fc.tuple(value, fc.array(value, { maxLength: 2 })).map(([first, others]) => [first, ...others]);

const move = fc.constantFrom<Move[]>(
  'moment',
  'before-end',
  'before-end',
  'end',
  'end',
  'message',
  'message',
  'half-day',
  'day',
  'day',
  'sweep',
);

export const scenario: fc.Arbitrary<Scenario> = fc.record({
  errands: fc.array(errand, { minLength: 1, maxLength: 5 }),
  senders: fc.array(
    fc.record({ skewMs: skew, errands: fc.array(fc.nat({ max: 4 }), { minLength: 1, maxLength: 4 }) }),
    { minLength: 2, maxLength: 4 },
  ),
  missers: fc.oneof({ arbitrary: fc.constant([]), weight: 1 }, { arbitrary: missers, weight: 3 }),
  takings: fc.nat({ max: 16 }),
  maxReceives: fc.constantFrom(5, 5, 5, 2, 1),
  answers: some(answer),
  settings: some(setting),
  skews: some(skew),
  latencies: some(latency),
  moves: fc.array(move, { maxLength: 8 }),
  steps: fc.noBias(fc.array(fc.nat({ max: 11 }), { maxLength: 80, size: 'max' })),
  fates: fc.array(
    fc.oneof(
      { arbitrary: fc.constant<Fate>('arrives'), weight: 12 },
      { arbitrary: fc.constantFrom<Fate[]>('late', 'late', 'lost', 'unheard', 'twice', 'refused'), weight: 4 },
    ),
    { maxLength: 50, size: 'max' },
  ),
});
