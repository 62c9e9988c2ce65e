import type { Template } from 'aws-cdk-lib/assertions';

import { referred, resources, templates } from '../support/stacks.ts';

const { workers, service } = templates();
const stacks = [workers, service];

/** What acts remembers its answers, encrypted, and opens nothing else that is. */
const keepsAnswers = ['Journal GetItem PutItem on T#*#IDEMPOTENCY#*', 'SecretsKey Encrypt Decrypt for idempotency'];

/** All that each function may do beyond its own log and traces: place, calls, and the partition keys that it may name. */
const grants: Record<string, readonly string[]> = {
  Authorize: ['Tenants GetItem on CREDENTIAL#*', 'Journal PutItem UpdateItem'],
  PostEntries: [
    'Entries GetItem PutItem Query BatchGetItem PartiQLUpdate PartiQLInsert',
    'Endpoints GetItem BatchGetItem PutItem DeleteItem Query',
    'Tenants GetItem on T#*',
    'Journal PutItem UpdateItem BatchWriteItem',
    'Journal GetItem PutItem on T#*#SOURCES',
    'Events PutEvents',
  ],
  FindEntries: ['Entries GetItem Query', 'Tenants GetItem on T#*', 'Journal Query on T#*#SOURCES'],
  PullForwardingTable: ['Entries GetItem BatchGetItem Query', 'Tenants GetItem on T#*', 'Journal Query on T#*#SOURCES'],
  ExplainEntries: ['Entries Query', 'Endpoints GetItem BatchGetItem Query', 'Tenants GetItem on T#*', 'Journal Query'],
  PutEntry: [
    'Entries GetItem PutItem',
    'Tenants GetItem on T#*',
    'Journal GetItem PutItem on T#*#SOURCES',
    ...keepsAnswers,
  ],
  DeleteEntries: [
    'Entries GetItem Query PutItem BatchGetItem PartiQLUpdate PartiQLInsert',
    'Journal BatchWriteItem',
    'Tenants GetItem on T#*',
    'Journal Query on T#*#SOURCES',
    ...keepsAnswers,
  ],
  ServeFeed: ['Endpoints GetItem BatchGetItem Query', 'Endpoints UpdateItem on T#*#FEED-OUT'],
  FindEvents: ['Endpoints GetItem BatchGetItem Query', 'Journal Query', 'Journal GetItem PutItem on T#*#DEBUG*'],
  FindReceipts: ['Journal Query BatchGetItem', 'Entries Query', 'Tenants GetItem on T#*'],
  FindActiveUsers: ['Endpoints Query', 'Journal PutItem'],
  LogIn: ['Tenants GetItem on T#*', 'Tenants PutItem on CREDENTIAL#* answering nothing', 'Journal PutItem'],
  Decide: [
    'Endpoints GetItem BatchGetItem Query',
    'Entries GetItem PutItem UpdateItem Query BatchGetItem PartiQLUpdate PartiQLInsert DeleteItem',
    'Tenants GetItem on T#*',
    'Journal Query on T#*#SOURCES',
    'Tenants GetItem PutItem on SERVER#*',
    'QueryCell1Queue SendMessage',
  ],
  FindSessions: ['Entries Query', 'Tenants GetItem on T#*', 'Journal Query on T#*#SOURCES'],
  CloseSession: [
    'Entries GetItem PutItem UpdateItem Query DeleteItem',
    'Tenants GetItem on T#*',
    'Journal Query on T#*#SOURCES',
  ],
  QueryUsers: [
    'Entries GetItem PutItem UpdateItem Query',
    'Tenants GetItem on T#*',
    'Tenants GetItem PutItem on SERVER#*',
    'QueryCell1Queue SendMessage',
    ...keepsAnswers,
  ],
  QueryClearPass: [
    'QueryCell1Queue ReceiveMessage DeleteMessage GetQueueAttributes ChangeMessageVisibility',
    'Entries GetItem PutItem UpdateItem BatchGetItem PartiQLUpdate PartiQLInsert',
    'Endpoints GetItem BatchGetItem PutItem DeleteItem Query',
    'Tenants GetItem UpdateItem on T#*',
    'Tenants GetItem PutItem on SERVER#*',
    'Journal BatchWriteItem PutItem',
    'Journal GetItem PutItem on T#*#SOURCES',
    'SecretsKey Encrypt Decrypt',
    'QueryCell1Queue SendMessage',
    'ConnectorsQueue SendMessage',
    'Events PutEvents',
  ],
  AbandonQueries: [
    'QueryCell1DeadLetters ReceiveMessage DeleteMessage GetQueueAttributes',
    'Entries GetItem PutItem UpdateItem',
    'Tenants GetItem on T#*',
    'Journal BatchWriteItem',
  ],
  Configure: [
    'Entries Query',
    'Tenants GetItem Query PutItem DeleteItem on T#*',
    'SecretsKey Encrypt',
    'Endpoints GetItem on T#*#FEEDS',
    ...keepsAnswers,
  ],
  SetUp: ['Entries Query', 'Tenants GetItem Query PutItem DeleteItem on T#*', 'SecretsKey Encrypt', ...keepsAnswers],
  TendEndpoints: [
    'Endpoints GetItem BatchGetItem PutItem DeleteItem Query',
    'Tenants Query on T#_provider',
    'Tenants GetItem on T#*',
    'Journal PutItem',
    'ChangesQueue SendMessage',
    'Events PutEvents',
  ],
  WakeBatchQueries: [
    'Tenants GetItem Query on T#*',
    'Tenants GetItem PutItem on SERVER#*',
    'QueryCell1Queue SendMessage',
  ],
  ServeRadius: [
    'Endpoints GetItem BatchGetItem PutItem DeleteItem Query',
    'Entries GetItem PutItem',
    'Tenants GetItem on T#*',
    'Journal PutItem',
    'ChangesQueue SendMessage',
    'Events PutEvents',
    'Journal GetItem PutItem on T#*#DEBUG*',
  ],
  ReceiveThreatAction: [
    'Endpoints GetItem BatchGetItem PutItem DeleteItem Query',
    'Tenants GetItem on T#*',
    'Journal PutItem',
    'ChangesQueue SendMessage',
    'Events PutEvents',
    'Journal GetItem PutItem on T#*#DEBUG*',
  ],
  ReceiveThreatLogs: [
    'Entries Query',
    'Endpoints GetItem BatchGetItem PutItem DeleteItem Query',
    'Tenants GetItem on T#*',
    'Journal PutItem',
    'Journal Query on T#*#SOURCES',
    'Journal GetItem Query UpdateItem on T#*#THREATLOGS',
    'LogsQueue SendMessage',
    'ChangesQueue SendMessage',
    'Events PutEvents',
    ...keepsAnswers,
    'Journal GetItem PutItem on T#*#DEBUG*',
  ],
  ManageConnectors: [
    'QueryCell1Queue SendMessage',
    'Entries Query',
    'Tenants GetItem Query PutItem DeleteItem on T#*',
    'SecretsKey Encrypt',
    'Endpoints GetItem PutItem Query on T#*#CONNECTORS T#*#CONNECTOR-TESTS',
    'Tenants GetItem PutItem on SERVER#*',
    'ConnectorsQueue SendMessage',
    ...keepsAnswers,
  ],
  ManageHosts: [
    'Endpoints GetItem BatchGetItem PutItem DeleteItem Query',
    'Tenants GetItem on T#*',
    'Journal PutItem',
    'ConnectorsQueue SendMessage',
    'Events PutEvents',
    ...keepsAnswers,
  ],
  ManageEndpoints: [
    'Endpoints GetItem BatchGetItem PutItem DeleteItem Query',
    'Tenants GetItem on T#*',
    'Journal PutItem Query',
    'ChangesQueue SendMessage',
    'ConnectorsQueue SendMessage',
    'Events PutEvents',
    ...keepsAnswers,
  ],
  ManageTenants: [
    'Tenants GetItem Query on T#*',
    'Tenants UpdateItem on T#_provider answering nothing',
    'Tenants PutItem on T#* CREDENTIAL#* answering nothing',
    'Api DELETE /restapis/Api/stages/live/cache/authorizers',
    ...keepsAnswers,
  ],
  MoveTenants: [
    'Entries Scan GetItem PutItem',
    'Endpoints Scan GetItem PutItem',
    'Journal Scan GetItem PutItem',
    'Tenants Scan',
    'Tenants GetItem PutItem on T#* CREDENTIAL#*',
    'Tenants UpdateItem on T#_provider answering nothing',
  ],
  EraseTenants: [
    'Entries Scan BatchWriteItem',
    'Endpoints Scan BatchWriteItem',
    'Journal Scan BatchWriteItem',
    'Tenants Query UpdateItem on T#_provider',
    'Tenants Scan',
    'Tenants BatchWriteItem on T#* CREDENTIAL#*',
  ],
  WatchSenders: ['Tenants Query on T#_provider', 'Journal Query on T#*'],
  SendChanges: [
    'ChangesQueue ReceiveMessage DeleteMessage GetQueueAttributes',
    'ChangesQueue SendMessage',
    'Endpoints GetItem BatchGetItem PutItem DeleteItem',
    'Tenants GetItem on T#*',
    'SecretsKey Decrypt',
    'Journal GetItem PutItem on T#*#DEBUG*',
  ],
  ActOnHosts: [
    'ConnectorsQueue ReceiveMessage DeleteMessage GetQueueAttributes',
    'ConnectorsQueue SendMessage',
    'QueryCell1Queue SendMessage',
    'Endpoints GetItem BatchGetItem PutItem DeleteItem Query',
    'Journal PutItem',
    'Tenants GetItem on T#*',
    'Tenants GetItem PutItem on SERVER#*',
    'SecretsKey Decrypt',
    'Events PutEvents',
  ],
  ForwardLogs: [
    'LogsQueue ReceiveMessage DeleteMessage GetQueueAttributes ChangeMessageVisibility',
    'LogsDeadLetters SendMessage',
    'Tenants GetItem on T#*',
    'Journal GetItem PutItem UpdateItem on T#*#THREATLOGS',
  ],
  WakeConnectors: [
    'QueryCell1Queue SendMessage',
    'Endpoints GetItem Query',
    'Endpoints PutItem on T#_provider#ROUNDS',
    'Tenants Query on T#_provider',
    'Tenants GetItem on T#*',
    'Tenants GetItem PutItem on SERVER#*',
    'ConnectorsQueue SendMessage',
  ],
  HandOverChanges: [
    'Endpoints GetItem BatchGetItem Query PutItem DeleteItem',
    'Tenants GetItem on T#*',
    'Journal GetItem PutItem on T#*#DEBUG*',
  ],
  TellHealth: ['Tenants GetItem on T#*', 'Journal Query'],
};

