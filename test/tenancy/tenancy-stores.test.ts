import { dynamoApiKeyStore } from '../../shared/tenancy/api-key-store.ts';
import { dynamoCredentialStore } from '../../shared/tenancy/credential-store.ts';
import { dynamoLoginStore } from '../../shared/tenancy/login-store.ts';
import { dynamoTenantStore } from '../../shared/tenancy/tenant-store.ts';
import { emptyTable } from '../support/empty-table.ts';
import { type Engine, engines, tables } from '../support/engine.ts';
import { fakeTenancy } from '../support/fake-tenancy.ts';
import { tenancyContract } from './tenancy.contract.ts';

tenancyContract('the fake', () => Promise.resolve(fakeTenancy()));

describe.each(engines())('$name', ({ start }) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await start();
  }, 30_000);
  afterAll(async () => engine.stop());

  tenancyContract('the tenants table', async () => {
    await emptyTable(engine, tables.tenants);
    return {
      tenants: dynamoTenantStore(engine.client, tables.tenants),
      credentials: dynamoCredentialStore(engine.client, tables.tenants),
      logins: dynamoLoginStore(engine.client, tables.tenants),
      apiKeys: dynamoApiKeyStore(engine.client, tables.tenants),
    };
  });
});
