import { ambiguities, census, changesGroups, mentionsIn } from '../../shared/configuration/census.ts';
import { interestedGroups } from '../../shared/decisions/interested-groups.ts';
import type { Entry } from '../../shared/identity/entry.ts';

type Who = Pick<Entry, 'domain' | 'user' | 'groups'>;
const who = (domain: string, user: string, ...groups: string[]): Who => ({ domain, user, groups });
const naming = (...sourceIdentity: string[]) => [{ sourceIdentity }];

function warned(names: readonly string[], entries: readonly Who[]) {
  const mentions = mentionsIn(naming(...names));
  const counted = census(mentions, () => false);
  for (const entry of entries) counted.count(entry as Entry);
  return ambiguities(mentions, counted).map(({ pointer, value, rule }) => [pointer, value, rule]);
}

describe('a name that is a user’s and a group’s', () => {
  const both = [who('acme', 'staff'), who('acme', 'alice', 'staff')];
  const warning = (name: string) => [['/policies/0/sourceIdentity/0', name, 'user-and-group']];

  test.each(['acme\\staff', 'ACME\\Staff', '*\\staff'])('%s is ambiguous', (name) => {
    expect(warned([name], both)).toEqual(warning(name));
  });

  test('even where one entry is both', () => {
    expect(warned(['acme\\staff'], [who('acme', 'staff', 'staff')])).toEqual(warning('acme\\staff'));
  });

  test.each([
    ['user and group are of two domains', 'acme\\staff', [who('acme', 'staff'), who('globex', 'alice', 'staff')]],
    ['the policy means another domain', 'globex\\staff', both],
    ['it is a user’s only', 'acme\\staff', [who('acme', 'staff', 'users')]],
    ['it is a group’s only', 'acme\\staff', [who('acme', 'alice', 'staff')]],
    ['nobody has it', 'acme\\staff', []],
  ])('is not ambiguous where %s', (_, name, entries) => {
    expect(warned([name], entries)).toEqual([]);
  });
});

describe('a bare name', () => {
  test.each([
    ['as a user', [who('acme', 'alice')]],
    ['as a group', [who('acme', 'bob', 'alice')]],
  ])('that no GLOBAL entry has but another domain does %s is ambiguous', (_, entries) => {
    expect(warned(['alice', 'global\\alice'], entries)).toEqual([
      ['/policies/0/sourceIdentity/0', 'alice', 'only-elsewhere'],
      ['/policies/0/sourceIdentity/1', 'global\\alice', 'only-elsewhere'],
    ]);
  });

  test.each([
    ['a GLOBAL entry has it too', 'alice', [who('acme', 'alice'), who('GLOBAL', 'alice')]],
    ['nobody has it', 'alice', [who('acme', 'bob')]],
    ['it has a domain', 'globex\\alice', [who('acme', 'alice')]],
    ['it means any domain', '*\\alice', [who('acme', 'alice')]],
  ])('is not ambiguous where %s', (_, name, entries) => {
    expect(warned([name], entries)).toEqual([]);
  });

  test('is told with the domains where somebody is called so, and how to write what was meant', () => {
    const mentions = mentionsIn(naming('alice'));
    const counted = census(mentions, () => false);
    for (let index = 0; index < 7; index += 1) counted.count(who(`domain${index}`, 'alice') as Entry);

    const [warning] = ambiguities(mentions, counted);

    expect(warning?.message).toContain('domain0, domain1, domain2, domain3, domain4 and 2 more');
    expect(warning?.mend).toContain('Write domain0\\alice');
  });
});

test('the words for those who are none are no names, and what cannot be read names nobody', () => {
  const policies = [undefined, { sourceIdentity: undefined }, { sourceIdentity: ['any', 'authenticated-user', undefined, 'unauthenticated-user', 'unknown-user', 'a\\b\\c'] }]; // prettier-ignore

  expect(mentionsIn(policies)).toEqual([
    { keys: ['policies', '2', 'sourceIdentity', '5'], text: 'a\\b\\c', domain: 'a', name: 'b\\c' },
  ]);
});

describe('interested groups: john {group1, group2, posture-healthy}, abe {group1, group3, posture-healthy}', () => {
  const people = [
    who('GLOBAL', 'john', 'group1', 'group2', 'posture-healthy'),
    who('GLOBAL', 'abe', 'group1', 'group3', 'posture-healthy'),
  ];
  const both = naming('group1', 'group3', 'posture-healthy');

  test.each([
    ['a policy that names group3 is added', naming('group1', 'posture-healthy'), both, ['abe']],
    ['the last policy on group1 is deleted', both, naming('group3', 'posture-healthy'), ['john', 'abe']],
    ['policies are named in another order', both, naming('posture-healthy', 'group3', 'group1'), []],
    ['a user is named', both, [...both, ...naming('john')], []],
    ['a group of another domain is named', both, [...both, ...naming('acme\\group2')], []],
    ['a group of any domain is named', both, [...both, ...naming('*\\group2')], ['john']],
  ])('%s', (_, before, after, changed) => {
    const counted = census([], changesGroups(interestedGroups(before), interestedGroups(after)));
    for (const entry of people) counted.count(entry as Entry);

    expect([counted.changed(), counted.entries()]).toEqual([changed.length, 2]);
  });
});
