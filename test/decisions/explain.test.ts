import { explain } from '../../shared/decisions/explain.ts';
import { aFlow, ann, compiled, nobody, policiesOf } from './examples.ts';

test('an explanation says of each policy what matched, in the words of the policy', () => {
  const policies = policiesOf(
    { toZone: 'dmz', destination: ['203.0.113.0/24'] },
    { source: ['10.0.0.0/8', '192.0.2.0/24'], applications: ['dns', 'junos-https'], sourceIdentity: ['Acme\\Staff'] },
    {},
  );

  expect(explain(compiled(policies), aFlow(), ann, 10)).toEqual({
    evaluatedAs: 'authenticated-user',
    steps: [
      {
        policy: 'policy-0',
        result: 'passed-over',
        matches: { fromZone: 'trust', toZone: null, source: 'any', destination: null, application: 'any', sourceIdentity: 'any', sourceEndUserProfile: 'any' }, // prettier-ignore
      },
      {
        policy: 'policy-1',
        result: 'matched',
        matches: { fromZone: 'trust', toZone: 'untrust', source: '192.0.2.0/24', destination: 'any', application: 'junos-https', sourceIdentity: 'Acme\\Staff', sourceEndUserProfile: 'any' }, // prettier-ignore
      },
    ],
    leftOut: 0,
  });
});

test.each([
  ['none', 'unauthenticated-user'],
  ['init', 'unauthenticated-user'],
  ['pending', 'unauthenticated-user'],
  ['invalid', 'unknown-user'],
] as const)('somebody who is %s is explained as %s', (state, standing) => {
  const policies = policiesOf(
    { sourceIdentity: ['acme\\staff', 'authenticated-user'] },
    { sourceIdentity: [standing] },
  );
  const { evaluatedAs, steps } = explain(compiled(policies), aFlow(), { state }, 10);

  expect(evaluatedAs).toBe(standing);
  expect(steps.map(({ matches }) => matches.sourceIdentity)).toEqual([null, standing]);
});

test('of more policies than can be told those are that came nearest, in their order', () => {
  const elsewhere = { fromZone: 'dmz', toZone: 'dmz' };
  const forStaff = { sourceIdentity: ['acme\\staff'] };
  const policies = policiesOf(elsewhere, forStaff, elsewhere, { toZone: 'dmz' }, forStaff, elsewhere, elsewhere);
  const { steps, leftOut } = explain(compiled(policies), aFlow(), nobody, 3);

  expect(steps.map(({ policy }) => policy)).toEqual(['policy-1', 'policy-3', 'policy-4']);
  expect(leftOut).toBe(4);
});

test('the policy that decides is always told', () => {
  const policies = policiesOf(...Array<object>(9).fill({ sourceIdentity: ['acme\\guests'] }), {});
  const { steps, leftOut } = explain(compiled(policies), aFlow(), ann, 2);

  expect(steps.map(({ policy, result }) => [policy, result])).toEqual([
    ['policy-0', 'passed-over'],
    ['policy-9', 'matched'],
  ]);
  expect(leftOut).toBe(8);
});
