import type { Answer, Enforcement, Enforcer, OpenConnector } from '../../shared/connectors/enforcer.ts';
import { loginsBy } from '../../shared/outbound/logins.ts';
import { pulseEnforcer } from '../../shared/outbound/pulse-client.ts';
import { type Pps, startPps } from '../simulators/pps.ts';
import { aConnector, anEnforcement, infected, laptop } from '../support/enforcements.ts';
import { noon } from '../support/observations.ts';
import { oddHttpServer } from '../support/odd-server.ts';
import { reach, reachUntil } from '../support/questions.ts';

const hour = 60 * 60 * 1_000;
let now: number;
let pps: Pps;
let enforcer: Enforcer;
const enforcerWithin = (within = reach) =>
  pulseEnforcer(
    within,
    loginsBy(() => now),
    () => now,
  );
beforeEach(async () => {
  now = noon;
  pps = await startPps({ users: { postern: 'hunter2' }, realms: ['Admin Users', 'guests'], now: () => now });
  enforcer = enforcerWithin(reach);
});
afterEach(async () => pps.stop());

const at = (told: Parameters<typeof aConnector>[1] = {}): OpenConnector => aConnector(pps.server, told);
const apply = async (told: Partial<Enforcement> = {}, connector = at()) =>
  enforcer.apply(connector, anEnforcement(told));
const says = (text: string) => expect.stringContaining(text) as unknown;
const events = () => pps.questions().map(({ event }) => event?.event);

test('logs in and tells of the event on one socket, which is closed on return', async () => {
  const answer = await apply();

  expect(answer).toMatchObject({
    outcome: 'acknowledged',
    detail: 'quarantine-endpoint: applied: Event received: quarantined.',
  });
  expect(answer.roundTripMs).toBeGreaterThanOrEqual(0);
  expect(pps.questions()).toEqual([
    {
      call: 'POST /api/v1/admission-control/events',
      event: {
        event: 'quarantine-endpoint',
        endpointIp: infected,
        endpointMac: laptop,
        severity: 'high',
        threatName: 'W32.Example',
        eventId: 'op-1',
        occurredAt: new Date(noon).toISOString(),
      },
    },
  ]);
  expect(pps.statistics()).toMatchObject({ tokens: 1, openSockets: 0, maxOpenSockets: 1 });
  expect(pps.holds()).toEqual({ [infected]: ['quarantined'] });
});

test.each<[Enforcement['former'], Enforcement['wanted'], readonly string[]]>([
  ['free', 'quarantined', ['quarantine-endpoint']],
  ['free', 'blocked', ['block-endpoint']],
  ['quarantined', 'blocked', ['block-endpoint']],
  ['blocked', 'quarantined', ['quarantine-endpoint', 'clear-blocked-endpoint']],
  ['quarantined', 'free', ['clear-quarantine-endpoint']],
  ['blocked', 'free', ['clear-quarantine-endpoint', 'clear-blocked-endpoint']],
  ['free', 'free', ['clear-quarantine-endpoint', 'clear-blocked-endpoint']],
])('what leads from %s to %s is %j', async (former, wanted, expected) => {
  expect(await apply({ former, wanted })).toMatchObject({ outcome: 'acknowledged' });
  expect(events()).toEqual(expected);
  expect(pps.holds()[infected] ?? []).toEqual({ free: [], quarantined: ['quarantined'], blocked: ['blocked'] }[wanted]);
});

test('who is quarantined, then blocked, is freed from both, and an operation that is sent again changes nothing', async () => {
  await apply({ id: 'one' });
  await apply({ id: 'two', former: 'quarantined', wanted: 'blocked' });
  expect(pps.holds()).toEqual({ [infected]: ['blocked', 'quarantined'] });

  await apply({ id: 'three', former: 'blocked', wanted: 'free' });
  expect(await apply({ id: 'one' })).toMatchObject({ outcome: 'acknowledged', detail: says('replay') });
  await apply({ id: 'two', former: 'quarantined', wanted: 'blocked' });

  expect(pps.holds()).toEqual({});
  const ids = pps.questions().map(({ event }) => event?.eventId);
  expect(ids).toEqual(['one', 'two', 'three-clear-quarantine-endpoint', 'three-clear-blocked-endpoint', 'one', 'two']);
});

test('a clear names no device: who was held through the address is freed, whoever has it by now, and nobody else', async () => {
  const other = '00:11:22:33:00:99' as typeof laptop;
  await apply({ id: 'one' });
  await apply({ id: 'two', ip: '192.0.2.61' as typeof infected, mac: other });

  await apply({ id: 'three', former: 'quarantined', wanted: 'free', mac: other });

  expect(pps.questions().at(-1)?.event).not.toHaveProperty('endpointMac');
  expect([pps.holdsOf(laptop), pps.holdsOf(other)]).toEqual([[], ['quarantined']]);
});

