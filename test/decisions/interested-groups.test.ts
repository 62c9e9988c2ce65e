import { interestedGroups } from '../../shared/decisions/interested-groups.ts';

const john = ['posture-healthy', 'group1', 'group2'];
const abe = ['posture-healthy', 'group1', 'group3'];
const named = (...sourceIdentity: readonly string[]) => ({ sourceIdentity });

const referenced = (
  groups: readonly string[],
  domain: string,
  ...policies: { sourceIdentity: readonly string[] }[]
) => {
  const interested = interestedGroups(policies);
  return groups.filter((group) => interested(domain, group));
};

test('a group is interesting while some policy names it', () => {
  const policies = [named('group1'), named('group3', 'any'), named('posture-healthy')];

  expect(referenced(john, 'GLOBAL', ...policies)).toEqual(['posture-healthy', 'group1']);
  expect(referenced(abe, 'GLOBAL', ...policies)).toEqual(['posture-healthy', 'group1', 'group3']);
  expect(referenced(john, 'GLOBAL', ...policies.slice(1))).toEqual(['posture-healthy']);
  expect(referenced(abe, 'GLOBAL', ...policies.slice(1))).toEqual(['posture-healthy', 'group3']);
});

test('a group is that of its domain', () => {
  const policies = [named('domain1\\g2', 'domain1\\g4'), named('g1'), named('domain2\\g3')];

  expect(referenced(['g1', 'g2', 'g3', 'g4'], 'domain1', ...policies)).toEqual(['g2', 'g4']);
});

test('a name of any domain is interesting in each', () => {
  expect(referenced(['g1'], 'domain1', named('*\\g1'))).toEqual(['g1']);
  expect(referenced(['g1'], 'GLOBAL', named('*\\g1'))).toEqual(['g1']);
});

test('the words for those who are nobody in particular are not groups', () => {
  const words = ['any', 'authenticated-user', 'unauthenticated-user', 'unknown-user'];

  expect(referenced(words, 'GLOBAL', named(...words))).toEqual([]);
});

test('a backslash in a domain does not run into the name of a group', () => {
  expect(referenced(['c'], 'a\\b', named('a\\b\\c'))).toEqual([]);
  expect(referenced(['b\\c'], 'a', named('a\\b\\c'))).toEqual(['b\\c']);
});
