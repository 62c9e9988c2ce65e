import { dynamoActionBudget } from '../../shared/admission/action-budget-store.ts';
import { dynamoApprovalStore } from '../../shared/admission/approval-store.ts';
import { dynamoEventMemory } from '../../shared/admission/event-memory-store.ts';
import { dynamoTraceStore } from '../../shared/admission/trace-store.ts';
import { emptyTable } from '../support/empty-table.ts';
import { type Engine, engines, tables } from '../support/engine.ts';
import {
  fakeActionBudget,
  fakeApprovalStore,
  fakeEventMemory,
  fakeTraceStore,
} from '../support/fake-admission-stores.ts';
import {
  actionBudgetContract,
  approvalStoreContract,
  eventMemoryContract,
  traceStoreContract,
} from './stores.contract.ts';

eventMemoryContract('the fake', () => Promise.resolve(fakeEventMemory()));
approvalStoreContract('the fake', () => Promise.resolve(fakeApprovalStore()));
actionBudgetContract('the fake', () => Promise.resolve(fakeActionBudget()));
traceStoreContract('the fake', () => Promise.resolve(fakeTraceStore()));

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
  traceStoreContract(name, async () => dynamoTraceStore(...(await emptied())));
  actionBudgetContract(name, async () => dynamoActionBudget(...(await emptied())));
});
