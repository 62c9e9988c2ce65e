import type { Enforcement, Enforcer, OpenConnector } from '../../shared/connectors/enforcer.ts';
import { clearPassEnforcer } from '../../shared/outbound/clearpass-attribute-client.ts';
import { failed } from '../../shared/user-query/asking.ts';
import { askServer, serverName, type ServerStore, statusOf } from '../../shared/user-query/servers.ts';
import { loginsBy } from '../../shared/outbound/logins.ts';
import { type ClearPass, startClearPass } from '../simulators/clearpass.ts';
import { aConnector, anEnforcement, infected, laptop } from '../support/enforcements.ts';
import { fakeServerStore } from '../support/fake-server-store.ts';
import { acme, globex, noon } from '../support/observations.ts';
import { oddHttpServer } from '../support/odd-server.ts';
import { reach, reachUntil } from '../support/questions.ts';

let now: number;
let servers: ServerStore;
let clearPass: ClearPass;
let enforcer: Enforcer;
const enforcerWithin = (within = reach) =>
  clearPassEnforcer(
    within,
    loginsBy(() => now),
    { servers, now: () => now },
  );
beforeEach(async () => {
  now = noon;
  servers = fakeServerStore();
  clearPass = await startClearPass({ clients: { postern: 'hunter2' } });
  enforcer = enforcerWithin(reach);
});
afterEach(async () => clearPass.stop());

const at = (told: Parameters<typeof aConnector>[1] = {}): OpenConnector =>
  aConnector(clearPass.server, { type: 'clearpass', ...told });
const apply = async (told: Partial<Enforcement> = {}, connector = at()) =>
  enforcer.apply(connector, anEnforcement(told));
const status = () => clearPass.attributesOf(laptop)?.sdsnEpStatus;
const says = (text: string) => expect.stringContaining(text) as unknown;

test('sets the attribute of an endpoint, and leaves its others, on one socket with the token', async () => {
  clearPass.addEndpoint(laptop, { Owner: 'alice' });

  expect(await apply()).toMatchObject({ outcome: 'acknowledged', detail: `${laptop} is quarantine` });
  expect(clearPass.attributesOf(laptop)).toEqual({ Owner: 'alice', sdsnEpStatus: 'quarantine' });
  await apply({ wanted: 'blocked', former: 'quarantined' });
  expect(status()).toBe('blocked');
  await apply({ wanted: 'free', former: 'blocked' });
  expect(status()).toBe('healthy');
  expect(clearPass.statistics()).toMatchObject({ tokens: 1, maxOpenSockets: 1, openSockets: 0 });
});

test('makes the endpoint where ClearPass has none, and none only to say that it is healthy', async () => {
  expect(await apply({ wanted: 'free' })).toMatchObject({ outcome: 'acknowledged', detail: says('nothing is to be taken back') }); // prettier-ignore
  expect(clearPass.attributesOf(laptop)).toBeUndefined();

  expect(await apply()).toMatchObject({ outcome: 'acknowledged', detail: says('the endpoint is new') });
  expect(status()).toBe('quarantine');
  expect(clearPass.endpointCalls()).toEqual(['PATCH 00112233cafe', 'PATCH 00112233cafe', 'POST 00112233cafe']);
});

test('an endpoint that somebody else makes at the same moment is changed, not made twice', async () => {
  clearPass.behave({ latencyMs: 50 });
  const answers = await Promise.all([apply({ id: 'one' }), apply({ id: 'two' }), apply({ id: 'three' })]);

  expect(answers.map(({ outcome }) => outcome)).toEqual(['acknowledged', 'acknowledged', 'acknowledged']);
  expect(status()).toBe('quarantine');
});

test('finds the device that ClearPass last saw at an address by a time, and waits where it saw none', async () => {
  const find = async (time: number) => enforcer.find?.(at(), { ip: infected, at: time });
  expect(await find(noon)).toMatchObject({ outcome: 'failed', detail: says(infected) });

  clearPass.setEndpoint(infected, [
    { mac: '001122330000', updated_at: '2026-03-01T10:00:00Z' },
    { mac: '00112233CAFE', updated_at: '2026-03-01T11:00:00Z' },
    { mac: 'none', updated_at: '2026-03-01T11:30:00Z' },
  ]);
  expect(await find(Date.parse('2026-03-01T10:59:00Z'))).toBe(laptop);
  // The other one may have come before or after; who was there at ten may have been gone by then.
  expect(await find(Date.parse('2026-03-01T10:58:59Z'))).toMatchObject({ outcome: 'failed', detail: says(infected) });
  expect(await find(Date.parse('2026-03-01T09:00:00Z'))).toMatchObject({ outcome: 'failed', detail: says(infected) });
  expect(clearPass.statistics()).toMatchObject({ maxOpenSockets: 1, openSockets: 0 });
});

test('holds no device where none is known, and has none to free then', async () => {
  expect(await apply({ mac: null })).toMatchObject({ outcome: 'failed', detail: says(infected) });
  expect(await apply({ mac: null, wanted: 'free' })).toMatchObject({ outcome: 'acknowledged', detail: says(infected) });
  expect(clearPass.endpointCalls()).toEqual([]);
});

