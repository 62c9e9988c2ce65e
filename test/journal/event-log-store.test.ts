import { dynamoAccessLog } from '../../shared/journal/access-log-store.ts';
import type { EventLine } from '../../shared/journal/event-line.ts';
import { dynamoEventLog } from '../../shared/journal/event-log-store.ts';
import { isLogPosition } from '../../shared/journal/log-line.ts';
import { emptyTable } from '../support/empty-table.ts';
import { type Engine, engines, tables } from '../support/engine.ts';
import { fakeAccessLog, fakeEventLog } from '../support/fake-logs.ts';
import { anEventLine } from '../support/log-lines.ts';
import { acme, globex, hours, noon } from '../support/observations.ts';
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
  });
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

  /** A day after another, down from noon: what nobody asks for, and a line that is wanted. */
  async function days(count: number, message: string) {
    await emptyTable(engine, tables.journal);
    const log = dynamoEventLog(engine.client, tables.journal, now);
    const wanted: EventLine[] = [];
    for (let day = 0; day < count; day += 1) {
      const at = noon - hours(24 * day);
      const others = ['a', 'b', 'c'].map((id) => anEventLine({ id, at, message, mac: null, user: 'bob' }));
      const line = anEventLine({ id: 'd', at, mac: null });
      await Promise.all([log.tell(acme, [...others, line]), log.tell(globex, [line])]);
      wanted.push(line);
    }
    return { log, wanted };
  }

  test('a search over days of nearly a megabyte each ends where it has read 24, and goes on there', async () => {
    const { log, wanted } = await days(40, 'x'.repeat(300_000));

    const { lines, next } = await log.find(acme, { user: 'alice' }, { limit: 100 });
    expect(lines).toEqual(wanted.slice(0, 33));
    expect(next).toBe('2026-01-27T23:59:59.999Z#~');
    expect(await allOf(log, { user: 'alice' }, 100)).toEqual(wanted);
    expect(await allOf(log, { user: 'alice' }, 7)).toEqual(wanted);
  });

  test('a search over many quiet days is one, and ends where its time is over', async () => {
    const { wanted } = await days(40, 'Bob came.');
    let at = noon;
    const log = dynamoEventLog(engine.client, tables.journal, () => (at += 1));
    const all = await log.find(acme, { user: 'alice' }, { limit: 100 });
    const late = await log.find(acme, { user: 'alice' }, { limit: 100, untilAt: noon });
    const { next: cursor = '' } = late;
    const rest = await log.find(acme, { user: 'alice' }, { limit: 100, cursor });

    expect(all).toEqual({ lines: wanted });
    expect(late).toEqual({ lines: wanted.slice(0, 1), next: '2026-02-28T23:59:59.999Z#~' });
    expect(isLogPosition(cursor)).toBe(true);
    expect(rest).toEqual({ lines: wanted.slice(1) });
  });
});
