import { resources, templates } from '../support/stacks.ts';

const sandbox = resources(templates().data, 'AWS::DynamoDB::Table');
const production = resources(templates({ stage: 'production' }).data, 'AWS::DynamoDB::Table');

test('there are four tables, paid by request and keyed alike', () => {
  expect([...sandbox.keys()].sort()).toEqual(['Endpoints', 'Entries', 'Journal', 'Tenants']);
  for (const { Properties } of sandbox.values()) {
    expect(Properties).toMatchObject({
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
    });
  }
});

test.each(['Entries', 'Endpoints', 'Tenants', 'Journal'])(
  '%s lets items go by themselves, after what deleteAt says',
  (name) => {
    expect(sandbox.get(name)?.Properties.TimeToLiveSpecification).toEqual({ AttributeName: 'deleteAt', Enabled: true });
  },
);

test.each(['Endpoints', 'Tenants', 'Journal'])('%s can be brought back to any second', (name) => {
  expect(sandbox.get(name)?.Properties.PointInTimeRecoverySpecification).toEqual({ PointInTimeRecoveryEnabled: true });
});

test('the authentication table cannot be brought back, for that would bring back users who have logged off', () => {
  expect(sandbox.get('Entries')?.Properties.PointInTimeRecoverySpecification).toEqual({
    PointInTimeRecoveryEnabled: false,
  });
});

test('no table has a name of its own, so that a replacement never collides', () => {
  for (const { Properties } of sandbox.values()) expect(Properties.TableName).toBeUndefined();
});

test('production keeps its tables and the key of its secrets, whatever becomes of the stack', () => {
  for (const { DeletionPolicy, Properties } of production.values()) {
    expect(DeletionPolicy).toBe('Retain');
    expect(Properties.DeletionProtectionEnabled).toBe(true);
  }
  expect(resources(templates({ stage: 'production' }).data, 'AWS::KMS::Key').get('SecretsKey')?.DeletionPolicy).toBe(
    'Retain',
  );
});

test('a sandbox leaves nothing behind', () => {
  for (const { DeletionPolicy, Properties } of sandbox.values()) {
    expect(DeletionPolicy).toBe('Delete');
    expect(Properties.DeletionProtectionEnabled).toBe(false);
  }
});

test('in production the authentication table is warm before the first post', () => {
  expect(production.get('Entries')?.Properties.WarmThroughput).toEqual({
    ReadUnitsPerSecond: 24_000,
    WriteUnitsPerSecond: 16_000,
  });
});

test('the key of the secrets is replaced by itself every year', () => {
  const keys = resources(templates().data, 'AWS::KMS::Key');

  expect(keys.get('SecretsKey')?.Properties.EnableKeyRotation).toBe(true);
});

test('a stage that does not exist is refused with the names of those that do', () => {
  expect(() => templates({ stage: 'staging' })).toThrow(
    'There is no stage "staging". Say one of: sandbox, production.',
  );
});