test('reads what an endpoint is said to be', async () => {
  const read = async (mac: typeof laptop | null = laptop) => enforcer.read(at(), { ip: infected, mac });

  expect(await read()).toBe('free');
  expect(await read(null)).toBe('unknown');
  clearPass.addEndpoint(laptop);
  expect(await read()).toBe('free');
  for (const [word, state] of [
    ['healthy', 'free'],
    ['quarantine', 'quarantined'],
    ['blocked', 'blocked'],
    ['odd', 'unknown'],
  ] as const) {
    // prettier-ignore
    clearPass.addEndpoint(laptop, { sdsnEpStatus: word });
    expect(await read()).toBe(state);
  }
  clearPass.behave({ errorRate: 1 });
  expect(await read()).toBe('unknown');
});

test('a token is used as long as it lives, and one that is refused is replaced on the same socket', async () => {
  await apply();
  now += 8 * 3_600_000 - 1;
  await apply();
  expect(clearPass.statistics().tokens).toBe(1);
  now += 1;
  await apply();
  expect(clearPass.statistics().tokens).toBe(2);

  clearPass.revokeTokens();
  expect(await apply()).toMatchObject({ outcome: 'acknowledged' });
  expect(clearPass.statistics()).toMatchObject({ tokens: 3, maxOpenSockets: 1 });
});

test('a secret that it does not know yet is followed by the one that it replaced, and no tenant gets another one’s token', async () => {
  expect(await apply({}, at({ password: 'new', former: ['hunter2'] }))).toMatchObject({ outcome: 'acknowledged' });
  expect(await apply({}, at({ password: 'guessed' }))).toMatchObject({ outcome: 'refused', detail: says('secret-refused') }); // prettier-ignore
});

test('tests that it may see endpoints, and changes nothing', async () => {
  expect(await enforcer.test(at())).toMatchObject({ outcome: 'acknowledged' });
  expect(await enforcer.test(at({ password: 'wrong' }))).toMatchObject({ outcome: 'refused' });
  expect(clearPass.endpointCalls()).toEqual(['GET']);
});

test.each<[string, object, string]>([
  ['fails', { errorRate: 1 }, 'It answered 503'],
  ['gives no tokens', { tokenErrorRate: 1 }, 'server-failed'],
  ['hangs', { hang: true }, 'answer-timeout'],
  ['tears off its answers', { resetRate: 1 }, 'connection-reset'],
])('a ClearPass that %s may be told later, and no socket is left', async (_case, behaviour, detail) => {
  clearPass.behave(behaviour);
  enforcer = enforcerWithin(reachUntil(detail));

  expect(await apply()).toMatchObject({ outcome: 'failed', detail: says(detail) });
  await clearPass.deserted();
});

describe('a ClearPass that is asked and told', () => {
  const server = () => serverName(clearPass.server);
  const asks = async (tenant = acme) =>
    askServer(
      { servers, now: () => now },
      { tenant, server: server(), id: 'question', untilAt: now + 35_000 },
      async () => Promise.resolve({ ...failed('connection-timeout'), elapsedMs: 2_000 }),
    );

  test('and does not answer five times in a row, whatever for, is let alone by both, of that tenant', async () => {
    clearPass.behave({ errorRate: 1 });
    for (let time = 0; time < 3; time += 1) await apply();
    await asks();
    await asks();
    const { queries } = clearPass.statistics();

    expect(await apply()).toEqual({ outcome: 'failed', detail: says('server-offline'), roundTripMs: 0 });
    expect(await asks()).toMatchObject({ reason: 'server-offline' });
    expect(clearPass.statistics().queries).toBe(queries);
    expect(statusOf(await servers.read(acme, server()), now)).toMatchObject({ state: 'offline', queries: 5, connectionsInUse: 0 }); // prettier-ignore
    expect(await asks(globex)).toMatchObject({ reason: 'connection-timeout' });
    expect(await apply({}, at({ tenant: globex }))).toMatchObject({ detail: says('503') });
  });

  test('comes back by one that tries it each half minute, or by a check, which always tries', async () => {
    clearPass.behave({ errorRate: 1 });
    for (let time = 0; time < 5; time += 1) await apply();
    now += 30_000;
    expect(await apply()).toMatchObject({ detail: says('503') });
    clearPass.behave({});
    expect(await apply()).toMatchObject({ detail: says('server-offline') });

    expect(await enforcer.test(at())).toMatchObject({ outcome: 'acknowledged' });
    expect(await apply()).toMatchObject({ outcome: 'acknowledged' });
  });

  test('and refuses is there', async () => {
    for (let time = 0; time < 6; time += 1) await apply({}, at({ password: 'wrong' }));

    expect(await apply()).toMatchObject({ outcome: 'acknowledged' });
  });
});

test('a client that may not is told which rights it lacks', async () => {
  const server = await oddHttpServer(({ call }, response) => {
    if (call === 'POST /api/oauth') response.end('{"access_token":"abc"}');
    else response.writeHead(403).end('{"title":"Forbidden","detail":"abc lacks a privilege"}');
  });

  const answer = await apply({}, aConnector(server));

  expect(answer).toMatchObject({ outcome: 'refused', detail: says('operator profile') });
  expect(answer.detail).toContain('Forbidden: *** lacks a privilege');
  expect(server.accepted()).toBe(1);
  await server.stop();
});
