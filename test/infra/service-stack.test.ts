import { writerMs } from '../../shared/identity/change-notes.ts';
import { type ContextValues, referred, resources, templates } from '../support/stacks.ts';

/** Of both stacks that have functions. */
const all = (type: string, context?: ContextValues) => {
  const { workers, service } = templates(context);
  return new Map([workers, service].flatMap((stack) => [...resources(stack, type)]));
};
const { service } = templates();
const functions = all('AWS::Lambda::Function');

/** What each function is told, and so all that it can find. */
const environments: Record<string, readonly string[]> = {
  AbandonQueries: ['ENTRIES_TABLE', 'JOURNAL_TABLE', 'TENANTS_TABLE'],
  ActOnHosts: [
    'CONNECTORS_QUEUE',
    'ENDPOINTS_TABLE',
    'EVENT_BUS',
    'JOURNAL_TABLE',
    'QUERY_CELLS',
    'SECRETS_KEY_ID',
    'TENANTS_TABLE',
  ],
  Authorize: ['JOURNAL_TABLE', 'ORIGIN_SECRET', 'TENANTS_TABLE'],
  CloseSession: ['ENTRIES_TABLE', 'JOURNAL_TABLE', 'TENANTS_TABLE'],
  Configure: ['ENDPOINTS_TABLE', 'ENTRIES_TABLE', 'JOURNAL_TABLE', 'SECRETS_KEY_ID', 'TENANTS_TABLE'],
  Decide: ['ENDPOINTS_TABLE', 'ENTRIES_TABLE', 'JOURNAL_TABLE', 'QUERY_CELLS', 'TENANTS_TABLE'],
  DeleteEntries: ['ENTRIES_TABLE', 'JOURNAL_TABLE', 'SECRETS_KEY_ID', 'TENANTS_TABLE'],
  DescribeApi: [],
  EraseTenants: ['ENDPOINTS_TABLE', 'ENTRIES_TABLE', 'JOURNAL_TABLE', 'TENANTS_TABLE'],
  ExplainEntries: ['ENDPOINTS_TABLE', 'ENTRIES_TABLE', 'JOURNAL_TABLE', 'TENANTS_TABLE'],
  FindActiveUsers: ['ENDPOINTS_TABLE', 'JOURNAL_TABLE'],
  FindEntries: ['ENTRIES_TABLE', 'JOURNAL_TABLE', 'TENANTS_TABLE'],
  FindEvents: ['ENDPOINTS_TABLE', 'JOURNAL_TABLE'],
  FindReceipts: ['ENTRIES_TABLE', 'JOURNAL_TABLE', 'TENANTS_TABLE'],
  FindSessions: ['ENTRIES_TABLE', 'JOURNAL_TABLE', 'TENANTS_TABLE'],
  ForwardLogs: ['DEAD_LETTERS', 'JOURNAL_TABLE', 'LOGS_QUEUE', 'TENANTS_TABLE'],
  ReceiveThreatLogs: [
    'CHANGES_QUEUE',
    'ENDPOINTS_TABLE',
    'ENTRIES_TABLE',
    'EVENT_BUS',
    'JOURNAL_TABLE',
    'LOGS_QUEUE',
    'SECRETS_KEY_ID',
    'TENANTS_TABLE',
  ],
  HandOverChanges: ['ENDPOINTS_TABLE', 'JOURNAL_TABLE', 'TENANTS_TABLE'],
  LogIn: ['JOURNAL_TABLE', 'TENANTS_TABLE'],
  ManageConnectors: [
    'CONNECTORS_QUEUE',
    'ENDPOINTS_TABLE',
    'ENTRIES_TABLE',
    'JOURNAL_TABLE',
    'QUERY_CELLS',
    'SECRETS_KEY_ID',
    'TENANTS_TABLE',
  ],
  ManageHosts: ['CONNECTORS_QUEUE', 'ENDPOINTS_TABLE', 'EVENT_BUS', 'JOURNAL_TABLE', 'SECRETS_KEY_ID', 'TENANTS_TABLE'],
  ManageEndpoints: [
    'CHANGES_QUEUE',
    'CONNECTORS_QUEUE',
    'ENDPOINTS_TABLE',
    'EVENT_BUS',
    'JOURNAL_TABLE',
    'SECRETS_KEY_ID',
    'TENANTS_TABLE',
  ],
  ManageTenants: ['JOURNAL_TABLE', 'REST_API_ID', 'SECRETS_KEY_ID', 'TENANTS_TABLE'],
  MoveTenants: ['ENDPOINTS_TABLE', 'ENTRIES_TABLE', 'JOURNAL_TABLE', 'SECRETS_KEY_ID', 'TENANTS_TABLE'],
  PostEntries: ['ENDPOINTS_TABLE', 'ENTRIES_TABLE', 'EVENT_BUS', 'JOURNAL_TABLE', 'TENANTS_TABLE'],
  PullForwardingTable: ['ENTRIES_TABLE', 'JOURNAL_TABLE', 'TENANTS_TABLE'],
  PutEntry: ['ENTRIES_TABLE', 'JOURNAL_TABLE', 'SECRETS_KEY_ID', 'TENANTS_TABLE'],
  QueryClearPass: [
    'CONNECTORS_QUEUE',
    'ENDPOINTS_TABLE',
    'ENTRIES_TABLE',
    'EVENT_BUS',
    'JOURNAL_TABLE',
    'QUERY_CELLS',
    'SECRETS_KEY_ID',
    'TENANTS_TABLE',
  ],
  QueryUsers: ['ENTRIES_TABLE', 'JOURNAL_TABLE', 'QUERY_CELLS', 'SECRETS_KEY_ID', 'TENANTS_TABLE'],
  ReceiveThreatAction: ['CHANGES_QUEUE', 'ENDPOINTS_TABLE', 'EVENT_BUS', 'JOURNAL_TABLE', 'TENANTS_TABLE'],
  SendChanges: ['CHANGES_QUEUE', 'ENDPOINTS_TABLE', 'JOURNAL_TABLE', 'SECRETS_KEY_ID', 'TENANTS_TABLE'],
  ServeFeed: ['ENDPOINTS_TABLE'],
  ServeRadius: ['CHANGES_QUEUE', 'ENDPOINTS_TABLE', 'ENTRIES_TABLE', 'EVENT_BUS', 'JOURNAL_TABLE', 'TENANTS_TABLE'],
  SetUp: ['ENTRIES_TABLE', 'JOURNAL_TABLE', 'SECRETS_KEY_ID', 'TENANTS_TABLE'],
  TellHealth: ['JOURNAL_TABLE', 'TENANTS_TABLE'],
  TendEndpoints: ['CHANGES_QUEUE', 'ENDPOINTS_TABLE', 'EVENT_BUS', 'JOURNAL_TABLE', 'TENANTS_TABLE'],
  WakeBatchQueries: ['QUERY_CELLS', 'TENANTS_TABLE'],
  WakeConnectors: ['CONNECTORS_QUEUE', 'ENDPOINTS_TABLE', 'QUERY_CELLS', 'TENANTS_TABLE'],
  WatchSenders: ['JOURNAL_TABLE', 'TENANTS_TABLE'],
};

