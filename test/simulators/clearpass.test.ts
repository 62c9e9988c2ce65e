/** The simulator counts sockets for our proofs, so it is proven itself. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { type ClearPass, type Door, startClearPass } from './clearpass.ts';

let clearPass: ClearPass;
beforeEach(async () => {
  clearPass = await startClearPass({ clients: { postern: 'hunter2' } });
});
afterEach(async () => clearPass.stop());

const at = ({ address, port }: Door) => `http://${address}:${port}`;
const control = async (call: string, body?: unknown) => {
  const [method = '', path = ''] = call.split(' ');
  return fetch(clearPass.url + path, { method, ...(body !== undefined && { body: JSON.stringify(body) }) });
};
const tokenOf = async (body: Record<string, string>, as: 'json' | 'form' = 'json') =>
  fetch(`${at(clearPass.server)}/api/oauth`, {
    method: 'POST',
    ...(as === 'json'
      ? { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
      : { body: new URLSearchParams(body) }),
  });
const postern = { grant_type: 'client_credentials', client_id: 'postern', client_secret: 'hunter2' };
const question = async (ip: string, token: string) =>
  fetch(`${at(clearPass.server)}/api/insight/endpoint/ip/${encodeURIComponent(ip)}`, {
    headers: { authorization: `Bearer ${token}` },
  });

test('gives tokens to clients that it knows, and answers who holds one what it was told', async () => {
  await control('PUT /_simulator/endpoints/2001:DB8::7', { user: 'alice' });
  const { access_token: token, expires_in: seconds } = (await (await tokenOf(postern)).json()) as {
    access_token: string;
    expires_in: number;
  };

  expect(seconds).toBe(28_800);
  expect(await (await question('2001:db8::7', token)).json()).toEqual({ user: 'alice' });
  expect((await question('192.0.2.50', token)).status).toBe(404);
  expect((await question('2001:db8::7', 'made up')).status).toBe(401);
  expect((await tokenOf(postern, 'form')).status).toBe(200);
  expect((await tokenOf({ ...postern, client_secret: 'wrong' })).status).toBe(400);
  expect(await (await control('GET /_simulator/statistics')).json()).toMatchObject({ queries: 3, tokens: 3 });
});

test('tokens expire, and can be revoked', async () => {
  await control('PUT /_simulator/behaviour', { tokenSeconds: 0 });
  const expired = (await (await tokenOf(postern)).json()) as { access_token: string };
  await control('PUT /_simulator/behaviour', {});
  const good = (await (await tokenOf(postern)).json()) as { access_token: string };

  expect((await question('192.0.2.50', expired.access_token)).status).toBe(401);
  expect((await question('192.0.2.50', good.access_token)).status).toBe(404);
  clearPass.revokeTokens();
  expect((await question('192.0.2.50', good.access_token)).status).toBe(401);
});

test('misbehaves for about as many questions as it is told, and the same ones each time', async () => {
  const fates = async (seed: number) => {
    const other = await startClearPass({ seed });
    other.behave({ errorRate: 0.3 });
    const statuses: number[] = [];
    for (let index = 0; index < 100; index += 1) {
      statuses.push((await fetch(`${at(other.server)}/api/insight/endpoint/ip/192.0.2.${index}`)).status);
    }
    await other.stop();
    return statuses;
  };

  const [one, same, different] = [await fates(1), await fates(1), await fates(2)];

  expect(same).toEqual(one);
  expect(different).not.toEqual(one);
  expect(one.filter((status) => status === 503).length).toBeGreaterThan(15);
  expect(one.filter((status) => status === 503).length).toBeLessThan(45);
});

test('tells what is wrong with a behaviour, and what it does not know', async () => {
  expect((await control('PUT /_simulator/behaviour', { latency: 5 })).status).toBe(400);
  expect((await control('PUT /_simulator/behaviour', { hang: true })).status).toBe(204);
  expect((await control('GET /_simulator/other')).status).toBe(404);
});

test('counts every socket at its doors for ClearPass from the moment it is open, TLS or not', async () => {
  const opened: Socket[] = [];
  for (let index = 0; index < 15; index += 1) {
    const plain = connect(clearPass.server.port, '127.0.0.1');
    const tls = connectTls({ ...clearPass.tlsServer, host: '127.0.0.1', ca: clearPass.caCertificate });
    await Promise.all([once(plain, 'connect'), once(tls, 'secureConnect')]);
    opened.push(plain, tls);
  }
  expect(clearPass.statistics()).toMatchObject({ openSockets: 30, maxOpenSockets: 30 });

  for (const socket of opened) socket.end();
  await clearPass.deserted();
  expect(clearPass.statistics()).toMatchObject({ openSockets: 0, maxOpenSockets: 30 });

  await control('DELETE /_simulator/statistics');
  expect(clearPass.statistics()).toMatchObject({ maxOpenSockets: 0 });
});

test('does not count who only controls it, but who asks at that door too', async () => {
  await Promise.all(Array.from({ length: 5 }, async () => control('GET /_simulator/statistics')));
  expect(clearPass.statistics()).toMatchObject({ openSockets: 0, maxOpenSockets: 0 });

  await fetch(`${clearPass.url}/api/insight/endpoint/ip/192.0.2.50`);

  expect(clearPass.statistics()).toMatchObject({ maxOpenSockets: 1 });
});
