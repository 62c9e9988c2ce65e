import type { IpAddress } from '../../shared/identity/address.ts';
import { type About, askJims, type JimsSettings } from '../../shared/outbound/jims-client.ts';
import { readReport } from '../../shared/wire/jims/report.ts';
import { type Jims, startJims } from '../simulators/jims.ts';
import { certificateFor } from '../support/certificates.ts';
import { desk } from '../support/observations.ts';
import { ownToken, reach, reachUntil } from '../support/questions.ts';

const alice = { 'ip-address': desk, 'user-name': 'alice', timestamp: 1_772_366_400, activity: 'login' };

let jims: Jims;
beforeAll(async () => {
  jims = await startJims({ clients: { postern: 'hunter2' } });
  jims.setEndpoint(desk, alice);
  jims.setEndpoint('2001:db8::7', alice);
});
afterAll(async () => jims.stop());
afterEach(() => jims.behave({}));

const ask = async (about: About, told: Partial<JimsSettings> = {}, within = reach) => {
  const { address, port } = jims.tlsServer;
  const settings = {
    ...{ address, port, caCertificate: jims.caCertificate },
    ...{ clientId: 'postern', clientSecret: 'hunter2', tokenApi: 'oauth_token/oauth', queryApi: 'user_query/v2' },
    ...told,
  };
  return askJims({ settings, about, findToken: ownToken }, within);
};
const answered = async (about: About, told?: Partial<JimsSettings>) => {
  const asked = await ask(about, told);
  if (asked.outcome !== 'answered') throw new Error(JSON.stringify(asked));
  return readReport(asked.body).report;
};

test('gets a token and the answer on one socket, which is closed on return', async () => {
  const before = jims.statistics();

  expect(await answered({ ip: desk })).toMatchObject({ entries: [{ user: 'alice' }] });

  expect(jims.statistics()).toMatchObject({
    queries: before.queries + 1,
    tokens: before.tokens + 1,
    openSockets: 0,
    maxOpenSockets: 1,
  });
});

test('asks about IPv6 in a path, and whoever JIMS does not know is nobody', async () => {
  expect(await answered({ ip: '2001:db8::7' as IpAddress })).toMatchObject({ entries: [{ user: 'alice' }] });
  expect(await ask({ ip: '192.0.2.99' as IpAddress })).toMatchObject({ outcome: 'nobody' });
});

test('asks for a batch from a time, and then from its cookie', async () => {
  jims.report({ ...alice, timestamp: 100 }, { ...alice, timestamp: 200 }, { ...alice, timestamp: 300 });

  const first = await answered({ beginTime: 150, count: 100 });
  expect(first?.entries).toHaveLength(2);
  jims.report({ ...alice, timestamp: 50 });
  const cookie = first?.cookie ?? '';
  expect(await answered({ beginTime: 150, count: 100, cookie })).toMatchObject({ entries: [{ timestamp: 50e6 }] });
  expect(jims.questions().slice(-2)).toMatchObject([
    { beginTime: 150, count: 100, cookie: null },
    { beginTime: 150, count: 100, cookie },
  ]);
});

test('a batch may be longer than the answer about one address', async () => {
  const roles = Array.from({ length: 200 }, (_, index) => `a group with a long name and the number ${index}`);
  jims.report(...Array.from({ length: 200 }, () => ({ ...alice, roles, timestamp: 9_000 })));
  jims.setEndpoint('192.0.2.77', ...Array.from({ length: 200 }, () => ({ ...alice, roles })));

  expect((await answered({ beginTime: 9_000, count: 200 }))?.entries).toHaveLength(200);
  expect(await ask({ ip: '192.0.2.77' as IpAddress })).toMatchObject({ reason: 'answer-too-large' });
});

test('paths may be written with slashes around them', async () => {
  expect(await answered({ ip: desk }, { tokenApi: '/oauth_token/oauth', queryApi: '/user_query/v2/' })).toBeDefined();
});

test.each<[string, () => Promise<Partial<JimsSettings>>, string]>([
  ['the public roots do not know', async () => Promise.resolve({ caCertificate: null }), 'certificate-refused'],
  ['another certificate signed', async () => ({ caCertificate: (await certificateFor('127.0.0.1')).cert }), 'certificate-refused'], // prettier-ignore
  ['speaks no TLS', async () => Promise.resolve(jims.server), 'tls-failed'],
  ['does not know our secret', async () => Promise.resolve({ clientSecret: 'wrong' }), 'secret-refused'],
])('sends nothing of value to a server that %s', async (_case, told, reason) => {
  expect(await ask({ ip: desk }, await told())).toMatchObject({ outcome: 'refused', reason });
  await jims.deserted();
});

test.each<[string, object, string]>([
  ['hangs', { hang: true }, 'answer-timeout'],
  ['tears off its answers', { resetRate: 1 }, 'connection-reset'],
  ['fails', { errorRate: 1 }, 'server-failed'],
])('a JIMS that %s is down, and no socket is left', async (_case, behaviour, reason) => {
  jims.behave(behaviour);

  expect(await ask({ ip: desk }, {}, reachUntil(reason))).toMatchObject({ outcome: 'unreachable', reason });
  await jims.deserted();
});
