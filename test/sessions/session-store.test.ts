import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { dynamoSessionStore } from '../../shared/sessions/session-store.ts';
import { emptyTable } from '../support/empty-table.ts';
import { type Engine, engines, tables } from '../support/engine.ts';
import { fakeSessionStore } from '../support/fake-session-store.ts';
import { acme, hours, minutes, noon } from '../support/observations.ts';
import { aClosed, aSession, aTenure } from '../support/sessions.ts';
import { sessionStoreContract } from './session-store.contract.ts';

sessionStoreContract('the fake', () => Promise.resolve(fakeSessionStore()));

describe.each(engines())('$name', ({ start }) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await start();
  });
  afterAll(async () => engine.stop());

  const emptied = async () => {
    await emptyTable(engine, tables.entries);
    return dynamoSessionStore(engine.client, tables.entries);
  };
  const sweptAt = async () => {
    const { Items = [] } = await engine.client.send(new ScanCommand({ TableName: tables.entries }));
    return Object.fromEntries(
      Items.map(({ pk, sk, deleteAt }) => [`${pk?.S ?? ''} ${sk?.S ?? ''}`, Number(deleteAt?.N) * 1_000]),
    );
  };

  sessionStoreContract('the store', emptied);

  test('everything of a session is swept: two days after it was last heard of, or a day after it was over', async () => {
    const store = await emptied();
    await store.take(
      acme,
      { ip: aSession().ip, tenure: aTenure() },
      { places: 1, most: 2, now: noon, uncounted: 'none' },
    );
    await store.open(acme, aSession());
    const counter = {
      'T#acme#SESSIONS#192.0.2.50 COUNT#1772366400000#aruba-clearpass#acme\\alice': noon + hours(8 * 24),
    };

    expect(await sweptAt()).toEqual({
      ...counter,
      'T#acme#SESSIONS#192.0.2.50 OPEN#credential-1#4711': noon + hours(48),
      'T#acme#SESSION#credential-1#4711 ID': noon + hours(48),
    });
    await store.hear(acme, aSession(), noon + hours(5));
    expect(await sweptAt()).toEqual({
      ...counter,
      'T#acme#SESSIONS#192.0.2.50 OPEN#credential-1#4711': noon + hours(53),
      'T#acme#SESSION#credential-1#4711 ID': noon + hours(53),
    });
    await store.close(acme, aClosed(), { place: 'free' });
    expect(await sweptAt()).toEqual({
      ...counter,
      'T#acme#SESSIONS#192.0.2.50 OVER#credential-1#4711#1772366400000': noon + minutes(5) + hours(24),
      'T#acme#SESSION#credential-1#4711 ID': noon + minutes(5) + hours(24),
    });
  });
});
