import type { DebugTold } from '../../shared/journal/debug.ts';
import { sayIfOn, withoutSecrets } from '../../shared/journal/debug.ts';
import { dynamoDebugLog, dynamoDebugSwitch } from '../../shared/journal/debug-store.ts';
import { emptyTable } from '../support/empty-table.ts';
import { type Engine, engines, tables } from '../support/engine.ts';
import { fakeDebugLog, fakeDebugSwitch } from '../support/fake-logs.ts';
import { laptop } from '../support/log-lines.ts';
import { acme, globex, minutes, noon } from '../support/observations.ts';
import { debugLogContract, debugSwitchContract } from './debug.contract.ts';

const now = () => noon;

debugLogContract('the fake of the debug log', async () => Promise.resolve(fakeDebugLog(now)));
debugSwitchContract('the fake of the switch', async () => Promise.resolve(fakeDebugSwitch()));

describe.each(engines())('$name', ({ start }) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await start();
  });
  afterAll(async () => engine.stop());

  debugLogContract('the debug log in the journal', async () => {
    await emptyTable(engine, tables.journal);
    return dynamoDebugLog(engine.client, tables.journal, now);
  });

  debugSwitchContract('the switch in the journal', async () => {
    await emptyTable(engine, tables.journal);
    return dynamoDebugSwitch(engine.client, tables.journal);
  });
});

function aService() {
  let at = noon;
  let reads = 0;
  const switches = fakeDebugSwitch();
  const log = fakeDebugLog(() => at);
  const lost: string[] = [];
  const debug = sayIfOn({
    switches: { until: async (tenant) => ((reads += 1), switches.until(tenant)) },
    log,
    now: () => at,
    newId: () => `id-${at}`,
    untold: (tenant, { message }) => lost.push(`${tenant}: ${message}`),
  });
  return { debug, switches, log, lost, reads: () => reads, wait: (ms: number) => (at += ms) };
}

const matched: DebugTold = { part: 'admission', message: 'The policy "infected" matches.', mac: laptop };

test('while it is off nothing is made up to be told, and the switch is read once in ten seconds', async () => {
  const { debug, reads, wait, log } = aService();
  let made = 0;
  const say = async () => debug.say(acme, () => ((made += 1), matched));

  await say();
  await say();
  wait(9_999);
  await say();
  expect(reads()).toBe(1);
  wait(1);
  await say();

  expect({ reads: reads(), made, lines: log.all(acme) }).toEqual({ reads: 2, made: 0, lines: [] });
});

test('while it is on a tenant is told what was seen, until its time is over', async () => {
  const { debug, switches, wait, log } = aService();
  await switches.set(acme, noon + minutes(1));

  await debug.say(acme, () => matched);
  await debug.say(globex, () => matched);
  wait(minutes(1));
  await debug.say(acme, () => matched);

  const line = { id: `id-${noon}`, at: noon, ip: null, user: null, requestId: null, details: null };
  expect(log.all(acme)).toEqual([{ ...line, ...matched }]);
  expect(log.all(globex)).toEqual([]);
});

test('a line that cannot be told, and a teller that fails, fail nobody', async () => {
  const { debug, switches, lost } = aService();
  await switches.set(acme, noon + minutes(1));

  await debug.say(acme, () => {
    throw new Error('no words');
  });

  expect(lost).toEqual(['acme: no words']);
});

test('secrets are left out however deep they lie, and long details are cut', () => {
  const seen = {
    'User-Name': 'alice',
    'User-Password': 'hunter2',
    request: {
      headers: { Authorization: 'Basic abc' },
      attributes: [{ 'CHAP-Password': 'x' }, { 'EAP-Message': 'y' }],
    },
    client: { name: 'switch', secret: 's3cret', api_key: 'k' },
  };

  const kept = withoutSecrets(seen);
  expect(JSON.parse(kept)).toEqual({
    'User-Name': 'alice',
    'User-Password': '(left out)',
    request: { headers: { Authorization: '(left out)' }, attributes: [{ 'CHAP-Password': '(left out)' }, { 'EAP-Message': '(left out)' }] }, // prettier-ignore
    client: { name: 'switch', secret: '(left out)', api_key: '(left out)' },
  });
  expect(withoutSecrets({ long: 'x'.repeat(10_000) })).toHaveLength(4_001);
});
