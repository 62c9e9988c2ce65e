/** A law: however policies are written, the fast evaluation decides as the plain one does. */
import fc from 'fast-check';
import type { Application, Configuration, SecurityPolicy } from '../../shared/configuration/configuration.ts';
import { applicationName } from '../../shared/decisions/applications.ts';
import { compile } from '../../shared/decisions/compiled-policies.ts';
import { decide, reachesIdentity } from '../../shared/decisions/decide.ts';
import { explain } from '../../shared/decisions/explain.ts';
import type { Flow } from '../../shared/decisions/flow.ts';
import type { Who } from '../../shared/decisions/who.ts';
import type { IpAddress } from '../../shared/identity/address.ts';
import type { Device } from '../../shared/identity/observation.ts';
import { aPolicy } from './examples.ts';
import { naiveMatch } from './naive.ts';

const open = aPolicy({ fromZone: 'any', toZone: 'any' });

type Policies = Pick<Configuration, 'policies' | 'applications' | 'defaultPolicy' | 'endUserProfiles'>;

const cases = Number(process.env.POSTERN_DECISION_CASES ?? 10_000);
const questionsEach = 10;

/** Small alphabets, so that what can meet does. */
const some = <const Word>(...words: readonly Word[]) => fc.constantFrom(...words);
const few = <Word>(word: fc.Arbitrary<Word>) => fc.array(word, { minLength: 1, maxLength: 3 });

const addresses = ['10.1.2.3', '10.1.2.4', '10.1.130.3', '10.200.0.1', '192.0.2.1', '2001:db8::1', '2001:db8:0:8000::1', '2001:db9::ffff:1', '::ffff:10.1.2.3', '::ffff:c000:201', '::a01:203', '64:ff9b::10.1.2.3']; // prettier-ignore
const prefixes = ['any', '0.0.0.0/0', '10.0.0.0/8', '10.1.0.0/16', '10.1.128.0/17', '10.1.2.0/24', '10.1.2.2/31', '10.1.2.3', '10.1.2.3/32', '192.0.2.1', '::/0', '::/64', '2001:db8::/31', '2001:db8::/32', '2001:db8:0:8000::/49', '2001:db8::1', '2001:db8::1/128', '64:ff9b::/96']; // prettier-ignore
/** Mostly one pair of zones, so that its policies are many enough to be kept in either way. */
const zone = fc.oneof({ weight: 4, arbitrary: some('trust') }, some('dmz', 'untrust'));
const policyZone = fc.oneof({ weight: 6, arbitrary: some('trust') }, some('dmz', 'untrust', 'any', 'any'));
const word = fc.oneof(
  { weight: 1, arbitrary: some('any', 'ANY', 'authenticated-user', 'Unauthenticated-User', 'unknown-user') },
  { weight: 4, arbitrary: fc.tuple(some('', '', 'acme\\', 'ACME\\', 'global\\', '*\\', 'a\\'), some('ann', 'Bob', 'staff', 'GUESTS', 'any', 'b\\staff')).map((parts) => parts.join('')) }, // prettier-ignore
);

const attribute = some('device-identity', 'device-group', 'device-identity-groups', 'device-category', 'device-vendor', 'device-model', 'device-os', 'device-os-version', 'Tag', 'tag', 'constructor'); // prettier-ignore
const value = some('laptop', 'windows 10', 'ios', 'apple');
const valueIfAny = fc.option(value, { nil: undefined });
const device: fc.Arbitrary<Device> = fc
  .record({
    identity: valueIfAny,
    groups: fc.option(fc.uniqueArray(value, { maxLength: 2 }), { nil: undefined }),
    category: valueIfAny,
    vendor: valueIfAny,
    model: valueIfAny,
    os: valueIfAny,
    osVersion: valueIfAny,
    custom: fc.option(fc.dictionary(some('Tag', 'tag', 'device-os'), value, { maxKeys: 2 }), { nil: undefined }),
  })
  .map((told) => JSON.parse(JSON.stringify(told)) as Device);

const policies: fc.Arbitrary<Policies> = fc.record({
  policies: fc
    .array(
      fc.record({
        fromZone: policyZone,
        toZone: policyZone,
        source: few(some(...prefixes)),
        destination: few(some(...prefixes)),
        applications: few(
          some('any', 'https', 'junos-HTTPS', 'dns', 'ping', 'web', 'Junos-Web', 'bulk', 'nobody-defined'),
        ),
        sourceIdentity: few(word),
        // Mostly any device, as most policies say nothing of it.
        device: fc.oneof({ weight: 2, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: fc.record({ sourceEndUserProfile: fc.array(some('windows', 'managed', 'apple', 'nobody-defined'), { maxLength: 2 }) }) }), // prettier-ignore
        action: some('permit', 'deny', 'reject'),
      }),
      { maxLength: 60, size: 'max' },
    )
    .map((list) =>
      list.map(({ device, ...each }, place) => ({ ...each, ...device, name: `policy-${place}`, log: false })),
    ),
  applications: fc.uniqueArray(
    fc.record({
      name: some('web', 'bulk', 'junos-dns'),
      protocol: some<Application['protocol']>('tcp', 'udp', 'icmp', 6, 17, 132),
      ports: fc.array(some<number | string>(443, 8080, '1-65535', '400-500', '443-443', '1-52', '54-8079', '32768-65535'), { maxLength: 3 }), // prettier-ignore
    }),
    { selector: ({ name }) => name, maxLength: 3 },
  ),
  defaultPolicy: some('deny', 'permit'),
  endUserProfiles: fc.uniqueArray(
    fc.record({
      name: some('windows', 'managed', 'apple'),
      domain: some(null, null, 'acme', 'GLOBAL', 'Global'),
      attributes: few(fc.record({ name: attribute, values: few(some('laptop', 'WINDOWS 10', 'ios', 'Apple')) })),
    }),
    { selector: ({ name }) => name, maxLength: 3 },
  ),
});

