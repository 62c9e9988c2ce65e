import { DeleteItemCommand } from '@aws-sdk/client-dynamodb';
import { dynamoApiKeyStore } from '../../shared/tenancy/api-key-store.ts';
import { dynamoCredentialStore } from '../../shared/tenancy/credential-store.ts';
import { defaultLimits } from '../../shared/tenancy/limits.ts';
import { dynamoLimits } from '../../shared/tenancy/limits-store.ts';
import { dynamoLoginStore } from '../../shared/tenancy/login-store.ts';
import { dynamoTenantStore } from '../../shared/tenancy/tenant-store.ts';
import { type TenantId, tenantId } from '../../shared/tenancy/tenant.ts';
import { emptyTable } from '../support/empty-table.ts';
import { type Engine, engines, tables } from '../support/engine.ts';
import { fakeTenancy } from '../support/fake-tenancy.ts';
import { noon } from '../support/observations.ts';
import { tenancyContract } from './tenancy.contract.ts';

tenancyContract('the fake', () => Promise.resolve(fakeTenancy()));

describe.each(engines())('$name', ({ start }) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await start();
  });
  afterAll(async () => engine.stop());

  tenancyContract('the tenants table', async () => {
    await emptyTable(engine, tables.tenants);
    return {
      tenants: dynamoTenantStore(engine.client, tables.tenants),
      credentials: dynamoCredentialStore(engine.client, tables.tenants),
      logins: dynamoLoginStore(engine.client, tables.tenants),
      gone: async (tenant: TenantId) =>
        engine.client.send(new DeleteItemCommand({ TableName: tables.tenants, Key: { pk: { S: `T#${tenant}` }, sk: { S: 'TENANT' } } })), // prettier-ignore
      apiKeys: dynamoApiKeyStore(engine.client, tables.tenants),
    };
  });

  test('functions find the limits that were set for a tenant, and for no other', async () => {
    await emptyTable(engine, tables.tenants);
    const [t1, t10] = [tenantId('t1'), tenantId('t10')];
    const tenants = dynamoTenantStore(engine.client, tables.tenants);
    const tenant = (id: TenantId) => ({ id, name: id, createdAt: noon });
    await tenants.create({ ...tenant(t1), limits: { entries: 5, postsPerMinute: 6 } }, []);
    await tenants.create(tenant(t10), []);
    const t2 = tenantId('t2');
    const arrival = { exportId: 'export-1', exportedAt: noon, beganAt: noon, pages: 0 };
    await tenants.arrive({ ...tenant(t2), limits: { entries: 7 }, arrival });
    const unread: unknown[] = [];
    const limitsOf = dynamoLimits(engine.client, tables.tenants, { error: (...told) => unread.push(told) });

    expect(await limitsOf(t1)).toEqual({ ...defaultLimits, entries: 5, postsPerMinute: 6 });
    expect(await limitsOf(t2)).toEqual({ ...defaultLimits, entries: 7 });
    expect(await limitsOf(t10)).toEqual(defaultLimits);
    expect(await limitsOf(tenantId('t100'))).toEqual(defaultLimits);
    expect(unread).toEqual([]);
  });
});