test('a clear of what it does not hold is done', async () => {
  expect(await apply({ former: 'quarantined', wanted: 'free' })).toMatchObject({ outcome: 'acknowledged', detail: says('nothing-to-clear') }); // prettier-ignore
});

test('what it does nothing about, or has somebody approve first, is refused with its words', async () => {
  pps.askBefore('holds');
  expect(await apply({ id: 'one' })).toMatchObject({ outcome: 'refused', detail: says('to approve it') });
  expect(await apply({ id: 'one', attempt: 2 })).toMatchObject({ outcome: 'refused', detail: says('to approve it') });
  expect(pps.holds()).toEqual({});
  pps.approve();
  expect(await apply({ id: 'two' })).toMatchObject({ outcome: 'acknowledged', detail: says('already-held') });

  pps.spare('192.0.2.77');
  expect(await apply({ id: 'three', ip: '192.0.2.77' as typeof infected })).toMatchObject({ outcome: 'refused', detail: says('allow-list') }); // prettier-ignore
});

test('what waits there for a device has failed, and is asked for again under another id until it is done', async () => {
  const waiting = await startPps({ devices: 'logged-in', now: () => now });
  const connector = aConnector(waiting.server);
  const again = async (attempt: number) => apply({ mac: null, attempt }, connector);

  expect(await again(1)).toMatchObject({ outcome: 'failed', detail: says('waits there') });
  expect(await again(2)).toMatchObject({ outcome: 'failed', detail: says('waits there') });
  waiting.login(infected, laptop);
  expect(await again(3)).toMatchObject({ outcome: 'acknowledged', detail: says('already-held') });

  expect(waiting.questions().map(({ event }) => event?.eventId)).toEqual(['op-1', 'op-1', 'op-1-2', 'op-1', 'op-1-3']);
  expect(waiting.holdsOf(laptop)).toEqual(['quarantined']);
  await waiting.stop();
});

test('what is older than what it did before is said as of now, where the device is known or it is a clear', async () => {
  await apply({ id: 'newer', wanted: 'free', former: 'quarantined', mac: null, occurredAt: noon + 1_000 });
  pps.login(infected, laptop);
  await apply({ id: 'newest', wanted: 'free', former: 'quarantined', mac: null, occurredAt: noon + 1_000 });
  now = noon + 2_000;

  const unknown = await apply({ id: 'late', mac: null, occurredAt: noon });
  expect(unknown).toMatchObject({ outcome: 'refused', detail: says('something newer') });
  expect(pps.holds()).toEqual({});

  expect(await apply({ id: 'known', occurredAt: noon })).toMatchObject({ outcome: 'acknowledged' });
  expect(pps.questions().at(-1)?.event).toMatchObject({ eventId: 'known-1', occurredAt: new Date(now).toISOString() });
  expect(pps.holdsOf(laptop)).toEqual(['quarantined']);
});

test.each<[string, object, Answer['outcome']]>([
  ['a vendor’s envelope alone', { result: { info: [{ message: 'ok' }] } }, 'acknowledged'],
  ['a word of its own', { state: 'queued' }, 'refused'],
  ['a replay of something that it does not name', { state: 'replay', code: 'quarantined' }, 'refused'],
  ['a replay of what was done', { state: 'replay', was: 'applied', code: 'quarantined' }, 'acknowledged'],
])('%s, as an answer to an event, is read: %j is %s', async (_case, body, outcome) => {
  const server = await oddHttpServer(({ call }, response) =>
    response.end(JSON.stringify(call.startsWith('GET') ? { api_key: 'abc' } : body)),
  );

  expect(await apply({}, aConnector(server))).toMatchObject({ outcome });
  await server.stop();
});

test.each([
  [1, 'low'],
  [3, 'low'],
  [4, 'medium'],
  [6, 'medium'],
  [7, 'high'],
  [10, 'high'],
])('level %i is %s', async (level, severity) => {
  await apply({ level, mac: null, threatName: null });

  expect(pps.questions()[0]?.event).toEqual({
    ...{ event: 'quarantine-endpoint', endpointIp: infected, severity, eventId: 'op-1' },
    occurredAt: new Date(noon).toISOString(),
  });
});

test('a key is used until twelve hours are over, and one that ends before is replaced once', async () => {
  await apply({ id: 'one' });
  now += 12 * hour - 1;
  await apply({ id: 'two' });
  expect(pps.statistics().tokens).toBe(1);
  now += 1;
  await apply({ id: 'three' });
  expect(pps.statistics().tokens).toBe(2);

  pps.endKeys();
  expect(await apply({ id: 'four' })).toMatchObject({ outcome: 'acknowledged' });
  expect(pps.statistics()).toMatchObject({ tokens: 3, maxOpenSockets: 1 });
});