interface Statement {
  readonly Effect: string;
  readonly Action: string | string[];
  readonly Resource: unknown;
  readonly Condition?: {
    readonly 'ForAllValues:StringLike'?: { readonly 'dynamodb:LeadingKeys': string[] };
    readonly StringEquals?: { readonly 'kms:EncryptionContext:name'?: string; readonly 'kms:ViaService'?: unknown };
    readonly StringEqualsIfExists?: { readonly 'dynamodb:ReturnValues': 'NONE' };
  };
}

interface Policy {
  readonly PolicyName: string;
  readonly PolicyDocument: { readonly Statement: readonly Statement[] };
}

const rolesIn = (template: Template) =>
  [...resources(template, 'AWS::IAM::Role')].map(([name, { Properties }]) => ({
    user: name.replace(/Role$/, ''),
    trusted: Properties.AssumeRolePolicyDocument,
    managed: Properties.ManagedPolicyArns,
    policies: (Properties.Policies ?? []) as readonly Policy[],
  }));

const statementsIn = (template: Template) =>
  rolesIn(template).flatMap(({ user, policies }) =>
    policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement.map((statement) => ({ user, ...statement }))),
  );

const roles = stacks.flatMap(rolesIn);
const statements = stacks.flatMap(statementsIn);

const granted = statements.filter(({ Action }) => !/^(xray|logs):/.test(String(Action)));

