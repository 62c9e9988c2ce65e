import { askClearPass, type ClearPassSettings } from '../../shared/outbound/clearpass-client.ts';
import type { IpAddress } from '../../shared/identity/address.ts';
import type { FindToken } from '../../shared/user-query/tokens.ts';
import { type ClearPass, startClearPass } from '../simulators/clearpass.ts';
import { certificateFor } from '../support/certificates.ts';
import { desk } from '../support/observations.ts';
import { aKnownToken, aQuestion, reach, reachUntil } from '../support/questions.ts';

const alice = { ip: desk, user: 'alice', is_online: true };

let clearPass: ClearPass;
beforeAll(async () => {
  clearPass = await startClearPass({ clients: { postern: 'hunter2' } });
  clearPass.setEndpoint(desk, alice);
});
afterAll(async () => clearPass.stop());
afterEach(() => clearPass.behave({}));

type Others = { readonly ip?: IpAddress; readonly findToken?: FindToken };
const ask = async (told: Partial<ClearPassSettings> = {}, others: Others = {}, within = reach) =>
  askClearPass({ ...aQuestion(clearPass.server, told), ...others }, within);

const overTls = (told: Partial<ClearPassSettings> = {}): Partial<ClearPassSettings> => ({
  server: { name: 'cppm', ...clearPass.tlsServer, connectMethod: 'https' },
  caCertificate: clearPass.caCertificate,
  ...told,
});

const answered = async (told?: Partial<ClearPassSettings>) => {
  const asked = await ask(told);
  if (asked.outcome !== 'answered') throw new Error(JSON.stringify(asked));
  return JSON.parse(Buffer.from(asked.body).toString()) as unknown;
};

test('gets a token and the answer on one socket, which is closed on return', async () => {
  const before = clearPass.statistics();

  expect(await answered()).toEqual(alice);

  expect(clearPass.statistics()).toMatchObject({
    queries: before.queries + 1,
    tokens: before.tokens + 1,
    openSockets: 0,
    maxOpenSockets: 1,
  });
});

test('verifies the server with the certificate of the tenant', async () => {
  expect(await answered(overTls())).toEqual(alice);
  expect(clearPass.statistics().openSockets).toBe(0);
});

test.each([
  ['the public roots do not know', async () => Promise.resolve(overTls({ caCertificate: null }))],
  ['the certificate of the tenant does not vouch for', async () => overTls({ caCertificate: (await certificateFor('127.0.0.1')).cert })], // prettier-ignore
  [
    'cannot be checked, as what the tenant gave is no certificate',
    async () => Promise.resolve(overTls({ caCertificate: 'none' })),
  ],
])('hangs up on a server that %s', async (_case, settings) => {
  const before = clearPass.statistics();

  expect(await ask(await settings())).toMatchObject({ reason: 'certificate-refused', retry: 'never' });
  await clearPass.deserted();
  expect(clearPass.statistics()).toEqual(before);
});

test('hangs up on a server whose certificate is another name’s', async () => {
  const certificate = await certificateFor('clearpass.example.net');
  const other = await startClearPass({ certificate });
  const server = { name: 'cppm', ...other.tlsServer, connectMethod: 'https' as const };

  expect(await ask({ server, caCertificate: certificate.cert })).toMatchObject({ reason: 'certificate-refused' });
  const known = { server: { ...server, address: 'clearpass.example.net' }, caCertificate: certificate.cert };
  const resolve = async () => Promise.resolve([{ address: '127.0.0.1', family: 4 }]);
  expect(await askClearPass(aQuestion(other.tlsServer, known), { ...reach, resolve })).toMatchObject({ outcome: 'nobody' }); // prettier-ignore
  await other.stop();
});

test('says so when the port does not speak TLS, or speaks nothing else', async () => {
  const plain = overTls({ server: { name: 'cppm', ...clearPass.server, connectMethod: 'https' } });
  const tls = { server: { name: 'cppm', ...clearPass.tlsServer, connectMethod: 'http' as const } };

  expect(await ask(plain)).toMatchObject({ outcome: 'refused', reason: 'tls-failed' });
  expect(await ask(tls)).toMatchObject({ outcome: 'unreachable' });
  await clearPass.deserted();
});

test('an address that ClearPass does not know is nobody’s', async () => {
  expect(await ask({}, { ip: '192.0.2.99' as IpAddress })).toMatchObject({ outcome: 'nobody' });
});

test('asks for IPv6 addresses and in a query string too, encoded', async () => {
  const ip = '2001:db8::7' as IpAddress;
  clearPass.setEndpoint(ip, { user: 'bob' });

  expect(await ask({}, { ip })).toMatchObject({ outcome: 'answered' });
  expect(clearPass.questions().at(-1)).toEqual({ ip, clientId: 'postern' });
});

