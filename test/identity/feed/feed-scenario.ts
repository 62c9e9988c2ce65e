/** Who changes entries, who pulls, how a tenant's configuration changes, how time goes by, and every chance in it. */
import fc from 'fast-check';
import { type Configuration, defaults, type SecurityPolicy } from '../../../shared/configuration/configuration.ts';
import type { IpAddress } from '../../../shared/identity/address.ts';
import type { Event } from '../../../shared/identity/advance.ts';
import type { Change, Slot } from '../../../shared/identity/authentication-table.ts';
import type { TenantId } from '../../../shared/tenancy/tenant.ts';
import { acme, aLogoff, aLogon, deleted, desk, globex, instant, told } from '../../support/observations.ts';

/** `late`: others overtake it. `unheard`: it is done, and its sender dies before the answer. `lost`: its sender dies before it. */
export type Fate = 'arrives' | 'late' | 'slow' | 'lost' | 'unheard' | 'twice' | 'refused';

export interface FeedErrand {
  readonly tenant: TenantId;
  readonly changes: readonly Change[];
}

export interface FeedScenario {
  readonly writers: readonly { readonly skewMs: number; readonly errands: readonly FeedErrand[] }[];
  readonly pullers: readonly {
    readonly tenant: TenantId;
    /** Of the function that answers each pull. */
    readonly skews: readonly [number, ...number[]];
    readonly limit: number;
    readonly pulls: number;
  }[];
  /** What acme commits, one after another. */
  readonly commits: readonly Configuration[];
  /** By how many milliseconds the clock moves. */
  readonly moves: readonly number[];
  readonly steps: readonly number[];
  readonly fates: readonly Fate[];
}

const policyOn = (...sourceIdentity: string[]): SecurityPolicy => ({
  name: 'p',
  fromZone: 'trust',
  toZone: 'untrust',
  source: ['any'],
  destination: ['any'],
  applications: ['any'],
  sourceIdentity,
  action: 'permit',
  log: false,
});

export const configurations: readonly [Configuration, ...Configuration[]] = [
  { ...defaults, policies: [policyOn('acme\\staff', 'any')] },
  { ...defaults, policies: [policyOn('*\\posture-healthy')] },
  { ...defaults, policies: [policyOn('acme\\staff')], priorities: { ...defaults.priorities, local: 120 } },
  { ...defaults, policies: [], priorities: { ...defaults.priorities, 'aruba-clearpass': 0 } },
  { ...defaults, policies: [policyOn('staff', 'acme\\alice')], clearpass: { ...defaults.clearpass, userQuery: { ...defaults.clearpass.userQuery, enabled: true } } }, // prettier-ignore
];

const addresses = [desk, '2001:db8::50', '192.0.2.51'] as IpAddress[];
const micros = fc.integer({ min: 0, max: 5 }).map((after) => ({ instant: instant(after) }));

const logon = (origin: 'aruba-clearpass' | 'local'): fc.Arbitrary<Event> =>
  fc
    .tuple(
      fc.constantFrom('alice', 'bob'),
      fc.constantFrom('acme', 'GLOBAL'),
      fc.constantFrom([], ['staff']),
      micros,
      fc.constantFrom(10, 30, 0),
    ) // prettier-ignore
    .map(([user, domain, roles, at, minutes]) =>
      told(aLogon({ origin, user, domain, groups: ['posture-healthy', ...roles], ...at }), minutes),
    );
const logoff = micros.map((at) => told(aLogoff(at)));
const missed: Event = { kind: 'missed', delayMs: 15_000 };

const events: fc.Arbitrary<{ readonly slot: Slot; readonly events: readonly Event[] }> = fc.oneof(
  { arbitrary: logon('aruba-clearpass').map((event) => ({ slot: 'userid' as const, events: [event] })), weight: 5 },
  { arbitrary: logon('local').map((event) => ({ slot: 'local' as const, events: [event] })), weight: 2 },
  { arbitrary: logoff.map((event) => ({ slot: 'userid' as const, events: [event] })), weight: 2 },
  { arbitrary: fc.constantFrom<Slot>('userid', 'local').map((slot) => ({ slot, events: [deleted] })), weight: 2 },
  { arbitrary: fc.constant({ slot: 'userid' as const, events: [missed] }), weight: 1 },
);

const errand: fc.Arbitrary<FeedErrand> = fc
  .tuple(
    fc.constantFrom(acme, acme, acme, acme, globex),
    fc.uniqueArray(fc.constantFrom(...addresses), { minLength: 1, maxLength: 2 }),
    events,
  )
  .map(([tenant, ips, { slot, events: own }]) => ({
    tenant,
    changes: ips.map((ip) => ({ key: { ip, slot }, events: own })),
  }));

const skew = fc.constantFrom(-2_500, 0, 2_500);

export const feedScenario: fc.Arbitrary<FeedScenario> = fc.record({
  writers: fc.array(fc.record({ skewMs: skew, errands: fc.array(errand, { minLength: 1, maxLength: 3 }) }), {
    minLength: 2,
    maxLength: 4,
  }),
  pullers: fc.array(
    fc.record({
      tenant: fc.constantFrom(acme, acme, acme, globex),
      skews: fc.tuple(skew, skew),
      limit: fc.constantFrom(1, 2, 100),
      pulls: fc.integer({ min: 1, max: 6 }),
    }),
    { minLength: 1, maxLength: 2 },
  ),
  commits: fc.oneof(
    { arbitrary: fc.constant([]), weight: 3 },
    { arbitrary: fc.array(fc.constantFrom(...configurations), { maxLength: 2 }), weight: 1 },
  ),
  moves: fc.array(fc.constantFrom(1, 4_000, 9_000, 12_000, 16_000, 16_000, 30_000, 70_000, 11 * 60_000, 61 * 60_000), {
    maxLength: 6,
  }),
  steps: fc.noBias(fc.array(fc.nat({ max: 11 }), { maxLength: 120, size: 'max' })),
  fates: fc.array(
    fc.oneof(
      { arbitrary: fc.constant<Fate>('arrives'), weight: 10 },
      { arbitrary: fc.constantFrom<Fate[]>('late', 'late', 'slow', 'lost', 'unheard', 'twice', 'refused'), weight: 4 },
    ),
    { maxLength: 40, size: 'max' },
  ),
});