test('each function may do what its code does, and nothing else', () => {
  const said = Map.groupBy(granted, ({ user }) => user);

  expect(Object.fromEntries([...said].map(([user, all]) => [user, all.map(sentence)]))).toEqual(grants);
});

test('none but the authorizer can read what callers log in with, and who moves or removes all that a tenant has', () => {
  const reading = /dynamodb:(Get|BatchGet|Query|Scan|TransactGet|PartiQLSelect|\*)/;
  const readers = granted.filter(
    ({ Action, Resource, Condition }) =>
      referred(Resource) === 'Tenants' &&
      (reading.test(String(Action)) || Condition?.StringEqualsIfExists === undefined) &&
      Condition?.['ForAllValues:StringLike']?.['dynamodb:LeadingKeys'].some((form) => !/^(T|SERVER)#/.test(form)) !==
        false,
  );

  expect([...new Set(readers.map(({ user }) => user))].sort()).toEqual(['Authorize', 'EraseTenants', 'MoveTenants']);
});

test('a function writes into its own log only', () => {
  for (const { user, Resource } of statements.filter(({ Action }) => String(Action).startsWith('logs:'))) {
    expect(referred(Resource)).toBe(`${user}Log`);
  }
});

test('in production, who uses a table may have DynamoDB open it, and three functions may join the network: nothing else is granted', () => {
  const production = templates({ stage: 'production' });
  const inProduction = [production.workers, production.service].flatMap(statementsIn);
  const joining = inProduction.filter(({ Action }) => String(Action).startsWith('ec2:'));
  const [opening, others] = [true, false].map((wanted) =>
    inProduction
      .filter((each) => !joining.includes(each))
      .filter(({ Resource }) => (referred(Resource) === 'TablesKey') === wanted),
  );
  const users = (all: typeof statements, place: RegExp) =>
    [...new Set(all.filter(({ Resource }) => place.test(referred(Resource))).map(({ user }) => user))].sort();

  expect(others).toEqual(statements);
  expect(joining.map(({ user }) => user)).toEqual(['QueryClearPass', 'SendChanges', 'ActOnHosts', 'ForwardLogs']); // they are in the network
  expect(users(opening ?? [], /^TablesKey$/)).toEqual(users(statements, /^(Entries|Endpoints|Tenants|Journal)$/));
  for (const { user, Action, Condition } of opening ?? []) {
    const via = { 'Fn::Join': ['', ['dynamodb.', { Ref: 'AWS::Region' }, '.amazonaws.com']] };
    expect([user, Action]).toEqual([user, ['kms:Decrypt', 'kms:DescribeKey']]);
    expect(Condition).toEqual({ StringEquals: { 'kms:ViaService': via } });
  }
});

test('nothing is granted beside these policies, which stand in the roles themselves', () => {
  for (const { user, trusted, managed, policies } of roles.filter(({ user }) => Object.hasOwn(grants, user))) {
    expect([user, policies.map(({ PolicyName }) => PolicyName)]).toEqual([user, ['Grants']]);
    expect(trusted).toMatchObject({ Statement: [{ Principal: { Service: 'lambda.amazonaws.com' } }] });
    expect(managed).toBeUndefined();
  }
  for (const type of ['AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy']) {
    expect(stacks.map((stack) => resources(stack, type).size)).toEqual([0, 0]);
  }
  expect(statements.every(({ Effect }) => Effect === 'Allow')).toBe(true);
});

function sentence({ Action, Resource, Condition }: Statement) {
  const calls = [Action].flat().map((action) => action.replace(/^\w+:/, ''));
  const keys = Condition?.['ForAllValues:StringLike']?.['dynamodb:LeadingKeys'] ?? [];
  const purpose = Condition?.StringEquals?.['kms:EncryptionContext:name'];
  const answering = Condition?.StringEqualsIfExists ? ['answering', 'nothing'] : [];
  return [
    place(Resource),
    ...calls,
    ...pathOf(Resource),
    ...(keys.length > 0 ? ['on', ...keys] : []),
    ...answering,
    ...(purpose === undefined ? [] : ['for', purpose]),
  ].join(' ');
}

const place = (resource: unknown) => (partsOf(resource) ? 'Api' : referred(resource));

/** The path in an ARN of API Gateway's, which CloudFormation joins from parts. */
const pathOf = (resource: unknown) =>
  partsOf(resource)
    ?.map((part) => (typeof part === 'string' ? part : referred(part)))
    .join('')
    .match(/\/.*/) ?? [];

const partsOf = (resource: unknown) => (resource as { 'Fn::Join'?: [string, unknown[]] })['Fn::Join']?.[1];
