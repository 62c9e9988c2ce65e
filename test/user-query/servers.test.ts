import { type Asked, failed, type FailureReason } from '../../shared/user-query/asking.ts';
import {
  askServer,
  hostOf,
  pinnedCells,
  type ServerName,
  serverName,
  statusOf,
} from '../../shared/user-query/servers.ts';
import { codeOf } from '../support/errors.ts';
import { fakePinStore, fakeServerStore } from '../support/fake-server-store.ts';
import { acme, globex, noon } from '../support/observations.ts';
import { cppm } from './server-store.contract.ts';

test.each([
  ['clearpass.example.net', 443, 'clearpass.example.net:443'],
  ['ClearPass.Example.NET.', 443, 'clearpass.example.net:443'],
  [' clearpass.example.net ', 8443, 'clearpass.example.net:8443'],
  ['clearpass.example.net', 80, 'clearpass.example.net:80'],
  ['bücher.example', 443, 'xn--bcher-kva.example:443'],
  ['BÜCHER.example', 443, 'xn--bcher-kva.example:443'],
  ['203.0.113.7', 443, '203.0.113.7:443'],
  ['::ffff:203.0.113.7', 443, '203.0.113.7:443'],
  ['2001:DB8:0::7', 443, '[2001:db8::7]:443'],
  ['[2001:db8::7]', 443, '[2001:db8::7]:443'],
])('%s, %i is the server %s', (address, port, name) => {
  expect(serverName({ address, port })).toBe(name);
});

test('a host is looked up without brackets', () => {
  expect(hostOf({ address: '[2001:DB8::7]' })).toBe('2001:db8::7');
});

test.each(['', '.', 'a b', 'user@host', 'host:80x', 'host/path', 'host?query', 'host:8443', 'fe80::1%eth0', '[::1'])(
  'the address "%s" is refused',
  (address) => {
    expect(codeOf(() => serverName({ address, port: 443 }))).toBe('parameter-invalid');
  },
);

describe('a cell', () => {
  const names = Array.from({ length: 200 }, (_, index) => `clearpass-${index}.example.net:443` as ServerName);

  test('is the same for everybody who names the server, also once there are more cells', async () => {
    const pins = fakePinStore();
    const before = await Promise.all(names.map(pinnedCells(pins, 4)));

    expect(await Promise.all(names.map(pinnedCells(pins, 64)))).toEqual(before);
    expect(new Set(before)).toEqual(new Set([0, 1, 2, 3]));
  });

  test('is asked of the store once', async () => {
    const pins = fakePinStore();
    let reads = 0;
    const read = async (server: ServerName) => {
      reads += 1;
      return pins.read(server);
    };
    const cellOf = pinnedCells({ ...pins, read }, 4);

    expect(await cellOf(cppm)).toBe(await cellOf(cppm));
    expect(reads).toBe(1);
  });
});

describe('asking', () => {
  const answered: Asked = {
    outcome: 'answered',
    body: Buffer.from('{}'),
    elapsedMs: 30,
    tokenExpiresAt: noon + 60_000,
  };
  const failing = (reason: FailureReason = 'connection-failed') => ({ ...failed(reason), elapsedMs: 7 });

  function aServer() {
    const servers = fakeServerStore();
    let now = noon;
    let sent = 0;
    let serial = 0;
    const ask = async (asked: Asked, tenant = acme) => {
      serial += 1;
      const asking = { tenant, server: cppm, id: `question-${serial}`, untilAt: now + 35_000 };
      return askServer({ servers, now: () => now }, asking, async () => {
        sent += 1;
        return Promise.resolve(asked);
      });
    };
    return {
      servers,
      ask,
      fail: async (times: number) => {
        for (let time = 0; time < times; time += 1) await ask(failing());
      },
      pass: (seconds: number) => (now += seconds * 1_000),
      sent: () => sent,
      status: async (tenant = acme) => statusOf(await servers.read(tenant, cppm), now),
    };
  }

  test('counts what it sends and hears', async () => {
    const { ask, status } = aServer();
    await ask(answered);
    await ask({ outcome: 'nobody', elapsedMs: 12 });
    await ask(failing('server-failed'));

    expect(await status()).toEqual({
      state: 'online',
      connectionsInUse: 0,
      queries: 3,
      responses: 2,
      errors: 1,
      lastResponseMs: 12,
      lastResponseAt: noon,
      lastReason: 'server-failed',
      tokenExpiresAt: noon + 60_000,
    });
    expect(await status(globex)).toMatchObject({ queries: 0, lastResponseMs: null, tokenExpiresAt: null });
  });

  test('after five failures in a row the server is offline: questions end without a socket', async () => {
    const { ask, fail, sent, status } = aServer();
    await fail(5);

    expect(await ask(answered)).toEqual({
      outcome: 'unreachable',
      reason: 'server-offline',
      retry: 'never',
      elapsedMs: 0,
    });
    expect(sent()).toBe(5);
    expect(await status()).toMatchObject({ state: 'offline', queries: 5, errors: 5 });
  });

  test('four failures, an answer and four more leave it online', async () => {
    const { ask, fail, status } = aServer();
    await fail(4);
    await ask(answered);
    await fail(4);

    expect((await status()).state).toBe('online');
  });

  test('an offline server is tried by one question each half minute, and an answer brings it back', async () => {
    const { ask, fail, pass, sent, status } = aServer();
    await fail(5);
    pass(30);
    await Promise.all(Array.from({ length: 20 }, async () => ask(failing())));
    expect(sent()).toBe(6);

    pass(29);
    await ask(answered);
    expect(sent()).toBe(6);

    pass(1);
    await ask(answered);
    expect(await status()).toMatchObject({ state: 'online' });
    await ask(answered);
    expect(sent()).toBe(8);
  });

  test.each(['token-awaited', 'address-refused', 'certificate-refused'] as const)(
    '%s says nothing of the server: it neither goes offline nor comes back by it',
    async (reason) => {
      const { ask, fail, status } = aServer();
      await fail(4);
      await ask(failing(reason));
      expect((await status()).state).toBe('online');

      await fail(1);
      expect((await status()).state).toBe('offline');
    },
  );

  test('a server that refuses is there', async () => {
    const { ask, fail, status } = aServer();
    await fail(4);
    await ask(failing('question-refused'));
    await fail(1);

    expect((await status()).state).toBe('online');
  });

  test('is offline for the tenant that found it so, and for no other', async () => {
    const { ask, fail, sent } = aServer();
    await fail(5);

    expect(await ask(answered, globex)).toMatchObject({ outcome: 'answered' });
    expect(sent()).toBe(6);
  });

  test('a question whose worker was killed is in use until its time is over, and is swept by a later one', async () => {
    const { servers, ask, pass, status } = aServer();
    await servers.begin(acme, cppm, { use: { id: 'killed', untilAt: noon + 35_000 } });
    expect((await status()).connectionsInUse).toBe(1);

    pass(35);
    expect((await status()).connectionsInUse).toBe(0);
    await ask(answered);
    expect((await servers.read(acme, cppm)).uses).toEqual([]);
  });
});