const flow: fc.Arbitrary<Flow> = fc
  .record({
    sourceIp: some(...addresses).map((text) => text as IpAddress),
    destinationIp: some(...addresses),
    fromZone: zone,
    toZone: zone,
    service: fc.oneof(
      some('https', 'junos-https', 'DNS', 'web', 'nobody-defined', 'unheard-of').map((name) => ({ application: applicationName(name) })), // prettier-ignore
      fc.record({ protocol: some(6, 17), destinationPort: some(0, 1, 52, 53, 54, 443, 500, 501, 8079, 8080, 32_767, 65_535) }), // prettier-ignore
      some({ protocol: 1 }, { protocol: 6 }, { protocol: 132, destinationPort: 443 }),
    ),
  })
  .map(({ service, ...rest }) => ({ ...rest, ...service }));

const who: fc.Arbitrary<Who> = fc.oneof(
  { weight: 1, arbitrary: some<Who>({ state: 'invalid' }, { state: 'pending' }, { state: 'init' }, { state: 'none' }) },
  {
    weight: 3,
    arbitrary: fc.record({
      state: some('valid' as const),
      domain: some('GLOBAL', 'acme', 'a', 'a\\b'),
      user: some('ann', 'bob', 'staff'),
      groups: fc.uniqueArray(some('staff', 'guests', 'any', 'b\\staff', 'unnamed'), { maxLength: 4 }),
      device,
      origin: some('aruba-clearpass' as const, 'local' as const),
    }),
  },
);

const questions = fc.array(fc.tuple(flow, who), { minLength: questionsEach, maxLength: questionsEach });

test(`the first policy that matches decides, in ${cases} cases as in the plain evaluation`, () => {
  fc.assert(
    fc.property(policies, questions, (configuration, asked) => {
      const compiled = compile(configuration);
      for (const [flow, who] of asked) {
        const expected = naiveMatch(configuration, flow, who);
        const { policy, action } = decide(compiled, flow, who);

        expect([policy, action]).toEqual([expected?.name ?? 'default-policy', expected?.action ?? configuration.defaultPolicy]); // prettier-ignore
      }
    }),
    { numRuns: cases / questionsEach },
  );
});

/** Each matches everything but for one thing that no flow has. */
const others = [
  { source: ['203.0.113.9'] },
  { destination: ['203.0.113.9'] },
  { applications: ['gopher'] },
  { sourceIdentity: ['acme\\nobody'] },
].map((told) => aPolicy({ fromZone: 'trust', toZone: 'trust', ...told }));

test('the same among a thousand policies that match nothing', () => {
  fc.assert(
    fc.property(policies, questions, (configuration, asked) => {
      const among = Array.from({ length: Math.ceil(1_000 / others.length / (configuration.policies.length + 1)) }, () => others).flat(); // prettier-ignore
      const compiled = compile({
        ...configuration,
        policies: configuration.policies.flatMap((policy) => [...among, policy]),
      });
      for (const [flow, who] of asked) {
        expect(decide(compiled, flow, who).policy).toBe(naiveMatch(configuration, flow, who)?.name ?? 'default-policy');
      }
    }),
    { numRuns: 500 },
  );
});

test('identity is reached where the first policy that matches the rest of a flow does not take everybody', () => {
  fc.assert(
    fc.property(policies, questions, (configuration, asked) => {
      const compiled = compile(configuration);
      for (const [flow] of asked) {
        const first = naiveMatch(configuration, flow);
        const anybody = first?.sourceIdentity.some((each) => each.toLowerCase() === 'any');
        const needed = first !== undefined && !(anybody && (first.sourceEndUserProfile ?? []).length === 0);

        expect(reachesIdentity(compiled, flow)).toBe(needed ? 'reached' : 'not-reached');
      }
    }),
  );
});

const aspects = [
  'fromZone',
  'toZone',
  'source',
  'destination',
  'applications',
  'sourceIdentity',
  'sourceEndUserProfile',
] as const;

test('an explanation tells of every policy up to the one that decides in what it matches, and in what not', () => {
  fc.assert(
    fc.property(policies, questions, (configuration, asked) => {
      const compiled = compile(configuration);
      for (const [flow, who] of asked) {
        const { steps, leftOut } = explain(compiled, flow, who, 100);
        const decides = naiveMatch(configuration, flow, who);
        const looked = configuration.policies.slice(0, decides && configuration.policies.indexOf(decides) + 1);
        /** Whether a policy would match if it said nothing but this. */
        const matches = (part: Partial<SecurityPolicy>) =>
          naiveMatch({ ...configuration, policies: [{ ...open, ...part }] }, flow, who) !== undefined;

        expect(leftOut).toBe(0);
        expect(
          steps.map((step) => [step.policy, step.result, ...Object.values(step.matches).map((word) => word !== null)]),
        ).toEqual(
          looked.map((policy) => [
            policy.name,
            policy === decides ? 'matched' : 'passed-over',
            ...aspects.map((aspect) => matches({ [aspect]: policy[aspect] ?? [] })),
          ]),
        );
      }
    }),
  );
});
