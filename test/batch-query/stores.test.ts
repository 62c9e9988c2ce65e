import { dynamoBatchRoster, dynamoBatchStore } from '../../shared/batch-query/batch-store.ts';
import { emptyTable } from '../support/empty-table.ts';
import { type Engine, engines, tables } from '../support/engine.ts';
import { fakeBatchRoster, fakeBatchStore } from '../support/fake-batch-store.ts';
import { batchRosterContract, batchStoreContract } from './batch-store.contract.ts';

describe('the fakes', () => {
  batchStoreContract('of batch queries', () => Promise.resolve(fakeBatchStore()));
  batchRosterContract('of the roster', () => Promise.resolve(fakeBatchRoster()));
});

describe.each(engines())('$name', ({ start }) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await start();
  });
  afterAll(async () => engine.stop());

  const emptied = async () => {
    await emptyTable(engine, tables.tenants);
    return [engine.client, tables.tenants] as const;
  };
  batchStoreContract('batch queries', async () => dynamoBatchStore(...(await emptied())));
  batchRosterContract('the roster', async () => dynamoBatchRoster(...(await emptied())));
});
