import { DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import type { IpAddress } from '../../shared/identity/address.ts';
import { change } from '../../shared/identity/authentication-table.ts';
import { dynamoAuthenticationTable } from '../../shared/identity/entry-store.ts';
import { dynamoEntryCount, dynamoUsageStore } from '../../shared/identity/usage-store.ts';
import { type TenantId, tenantId } from '../../shared/tenancy/tenant.ts';
import { emptyTable } from '../support/empty-table.ts';
import { type Engine, engines, tables } from '../support/engine.ts';
import { fakeUsageStore } from '../support/fake-usage-store.ts';
import { aLogoff, aLogon, instant, minutes, noon, told } from '../support/observations.ts';
import { usageStoreContract } from './usage-store.contract.ts';

usageStoreContract('the fake', () => Promise.resolve(fakeUsageStore()));

test('a counter that does not answer holds no post up for seconds', async () => {
  const client = new DynamoDBClient({
    region: 'eu-central-1',
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
    requestHandler: {
      handle: async (_: unknown, { abortSignal }: { abortSignal?: AbortSignal } = {}) =>
        new Promise<never>((_resolve, reject) => {
          abortSignal?.addEventListener('abort', () => reject(new Error('The post waits no longer.')));
        }),
    },
  });
  const store = dynamoUsageStore(client, tables.journal);

  await expect(store.add(tenantId('t1'), { minute: 1_000, units: 1, most: 10, inserted: 0 })).rejects.toThrow();
});

describe.each(engines())('$name', ({ start }) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await start();
  });
  afterAll(async () => engine.stop());

  usageStoreContract('the journal', async () => {
    await emptyTable(engine, tables.journal);
    return dynamoUsageStore(engine.client, tables.journal, minutes(1));
  });

  test('a tenant is one item, which ends by itself', async () => {
    await emptyTable(engine, tables.journal);
    const store = dynamoUsageStore(engine.client, tables.journal, minutes(1));
    for (const id of ['t1', 't10']) await store.add(tenantId(id), { minute: 1_000, units: 1, most: 10, inserted: 0 });

    const { Items = [] } = await engine.client.send(
      new QueryCommand({
        TableName: tables.journal,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': { S: 'T#t1#USAGE' } },
      }),
    );

    expect(Items.map(({ sk, deleteAt }) => [sk?.S, deleteAt?.N])).toEqual([['POSTS', String(60_000 + 172_800)]]);
  });

  test('entries are counted where somebody is, of one tenant, and of none whose time is over', async () => {
    await emptyTable(engine, tables.entries);
    const [t1, t10] = [tenantId('t1'), tenantId('t10')];
    const table = { ...dynamoAuthenticationTable(engine.client, tables.entries), now: () => noon };
    const counting = dynamoEntryCount(engine.client, tables.entries);
    const make = async (tenant: TenantId, ...ips: readonly string[]) =>
      change(table, tenant, {
        changes: ips.map((ip) => ({
          key: { ip: ip as IpAddress, slot: 'userid' },
          events: [told(aLogon({ ip: ip as IpAddress }))],
        })),
        untilAt: noon + 1_000,
      });
    await make(t1, ...Array.from({ length: 40 }, (_, index) => `192.0.2.${index}`));
    await make(t10, '192.0.2.1', '192.0.2.2');
    const logoff = told(aLogoff({ ip: '192.0.2.1' as IpAddress, instant: instant(1) }));
    await change(table, t1, {
      changes: [{ key: { ip: '192.0.2.1' as IpAddress, slot: 'userid' }, events: [logoff] }],
      untilAt: noon + 1_000,
    });

    expect(await counting(t1, noon)).toBe(39);
    expect(await counting(t10, noon)).toBe(2);
    expect(await counting(tenantId('t100'), noon)).toBe(0);
    expect(await counting(t1, noon + 24 * 60 * 60_000)).toBe(0);
  });
});
