/** A message names its tenant, so only functions of ours may write one: no queue lets in anybody by a policy of its own. */
import { resources, templates } from '../support/stacks.ts';

interface Statement {
  readonly Effect: string;
}

test('no policy of a queue allows anything', () => {
  const policies = [...resources(templates().workers, 'AWS::SQS::QueuePolicy').values()];
  const statements = policies.flatMap(({ Properties }) => (Properties.PolicyDocument as { Statement: Statement[] }).Statement); // prettier-ignore

  expect(statements.length).toBeGreaterThan(0);
  expect(statements.filter(({ Effect }) => Effect !== 'Deny')).toEqual([]);
});
