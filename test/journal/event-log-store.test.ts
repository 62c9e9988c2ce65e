import { dynamoAccessLog } from '../../shared/journal/access-log-store.ts';
import { dynamoEventLog } from '../../shared/journal/event-log-store.ts';
import { emptyTable } from '../support/empty-table.ts';
import { type Engine, engines, tables } from '../support/engine.ts';
import { fakeAccessLog, fakeEventLog } from '../support/fake-logs.ts';
import { anEventLine } from '../support/log-lines.ts';
import { acme, noon } from '../support/observations.ts';
import { accessLogContract } from './access-log.contract.ts';
import { eventLogContract } from './event-log.contract.ts';
import { allOf } from './log.contract.ts';

const now = () => noon;

eventLogContract('the fake of the event log', async () => Promise.resolve(fakeEventLog(now)));
accessLogContract('the fake of the access log', async () => Promise.resolve(fakeAccessLog(now)));

describe.each(engines())('$name', ({ start }) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await start();
  }, 30_000);
  afterAll(async () => engine.stop());

  eventLogContract('the event log in the journal', async () => {
    await emptyTable(engine, tables.journal);
    return dynamoEventLog(engine.client, tables.journal, now);
  });

  accessLogContract('the access log in the journal', async () => {
    await emptyTable(engine, tables.journal);
    return dynamoAccessLog(engine.client, tables.journal, now);
  });

  test('a search that reads megabytes in vain finds what lies below them', async () => {
    await emptyTable(engine, tables.journal);
    const log = dynamoEventLog(engine.client, tables.journal, now);
    const large = 'x'.repeat(300_000);
    const lines = Array.from({ length: 20 }, (_, index) =>
      anEventLine({ id: `${index + 10}`, message: large, mac: null }),
    );
    const wanted = anEventLine({ id: '00', state: 'stale' });
    await log.tell(acme, [...lines, wanted]);

    expect(await allOf(log, { state: 'stale' })).toEqual([wanted]);
  });
});
