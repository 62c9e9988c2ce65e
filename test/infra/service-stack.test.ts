import { referred, resources, templates } from '../support/stacks.ts';

const { service } = templates();
const functions = resources(service, 'AWS::Lambda::Function');

/** What each function is told, and so all that it can find. */
const environments: Record<string, readonly string[]> = {
  Authorize: ['JOURNAL_TABLE', 'TENANTS_TABLE'],
  Configure: ['SECRETS_KEY_ID', 'TENANTS_TABLE'],
  DeleteEntries: ['ENTRIES_TABLE'],
  FindEntries: ['ENTRIES_TABLE', 'TENANTS_TABLE'],
  FindReceipts: ['JOURNAL_TABLE'],
  ManageTenants: ['REST_API_ID', 'TENANTS_TABLE'],
  PostEntries: ['ENTRIES_TABLE', 'JOURNAL_TABLE', 'TENANTS_TABLE'],
  TellHealth: ['TENANTS_TABLE'],
};

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
  for (const { Properties } of functions.values()) expect(Properties.Timeout).toBeLessThanOrEqual(29);
});

test.each([
  ['sandbox', 7],
  ['production', 90],
])('every log of the %s ends after %d days', (stageName, days) => {
  const template = templates(stageName).service;
  const logs = resources(template, 'AWS::Logs::LogGroup');

  for (const { Properties } of logs.values()) expect(Properties.RetentionInDays).toBe(days);
  for (const [name, { Properties }] of resources(template, 'AWS::Lambda::Function')) {
    expect(referred((Properties.LoggingConfig as { LogGroup: unknown }).LogGroup)).toBe(`${name}Log`);
  }
});

test('only our API can call a function: there is no public address and no other caller', () => {
  service.resourceCountIs('AWS::Lambda::Url', 0);
  const permissions = resources(service, 'AWS::Lambda::Permission');

  const callers = [...permissions.values()].map(({ Properties }) => ({
    called: referred(Properties.FunctionName),
    by: Properties.Principal,
    from: JSON.stringify(Properties.SourceArn).includes('"Ref":"Api'),
  }));
  expect(callers.sort((one, other) => one.called.localeCompare(other.called))).toEqual(
    Object.keys(environments).map((called) => ({ called, by: 'apigateway.amazonaws.com', from: true })),
  );
});

test('the stack says where the API answers, and what the tools need to find', () => {
  expect(Object.keys(service.toJSON().Outputs as object)).toEqual(
    expect.arrayContaining(['ApiUrl', 'RestApiId', 'TenantsTableName']),
  );
});
