import { decide, reachesIdentity } from '../../shared/decisions/decide.ts';
import type { Who } from '../../shared/decisions/who.ts';
import { foldCase } from '../../shared/identity/fold-case.ts';
import { aFlow, ann, compiled, nobody, policiesOf } from './examples.ts';

const states = ['valid', 'invalid', 'pending', 'init', 'none'] as const;
const someone = (state: Who['state']): Who => (state === 'valid' ? ann : { state });

/** The name of the policy that decides about an ordinary flow. */
const someoneIn = (domain: string, user: string, groups: readonly string[]): Who => ({
  state: 'valid',
  domain,
  user,
  groups,
  origin: 'aruba-clearpass',
});
const decider = (identities: readonly string[], who: Who) =>
  decide(compiled(policiesOf({ name: 'the-policy', sourceIdentity: identities })), aFlow(), who).policy;

test('the first policy that matches decides, and the answer says who was there', () => {
  const policies = policiesOf(
    { sourceIdentity: ['acme\\guests'] },
    { sourceIdentity: ['acme\\staff'], action: 'reject' },
    {},
  );

  expect(decide(compiled(policies), aFlow(), ann)).toEqual({
    action: 'reject',
    policy: 'policy-1',
    state: 'valid',
    user: 'ann',
    domain: 'acme',
    groups: ['staff'],
    source: 'aruba-clearpass',
    reason: 'policy-matched',
  });
});

test('of the groups of a user the answer names those that some policy names, whichever decides', () => {
  const policies = policiesOf({}, { sourceIdentity: ['*\\posture-healthy', 'staff'] });

  expect(decide(compiled(policies), aFlow(), ann).groups).toEqual(['posture-healthy']);
});

test.each([
  ['authenticated-user', ['valid']],
  ['unauthenticated-user', ['pending', 'init', 'none']],
  ['unknown-user', ['invalid']],
  ['any', states],
  ['acme\\ann', ['valid']],
])('a policy for %s takes whoever is %j', (identity, taken) => {
  const takes = states.filter((state) => decider([identity], someone(state)) === 'the-policy');

  expect(takes).toEqual(taken);
});

test.each([
  ['acme\\staff', 'acme', 'staff', 'taken'],
  ['ACME\\Staff', 'acme', 'staff', 'taken'],
  ['acme\\staff', 'other', 'staff', 'passed over'],
  ['acme\\staff', 'GLOBAL', 'staff', 'passed over'],
  ['staff', 'GLOBAL', 'staff', 'taken'],
  ['staff', 'acme', 'staff', 'passed over'],
  ['Global\\staff', 'GLOBAL', 'staff', 'taken'],
  ['*\\staff', 'acme', 'staff', 'taken'],
  ['*\\staff', 'GLOBAL', 'staff', 'taken'],
  ['*\\staff', 'acme', 'guests', 'passed over'],
  ['acme\\any', 'acme', 'staff', 'passed over'],
  ['acme\\any', 'acme', 'any', 'taken'],
  ['marketing-company-device', 'GLOBAL', 'marketing-company-device', 'taken'],
  ['İstanbul\\STRAẞE', foldCase('İstanbul'), foldCase('STRAẞE'), 'taken'],
  ['acme\\sales\\north', 'acme', 'sales\\north', 'taken'],
  ['acme\\sales\\north', 'acme\\sales', 'north', 'passed over'],
  ['*\\north', 'acme\\sales', 'north', 'taken'],
])('for %s a member of %s\\%s is %s: %s', (identity, domain, name, outcome) => {
  const asGroup = decider([identity], someoneIn(domain, 'somebody', ['other', name]));
  const asUser = decider([identity], someoneIn(domain, name, []));

  expect([asGroup, asUser]).toEqual(Array(2).fill(outcome === 'taken' ? 'the-policy' : 'default-policy'));
});

test('where no policy decides the default policy does, and says whether another user would have met one', () => {
  const policies = compiled(policiesOf({ sourceIdentity: ['acme\\guests'] }), { defaultPolicy: 'reject' });

  expect(decide(policies, aFlow(), nobody)).toEqual({
    action: 'reject',
    policy: 'default-policy',
    state: 'none',
    user: null,
    domain: null,
    groups: [],
    source: null,
    reason: 'identity-not-matched',
  });
  expect(decide(policies, aFlow({ toZone: 'dmz' }), ann).reason).toBe('no-policy-matched');
});

test('policies for any zone stand in their order among those for the zones of the flow', () => {
  const policies = compiled(policiesOf({ fromZone: 'any', toZone: 'dmz' }, { toZone: 'any' }, { fromZone: 'any' }, {}));

  expect(decide(policies, aFlow(), ann).policy).toBe('policy-1');
  expect(decide(policies, aFlow({ toZone: 'dmz' }), ann).policy).toBe('policy-0');
  expect(decide(policies, aFlow({ fromZone: 'guests' }), ann).policy).toBe('policy-2');
  expect(decide(policies, aFlow({ fromZone: 'guests', toZone: 'vpn' }), ann).policy).toBe('default-policy');
});

test('a tenant without policies has the default policy', () => {
  expect(decide(compiled([]), aFlow(), ann)).toMatchObject({ action: 'deny', reason: 'no-policy-matched' });
});

test.each([
  ['a policy that takes a group', [{ sourceIdentity: ['acme\\staff'] }], 'reached'],
  ['a policy that takes unauthenticated users', [{ sourceIdentity: ['unauthenticated-user'] }], 'reached'],
  ['a policy that takes everybody', [{}], 'not-reached'],
  ['a policy that takes a group and everybody', [{ sourceIdentity: ['acme\\staff', 'any'] }], 'not-reached'],
  ['one for everybody before one for a group', [{}, { sourceIdentity: ['acme\\staff'] }], 'not-reached'],
  ['one for a group before one for everybody', [{ sourceIdentity: ['acme\\staff'] }, {}], 'reached'],
  ['one for a group elsewhere', [{ toZone: 'dmz', sourceIdentity: ['acme\\staff'] }], 'not-reached'],
  ['none', [], 'not-reached'],
])('with %s in its way a flow has identity %#', (_, told, outcome) => {
  expect(reachesIdentity(compiled(policiesOf(...told)), aFlow())).toBe(outcome);
});
