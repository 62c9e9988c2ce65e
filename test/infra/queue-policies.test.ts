/** A message names its tenant, so only functions of ours may write one: no queue lets in anybody by a policy of its own. */
import { everyDeployment, everyTemplate, resources } from '../support/stacks.ts';

interface Statement {
  readonly Effect: string;
}

test.each(everyDeployment)('no policy of a queue allows anything, with %j', (context) => {
  const policies = everyTemplate(context).flatMap(({ template }) => [...resources(template, 'AWS::SQS::QueuePolicy').values()]); // prettier-ignore
  const statements = policies.flatMap(({ Properties }) => (Properties.PolicyDocument as { Statement: Statement[] }).Statement); // prettier-ignore

  expect(statements.length).toBeGreaterThan(0);
  expect(statements.filter(({ Effect }) => Effect !== 'Deny')).toEqual([]);
});
