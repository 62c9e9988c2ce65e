import { dynamoRounds, dynamoWakingRound } from '../../shared/connectors/round-store.ts';
import { emptyTable } from '../support/empty-table.ts';
import { type Engine, engines, tables } from '../support/engine.ts';
import { fakeRounds, fakeWakingRound } from '../support/fake-rounds.ts';
import { roundStoreContract, wakingRoundContract } from './round-store.contract.ts';

describe('the fake', () => {
  roundStoreContract(fakeRounds);
  wakingRoundContract(() => fakeWakingRound());
});

describe.each(engines())('$name', ({ start }) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await start();
  });
  afterAll(async () => engine.stop());

  roundStoreContract(async () => {
    await emptyTable(engine, tables.endpoints);
    return dynamoRounds(engine.client, tables.endpoints);
  });
  wakingRoundContract(async () => {
    await emptyTable(engine, tables.endpoints);
    return dynamoWakingRound(engine.client, tables.endpoints);
  });
});