test('a realm is named where the connector has one', async () => {
  expect(await apply({}, at({ settings: { realm: 'guests' } }))).toMatchObject({ outcome: 'acknowledged' });
  expect(await apply({}, at({ settings: { realm: 'nowhere' } }))).toMatchObject({
    outcome: 'refused',
    detail: expect.stringContaining('There is no realm nowhere.') as unknown,
  });
});

test('a password that is not known there yet is followed by the one that it replaced', async () => {
  const rotated = at({ password: 'hunter3', former: ['hunter2'] });

  expect(await apply({}, rotated)).toMatchObject({ outcome: 'acknowledged' });
  expect(await apply({ id: 'two' }, rotated)).toMatchObject({ outcome: 'acknowledged' });
  expect(pps.statistics()).toMatchObject({ tokens: 2, maxOpenSockets: 1 }); // two to get in once, none afterwards
});

test('no tenant is let in with a key that another one got', async () => {
  await apply();

  expect(await apply({}, at({ password: 'guessed' }))).toMatchObject({
    outcome: 'refused',
    detail: expect.stringContaining('401') as unknown,
  });
  expect(pps.questions()).toHaveLength(1);
});

test('a user without access to REST APIs is told how to be mended', async () => {
  pps.allowRest('off');

  for (const answer of [await apply(), await enforcer.test(at())]) {
    expect(answer).toMatchObject({
      outcome: 'refused',
      detail: expect.stringMatching(/403.*Allow access to REST APIs/) as unknown,
    });
  }
});

test.each<[string, object, string]>([
  ['fails', { errorRate: 1 }, 'It answered 503'],
  ['lets nobody in', { tokenErrorRate: 1 }, 'It answered 503'],
  ['hangs', { hang: true }, 'answer-timeout'],
  ['tears off its answers', { resetRate: 1 }, 'connection-reset'],
])('a PPS that %s may be told later, and no socket is left', async (_case, behaviour, detail) => {
  pps.behave(behaviour);
  enforcer = enforcerWithin(reachUntil(detail));

  expect(await apply()).toMatchObject({ outcome: 'failed', detail: expect.stringContaining(detail) as unknown });
  await pps.deserted();
});

test('where the second of two events fails, the operation failed, and is done when it is sent again', async () => {
  let heard = 0;
  const server = await oddHttpServer(({ call }, response) => {
    heard += 1;
    if (call.startsWith('GET')) response.end('{"api_key":"abc"}');
    else response.writeHead(heard === 3 ? 500 : 200).end('{"result":{"info":[{"message":"ok"}]},"state":"applied"}');
  });
  const connector = aConnector(server);
  const what = { former: 'blocked', wanted: 'free' } as const;

  expect(await apply(what, connector)).toMatchObject({ outcome: 'failed', detail: expect.stringMatching(/^clear-blocked-endpoint: /) as unknown }); // prettier-ignore
  expect(await apply(what, connector)).toMatchObject({
    outcome: 'acknowledged',
    detail: 'clear-quarantine-endpoint: applied: ok; clear-blocked-endpoint: applied: ok',
  });
  await server.stop();
});

test('tests that it is let in, and changes nothing; what it has, it does not tell', async () => {
  expect(await enforcer.test(at())).toMatchObject({ outcome: 'acknowledged' });
  expect(pps.questions()).toEqual([{ call: 'GET /api/v1/system/active-users' }]);
  expect(pps.holds()).toEqual({});
  expect(await enforcer.read(at(), anEnforcement())).toBe('unknown');
});

test('no secret is in an answer, also where the other side repeats all that it hears', async () => {
  const server = await oddHttpServer(({ call, headers }, response) => {
    const { authorization = '' } = headers;
    const plain = Buffer.from(authorization.slice(6), 'base64').toString();
    const message = `${call} ${authorization} ${plain}\n\u0000 ${'long '.repeat(200)}`;
    if (call.startsWith('GET') && !authorization.includes('aHVudGVyMQ')) response.writeHead(200);
    response.end(JSON.stringify({ api_key: 'the-key', result: { warnings: [{ message }] } }));
  });

  const answer = await apply({}, aConnector(server, { password: 'hunter2', former: ['hunter1'] }));

  expect(answer.detail).not.toMatch(/hunter|the-key|cG9zdGVybj|dGhlLWtle/);
  expect(answer.detail).toMatch(/\*\*\*/);
  expect(answer.detail.length).toBeLessThanOrEqual(400);
  await server.stop();
});
