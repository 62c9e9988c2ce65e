import { Aspects, type Stack } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { AttributeType, Table } from 'aws-cdk-lib/aws-dynamodb';
import { AwsSolutionsChecks } from 'cdk-nag';

import { stacks } from '../support/stacks.ts';

test.each(['sandbox', 'production'])('the %s follows every rule of AwsSolutions, or says why not', (stageName) => {
  const { app, ...all } = stacks({ stage: stageName });
  Aspects.of(app).add(new AwsSolutionsChecks({ reports: false }));

  expect(Object.values(all).flatMap(found)).toEqual([]);
});

test('the rules are really asked: a table that cannot be recovered and does not say why is found', () => {
  const { app, data } = stacks();
  new Table(data, 'Unexplained', { partitionKey: { name: 'pk', type: AttributeType.STRING } });
  Aspects.of(app).add(new AwsSolutionsChecks({ reports: false }));

  expect(found(data)).toEqual([expect.stringContaining('AwsSolutions-DDB3')]);
});

function found(stack: Stack) {
  const rule = Match.stringLikeRegexp('AwsSolutions-.*');
  const annotations = Annotations.fromStack(stack);
  const messages = [...annotations.findError('*', rule), ...annotations.findWarning('*', rule)];
  return messages.map(({ entry }) => entry.data);
}
