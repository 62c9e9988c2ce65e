import type { EndUserProfile } from '../../shared/configuration/configuration.ts';
import { decide, reachesIdentity } from '../../shared/decisions/decide.ts';
import { profilesOf } from '../../shared/decisions/device-profiles.ts';
import { explain } from '../../shared/decisions/explain.ts';
import type { Who } from '../../shared/decisions/who.ts';
import type { Device } from '../../shared/identity/observation.ts';
import { aFlow, ann, compiled, nobody, policiesOf } from './examples.ts';

const aProfile = (told: Partial<EndUserProfile> = {}): EndUserProfile => ({
  name: 'windows',
  domain: null,
  attributes: [{ name: 'device-os', values: ['Windows 10', 'windows 11'] }],
  ...told,
});
const on = (device: Device, told: Partial<Extract<Who, { state: 'valid' }>> = {}): Who =>
  ann.state === 'valid' ? { ...ann, device, ...told } : ann;
const matches = (profile: EndUserProfile, who: Who) => profilesOf([profile])(who).length > 0;

const laptop: Device = {
  identity: 'alice-laptop',
  groups: ['employee', 'it'],
  category: 'windows os',
  vendor: 'dell',
  model: 'latitude',
  os: 'windows 10',
  osVersion: '"10.0"',
  custom: { 'MAC-Address': '00:53:00:aa:bb:cc' },
};

test.each([
  ['device-identity', 'Alice-Laptop'],
  ['device-identity-groups', 'employee'],
  ['device-group', 'IT'],
  ['device-category', 'Windows OS'],
  ['device-vendor', 'Dell'],
  ['device-model', 'Latitude'],
  ['device-os', 'Windows 10'],
  ['device-os-version', '"10.0"'],
  ['MAC-Address', '00:53:00:AA:BB:CC'],
])('a device matches by its %s, whatever the case of the value', (name, value) => {
  const profile = aProfile({ attributes: [{ name, values: ['something else', value] }] });

  expect(matches(profile, on(laptop))).toBe(true);
  expect(matches(profile, on({}))).toBe(false);
  expect(matches(aProfile({ attributes: [{ name, values: ['something else'] }] }), on(laptop))).toBe(false);
});

test('the case of a custom attribute’s name counts, and names that every object has are attributes like others', () => {
  const mac = (name: string) => aProfile({ attributes: [{ name, values: ['00:53:00:aa:bb:cc'] }] });

  expect(matches(mac('mac-address'), on(laptop))).toBe(false);
  expect(matches(aProfile({ attributes: [{ name: 'constructor', values: ['x'] }] }), on(laptop))).toBe(false);
  expect(matches(aProfile({ attributes: [{ name: 'constructor', values: ['x'] }] }), on({ custom: { constructor: 'x' } }))).toBe(true); // prettier-ignore
});

test('all attributes of a profile must match', () => {
  const both = aProfile({
    attributes: [
      { name: 'device-os', values: ['windows 10'] },
      { name: 'device-group', values: ['employee'] },
    ],
  });

  expect(matches(both, on(laptop))).toBe(true);
  expect(matches(both, on({ ...laptop, groups: ['guest'] }))).toBe(false);
});

test('a profile of a domain is for its users only', () => {
  expect(matches(aProfile({ domain: 'ACME' }), on(laptop))).toBe(true);
  expect(matches(aProfile({ domain: 'globex' }), on(laptop))).toBe(false);
  expect(matches(aProfile({ domain: 'global' }), on(laptop, { domain: 'GLOBAL' }))).toBe(true);
});

describe('a policy with a profile', () => {
  const endUserProfiles = [
    aProfile(),
    aProfile({ name: 'apple', attributes: [{ name: 'device-vendor', values: ['apple'] }] }),
  ];
  const policies = policiesOf(
    { name: 'windows-staff', sourceIdentity: ['acme\\staff'], sourceEndUserProfile: ['windows'] },
    { name: 'staff-web', sourceIdentity: ['acme\\staff'], destination: ['203.0.113.0/24'], sourceEndUserProfile: [] },
    { name: 'any-apple', sourceEndUserProfile: ['apple', 'unheard-of'] },
  );
  const rules = compiled(policies, { endUserProfiles });

  test('takes one of its devices, and the first policy that matches decides as ever', () => {
    expect(decide(rules, aFlow(), on(laptop)).policy).toBe('windows-staff');
    expect(decide(rules, aFlow({ destinationIp: '203.0.113.1' }), on({ vendor: 'apple' })).policy).toBe('staff-web');
    expect(decide(rules, aFlow(), on({ vendor: 'apple' })).policy).toBe('any-apple');
  });

  test('that all but the device matched is told', () => {
    expect(decide(rules, aFlow(), on({ os: 'linux' }))).toMatchObject({ policy: 'default-policy', reason: 'device-not-matched' }); // prettier-ignore
    const forStaff = compiled(policies.slice(0, 1), { endUserProfiles });
    expect(decide(forStaff, aFlow(), on(laptop, { groups: [] })).reason).toBe('identity-not-matched');
    expect(decide(compiled(policiesOf({ sourceIdentity: ['acme\\x'] })), aFlow(), ann).reason).toBe(
      'identity-not-matched',
    );
  });

  test.each<Who>([nobody, { state: 'init' }, { state: 'pending' }, { state: 'invalid' }])(
    'never takes somebody who is not known: $state',
    (who) => {
      const anybody = compiled(policiesOf({ sourceEndUserProfile: ['windows'] }), { endUserProfiles });

      expect(decide(anybody, aFlow(), who)).toMatchObject({ policy: 'default-policy', reason: 'device-not-matched' });
    },
  );

  test('makes it matter who is there, also where its source-identity is any', () => {
    const anybody = compiled(policiesOf({ sourceEndUserProfile: ['windows'] }), { endUserProfiles });

    expect(reachesIdentity(anybody, aFlow())).toBe('reached');
    expect(reachesIdentity(compiled(policiesOf({ sourceEndUserProfile: [] })), aFlow())).toBe('not-reached');
  });

  test('is explained by the profile that matched', () => {
    const told = (who: Who) =>
      explain(rules, aFlow(), who, 9).steps.map(({ policy, matches }) => [policy, matches.sourceEndUserProfile]);

    expect(told(on(laptop))).toEqual([['windows-staff', 'windows']]);
    expect(told(on({ vendor: 'apple' }))).toEqual([
      ['windows-staff', null],
      ['staff-web', 'any'],
      ['any-apple', 'apple'],
    ]);
  });
});

test('the vendor’s example: the role marketing-company-device is a group like any other', () => {
  const rules = compiled(policiesOf({ sourceIdentity: ['acme\\marketing-company-device'] }));

  expect(decide(rules, aFlow(), on({}, { groups: ['marketing-company-device'] })).policy).toBe('policy-0');
  expect(decide(rules, aFlow(), on({ groups: ['marketing-company-device'] })).policy).toBe('default-policy');
});

test('without profiles nothing is made ready for them', () => {
  const rules = compiled(policiesOf({}, {}), { endUserProfiles: [aProfile()] });

  expect(rules.profilesOf).toBeUndefined();
  expect(rules.contexts.get('trust')?.get('untrust')?.index().endUserProfile).toBeUndefined();
});