/** The functions that API Gateway calls. */
const called = [...resources(service, 'AWS::Lambda::Function').keys()];

test('each function is told just what it uses', () => {
  const told = [...functions].map(([name, { Properties }]) => {
    const { Variables } = Properties.Environment as { Variables: object };
    return [
      name,
      Object.keys(Variables)
        .filter((variable) => variable !== 'NODE_OPTIONS')
        .sort(),
    ];
  });

  expect(Object.fromEntries(told)).toEqual(environments);
});

test('the functions run on Node 24 and Arm, are traced, and name our own lines when they fail', () => {
  for (const { Properties } of functions.values()) {
    expect(Properties).toMatchObject({
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      Handler: 'index.handler',
      TracingConfig: { Mode: 'Active' },
      Environment: { Variables: { NODE_OPTIONS: '--enable-source-maps' } },
    });
  }
});

test('a post has a whole processor, and as long as API Gateway waits', () => {
  expect(functions.get('PostEntries')?.Properties).toMatchObject({ MemorySize: 1769, Timeout: 29 });
  for (const name of called) expect(functions.get(name)?.Properties.Timeout).toBeLessThanOrEqual(29);
});

test('no function lives as long as readers of changes wait for a writer that has ended', () => {
  for (const { Properties } of functions.values()) expect(Number(Properties.Timeout) * 1_000).toBeLessThan(writerMs);
});

test.each([
  ['sandbox', 7],
  ['production', 90],
])('every log of the %s ends after %d days', (stageName, days) => {
  const logs = all('AWS::Logs::LogGroup', { stage: stageName });

  for (const { Properties } of logs.values()) expect(Properties.RetentionInDays).toBe(days);
  for (const [name, { Properties }] of all('AWS::Lambda::Function', { stage: stageName })) {
    expect(referred((Properties.LoggingConfig as { LogGroup: unknown }).LogGroup)).toBe(`${name}Log`);
  }
});

test('only our API and our schedules can call a function: there is no public address and no other caller', () => {
  const permissions = all('AWS::Lambda::Permission');

  expect(all('AWS::Lambda::Url').size).toBe(0);
  const callers = [...permissions.values()].map(({ Properties }) => ({
    called: referred(Properties.FunctionName),
    by: Properties.Principal,
    from: /"(?:Ref|Fn::GetAtt)":(?:\[)?"(Api|EveryMinuteRule|EveryFiveMinutesRule)/.exec(
      JSON.stringify(Properties.SourceArn),
    )?.[1],
  }));
  const named = (one: { called: string }, other: { called: string }) => one.called.localeCompare(other.called);
  const everyMinute = ['EraseTenants', 'TendEndpoints', 'WakeBatchQueries', 'WakeConnectors'];
  const expected = [
    ...called.map((name) => ({ called: name, by: 'apigateway.amazonaws.com', from: 'Api' })),
    ...everyMinute.map((name) => ({ called: name, by: 'events.amazonaws.com', from: 'EveryMinuteRule' })),
    { called: 'WatchSenders', by: 'events.amazonaws.com', from: 'EveryFiveMinutesRule' },
  ];
  expect(callers.sort(named)).toEqual(expected.sort(named));
});

test('the stack says where the API answers, and what the tools need to find', () => {
  expect(Object.keys(service.toJSON().Outputs as object)).toEqual(
    expect.arrayContaining(['ApiUrl', 'RestApiId', 'TenantsTableName']),
  );
});
