import { choosePolicy } from '../../shared/admission/choose-policy.ts';
import type { AdmissionPolicy } from '../../shared/configuration/threat-response.ts';
import { aPolicy, policyEnforcerName } from '../support/admission.ts';

const message = { template: policyEnforcerName, event: 'quarantine-endpoint', severity: 'high' };
const chosen = (policies: readonly AdmissionPolicy[], roles?: readonly string[], about = message) => {
  const choice = choosePolicy(policies, about, roles);
  return typeof choice === 'string' ? choice : choice.policy.name;
};
const named = (name: string, told: Partial<AdmissionPolicy> = {}) => aPolicy({ name, ...told });
const selected = (...names: string[]) => ({ scope: { roles: 'selected' as const, names } });
const otherThan = (...names: string[]) => ({ scope: { roles: 'other-than' as const, names } });

test('the first that matches acts, and the rest are not looked at', () => {
  expect(chosen([named('block', { event: 'block-endpoint' }), named('one'), named('two')])).toBe('one');
});

test('where none matches, none acts', () => {
  expect(chosen([])).toBe('none');
  expect(chosen([named('one', { template: 'sensor' }), named('two', { severity: 'low' })])).toBe('none');
});

test('any severity is any, also none at all; a named one is that one', () => {
  const policies = [named('high', { severity: 'high' }), named('rest')];

  expect(chosen(policies)).toBe('high');
  expect(chosen(policies, [], { ...message, severity: 'low' })).toBe('rest');
  expect(choosePolicy(policies, { ...message, severity: null }, [])).toMatchObject({ policy: { name: 'rest' } });
});

test.each(['JuniperNerworks-Policy Enforcer-HTTP-JSON', 'Juniper Networks Policy Enforcer'])(
  'a policy for "%s" is one for the shipped template',
  (template) => {
    expect(chosen([named('one', { template })])).toBe('one');
    expect(chosen([named('one')], [], { ...message, template })).toBe('one');
  },
);

test.each([
  ['selected', selected('guest'), ['guest'], 'one'],
  ['selected, among others', selected('guest'), ['employee', 'guest'], 'one'],
  ['not selected', selected('guest'), ['employee'], 'none'],
  ['none at all', selected('guest'), [], 'none'],
  ['other than those', otherThan('guest'), ['employee'], 'one'],
  ['one of those, among others', otherThan('guest'), ['employee', 'guest'], 'none'],
  ['none of any', otherThan('guest'), [], 'one'],
] as const)('a role that is %s', (_, scope, roles, expected) => {
  expect(chosen([named('one', scope)], roles)).toBe(expected);
});

test('a policy for certain roles waits for them, and those behind it wait with it', () => {
  expect(chosen([named('guests', selected('guest')), named('all')])).toBe('needs-roles');
  expect(chosen([named('all'), named('guests', selected('guest'))])).toBe('all');
  expect(chosen([named('low', { ...selected('guest'), severity: 'low' }), named('all')])).toBe('all');
});

test.each(['clear-quarantine', 'clear-block', 'terminate-session', 'ignore'] as const)(
  'to %s asks for no roles: only what keeps somebody out does',
  (action) => {
    expect(chosen([named('one', { action, role: null, ...selected('guest') })])).toBe('one');
    expect(chosen([named('one', { action, role: null, ...selected('guest') })], ['employee'])).toBe('one');
  },
);
