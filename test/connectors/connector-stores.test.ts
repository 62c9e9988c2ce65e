import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { dynamoConnectorStates } from '../../shared/connectors/connector-state-store.ts';
import { connectorKey } from '../../shared/connectors/connector-state.ts';
import { dynamoConnectorTests } from '../../shared/connectors/connector-test-store.ts';
import { emptyTable } from '../support/empty-table.ts';
import { type Engine, engines, tables } from '../support/engine.ts';
import { fakeConnectorStates, fakeConnectorTests } from '../support/fake-connector-stores.ts';
import { fakeCipher } from '../support/fake-secrets.ts';
import { acme, noon } from '../support/observations.ts';
import { aDraft, aState, connectorStatesContract, connectorTestsContract } from './connector-stores.contract.ts';

describe('the fakes', () => {
  connectorStatesContract('of states', async () => Promise.resolve(fakeConnectorStates()));
  connectorTestsContract('of tests', async () => Promise.resolve(fakeConnectorTests()));
});

describe.each(engines())('$name', ({ start }) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await start();
  });
  afterAll(async () => engine.stop());

  const emptied = async () => {
    await emptyTable(engine, tables.endpoints);
    return [engine.client, tables.endpoints] as const;
  };
  const items = async () => (await engine.client.send(new ScanCommand({ TableName: tables.endpoints }))).Items;

  connectorStatesContract('states', async () => dynamoConnectorStates(...(await emptied())));
  connectorTestsContract('tests', async () => dynamoConnectorTests(...(await emptied()), fakeCipher()));

  test('a state is swept a day after the last check, and a test after ten minutes', async () => {
    const place = await emptied();
    await dynamoConnectorStates(...place).replace(acme, connectorKey('campus'), aState(), undefined);
    await dynamoConnectorTests(...place, fakeCipher()).leave(acme, 'one', aDraft(), noon);

    expect((await items())?.map(({ deleteAt }) => Number(deleteAt?.N) - noon / 1_000).sort()).toEqual([600, 86_400]);
  });

  test('a secret that was sent along lies in the table encrypted for its test alone', async () => {
    const cipher = fakeCipher();
    const sealed = { ...cipher, encrypt: async () => Promise.resolve(Buffer.from('sealed')) };
    const place = await emptied();
    await dynamoConnectorTests(...place, sealed).leave(acme, 'one', aDraft(), noon);

    expect(JSON.stringify(await items())).not.toContain('s3cret');
    await dynamoConnectorTests(...place, cipher).leave(acme, 'two', aDraft(), noon);
    const [stolen] = (await items())?.filter(({ sk }) => sk?.S === 'two') ?? [];
    expect(Buffer.from(stolen?.ciphertext?.B ?? []).toString()).toContain('connector-test/two');
  });
});