test('sends the token request as a form where JSON is not taken', async () => {
  clearPass.behave({ tokenForm: 'form' });

  expect(await answered()).toEqual(alice);
});

test('a secret that is wrong is told, and not repeated', async () => {
  expect(await ask({ clientSecret: 'hunter3' })).toMatchObject({ reason: 'secret-refused', retry: 'never' });
  expect(clearPass.statistics().openSockets).toBe(0);
});

test('a secret that ClearPass does not know yet is followed by the one it replaced, on the same socket', async () => {
  const former = (...secrets: string[]) => ({ clientSecret: 'new', formerSecrets: () => oneByOne(secrets) });
  const before = clearPass.statistics();

  expect(await answered(former('hunter2'))).toEqual(alice);
  expect(clearPass.statistics()).toMatchObject({ maxOpenSockets: 1, openSockets: 0, queries: before.queries + 1 });
  expect(await ask(former('hunter1', 'hunter0'))).toMatchObject({ reason: 'secret-refused', retry: 'never' });
});

test('one that it knows is followed by none, and neither is a ClearPass that fails', async () => {
  const formerSecrets = () => {
    throw new Error('Nobody asks for it.');
  };

  expect(await answered({ formerSecrets })).toEqual(alice);
  clearPass.behave({ tokenErrorRate: 1 });
  expect(await ask({ clientSecret: 'new', formerSecrets })).toMatchObject({ reason: 'server-failed' });
});

async function* oneByOne(secrets: readonly string[]) {
  for (const secret of secrets) yield Promise.resolve(secret);
}

test('a token that is refused is replaced once, on the same socket', async () => {
  const rejected: (string | undefined)[] = [];
  const findToken: FindToken = async (obtain, revision) => {
    rejected.push(revision);
    if (revision === undefined) return aKnownToken(obtain);
    return { text: (await obtain()).text, revision: 'new', obtainedAt: 0, expiresAt: 7_000 };
  };

  expect(await ask({}, { findToken })).toMatchObject({ outcome: 'answered', tokenExpiresAt: 7_000 });
  expect(rejected).toEqual([undefined, 'known']);
  expect(clearPass.statistics().maxOpenSockets).toBe(1);
});

test('a token that was got with a former secret and is refused is replaced with the same secret', async () => {
  const findToken: FindToken = async (obtain, revision) => {
    const { text } = await obtain();
    return { text: revision === undefined ? 'ended' : text, revision: 'new', obtainedAt: 0, expiresAt: 7_000 };
  };
  const formerSecrets = () => oneByOne(['hunter2']);

  expect(await ask({ clientSecret: 'new', formerSecrets }, { findToken })).toMatchObject({ outcome: 'answered' });
});

test('the second refusal of a token ends the question', async () => {
  const before = clearPass.statistics();

  expect(await ask({}, { findToken: aKnownToken })).toMatchObject({ reason: 'token-refused', retry: 'never' });
  expect(clearPass.statistics().queries).toBe(before.queries + 2);
});

test('opens no socket while another worker is about to get the token', async () => {
  const before = clearPass.statistics();

  const asked = await ask({}, { findToken: async () => Promise.resolve('wait') });

  expect(asked).toEqual({ outcome: 'refused', reason: 'token-awaited', retry: 'later', elapsedMs: 0 });
  expect(clearPass.statistics()).toEqual(before);
});

test.each([
  ['hangs', { hang: true }, 'answer-timeout'],
  ['resets in the middle of its answer', { resetRate: 1 }, 'connection-reset'],
  ['fails', { errorRate: 1 }, 'server-failed'],
  ['gives no tokens', { tokenErrorRate: 1 }, 'server-failed'],
  ['is slower than we wait', { latencyMs: 600_000 }, 'answer-timeout'],
])('a server that %s may be asked again later, and its socket is closed', async (_case, behaviour, reason) => {
  clearPass.behave(behaviour);

  for (const settings of [{}, overTls()]) {
    expect(await ask(settings, {}, reachUntil(reason))).toMatchObject({
      outcome: 'unreachable',
      reason,
      retry: 'later',
    });
    expect(clearPass.statistics().openSockets).toBe(0);
  }
});

test('nothing listens there: told at once', async () => {
  const gone = await startClearPass();
  await gone.stop();

  expect(await askClearPass(aQuestion(gone.server), reach)).toMatchObject({
    outcome: 'unreachable',
    reason: 'connection-failed',
    retry: 'later',
  });
});

test('a failure of our own stores passes through, and leaves no socket', async () => {
  const findToken: FindToken = async (obtain) => {
    await obtain();
    throw new Error('DynamoDB is down');
  };

  await expect(ask({}, { findToken })).rejects.toThrow('DynamoDB is down');
  expect(clearPass.statistics().openSockets).toBe(0);
});
