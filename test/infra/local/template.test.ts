/** Reading a template: what it means is taken as CloudFormation takes it, and what is not honoured stops the start. */
import * as v from 'valibot';
import { immaterial, readTemplate, resourceType } from '../../../infra/local/template.ts';
import { startRuntime } from '../../../infra/local/runtime.ts';
import { anApi, aTable, assemblyOf, cleanUp, echo, type ExampleApp } from './example-app.ts';

afterAll(cleanUp);

const thing = resourceType(
  'Test::Thing',
  v.strictObject({ Value: v.optional(v.unknown()), Size: v.optional(v.literal('small')), Tags: immaterial('none') }),
  { attributes: { Arn: (id) => `arn:${id}` } },
);

const aThing = (Value: unknown) => ({ Type: 'Test::Thing', Properties: { Value } });
const read = (app: ExampleApp) => readTemplate(assemblyOf(app), [thing]);

function valueOf(Value: unknown) {
  const Resources = { Thing: aThing(Value), Other: aThing('other') };
  return (read({ stacks: { S: { Resources } } }).all(thing)[0]?.properties as { Value: unknown }).Value;
}

test.each([
  [{ Ref: 'Other' }, 'S-Other'],
  [{ Ref: 'AWS::Region' }, 'us-east-1'],
  [{ 'Fn::GetAtt': ['Other', 'Arn'] }, 'arn:S-Other'],
  [{ 'Fn::Join': ['-', ['a', { Ref: 'Other' }, { Ref: 'AWS::NoValue' }]] }, 'a-S-Other'],
  [{ 'Fn::Sub': '${AWS::Partition}/${Other}' }, 'aws/S-Other'],
  [{ 'Fn::Select': [1, { 'Fn::Split': [':', { 'Fn::GetAtt': ['Other', 'Arn'] }] }] }, 'S-Other'],
  [{ a: [{ Ref: 'Other' }, 1], b: { Ref: 'AWS::NoValue' } }, { a: ['S-Other', 1] }],
])('%j is %j', (value, expected) => {
  expect(valueOf(value)).toEqual(expected);
});

test('a stack takes what another exports, and all outputs are one list', () => {
  const Value = { 'Fn::GetAtt': ['Thing', 'Arn'] };
  const template = read({
    stacks: {
      Service: { Resources: { User: aThing({ 'Fn::ImportValue': 'Data:Arn' }) }, Outputs: { Url: { Value: 'x' } } },
      Data: { Resources: { Thing: aThing(1) }, Outputs: { Arn: { Value, Export: { Name: 'Data:Arn' } } } },
    },
  });

  expect(template.all(thing)[0]?.properties).toEqual({ Value: 'arn:Data-Thing' });
  expect(template.outputs).toEqual({ Arn: 'arn:Data-Thing', Url: 'x' });
});

test.each([
  ['a type', { T: { Type: 'AWS::EC2::Instance' } }, 'The stack S has T of type AWS::EC2::Instance'],
  ['a property', { T: { Type: 'Test::Thing', Properties: { Colour: 'red' } } }, 'S.T (Test::Thing): Colour'],
  ['a value', { T: { Type: 'Test::Thing', Properties: { Size: 'big' } } }, 'S.T (Test::Thing): Size "big"'],
  ['a function', { T: aThing({ 'Fn::FindInMap': ['a', 'b', 'c'] }) }, 'uses Fn::FindInMap'],
  ['an attribute', { T: aThing({ 'Fn::GetAtt': ['T', 'Colour'] }) }, 'asks T for Colour'],
  ['a reference', { T: aThing({ Ref: 'Nothing' }) }, 'refers to Nothing'],
  ['an import', { T: aThing({ 'Fn::ImportValue': 'Nothing' }) }, 'imports Nothing'],
  ['a condition', { T: { ...aThing(1), Condition: 'Sometimes' } }, 'Resources.T.Condition'],
])('%s that nobody declared stops the start and is named', (_, Resources, named) => {
  expect(() => read({ stacks: { S: { Resources } } })).toThrow(named);
  expect(() => read({ stacks: { S: { Resources } } })).toThrow(/Take it out of the app, or teach infra\/local/);
});

test('what is declared immaterial does not stop the start', () => {
  const template = read({ stacks: { S: { Resources: { T: { Type: 'Test::Thing', Properties: { Tags: ['a'] } } } } } });

  expect(template.all(thing)).toHaveLength(1);
});

const aRestApi = { Type: 'AWS::ApiGateway::RestApi', Properties: { BinaryMediaTypes: ['*/*'] } };
const api = { routes: { 'ANY /': 'echo' }, functions: { echo } };

test.each([
  [anApi({ ...api, settings: { echo: { ReservedConcurrentExecutions: 1 } } }), 'ReservedConcurrentExecutions'],
  [anApi({ ...api, settings: { echo: { Runtime: 'nodejs20.x' } } }), 'Runtime "nodejs20.x"'],
  [anApi({ ...api, methodSettings: { CachingEnabled: true } }), 'MethodSettings.0.CachingEnabled'],
  [anApi({ ...api, gatewayResponses: { THROTTLED: { ResponseTemplates: { a: '#if($x)' } } } }), 'ResponseTemplates.a'],
  [anApi({ ...api, authorizer: { Type: 'TOKEN' }, functions: { echo, authorizer: echo } }), 'Type "TOKEN"'],
  [anApi({ ...api, resources: { T: aTable({ GlobalSecondaryIndexes: [] }) } }), 'GlobalSecondaryIndexes'],
  [anApi({ ...api, resources: { T: aTable({ BillingMode: 'PROVISIONED' }) } }), 'BillingMode "PROVISIONED"'],
  [anApi({ ...api, resources: { Second: aRestApi } }), 'exactly one AWS::ApiGateway::RestApi'],
])('the runtime does not start with what it does not honour: %#', async (app, named) => {
  await expect(startRuntime({ assembly: assemblyOf(app), port: 0 })).rejects.toThrow(named);
});
