import { dynamoApprovalStore } from '../../shared/admission/approval-store.ts';
import { dynamoEventMemory } from '../../shared/admission/event-memory-store.ts';
import { emptyTable } from '../support/empty-table.ts';
import { type Engine, engines, tables } from '../support/engine.ts';
import { fakeApprovalStore, fakeEventMemory } from '../support/fake-admission-stores.ts';
import { approvalStoreContract, eventMemoryContract } from './stores.contract.ts';

eventMemoryContract('the fake', () => Promise.resolve(fakeEventMemory()));
approvalStoreContract('the fake', () => Promise.resolve(fakeApprovalStore()));

describe.each(engines())('$name', ({ name, start }) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await start();
  });
  afterAll(async () => engine.stop());

  const emptied = async () => {
    await emptyTable(engine, tables.endpoints);
    return [engine.client, tables.endpoints] as const;
  };
  eventMemoryContract(name, async () => dynamoEventMemory(...(await emptied())));
  approvalStoreContract(name, async () => dynamoApprovalStore(...(await emptied())));
});
