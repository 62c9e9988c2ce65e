import type { AtpCloudSettings } from '../../shared/infected-hosts/asked-feed.ts';
import { askAtpCloud } from '../../shared/outbound/atp-cloud-client.ts';
import { addressGuard } from '../../shared/outbound/address-guard.ts';
import type { Reach } from '../../shared/outbound/connection-client.ts';
import { readFeed } from '../../shared/infected-hosts/feed-answer.ts';
import { type AtpCloud, startAtpCloud } from '../simulators/atp-cloud.ts';
import { reach, reachUntil } from '../support/questions.ts';
import { oddHttpServer } from '../support/odd-server.ts';

const now = () => Date.parse('2026-03-02T09:00:00Z');

let cloud: AtpCloud;
beforeAll(async () => {
  cloud = await startAtpCloud({ tokens: ['right'] });
});
afterAll(async () => cloud.stop());
beforeEach(() => {
  cloud.behave({});
  cloud.allow(60);
  cloud.answerWith(null);
  cloud.list({ '192.0.2.1': 6 });
});

const none = async function* () {
  // There is none.
};
const ask = async (told: Partial<AtpCloudSettings> = {}, within: Reach = reach) => {
  const settings: AtpCloudSettings = {
    ...cloud.tlsServer,
    connectMethod: 'https',
    caCertificate: cloud.caCertificate,
    token: 'right',
    formerTokens: none,
    ...told,
  };
  return askAtpCloud(settings, within, now);
};

test('gets the list over TLS on one socket, which is closed on return', async () => {
  const before = cloud.statistics();

  const answer = await ask();

  expect(answer.outcome === 'answered' && readFeed(answer.body).list).toEqual(new Map([['192.0.2.1', 6]]));
  expect(cloud.statistics()).toMatchObject({ queries: before.queries + 1, openSockets: 0, maxOpenSockets: 1 });
});

test('a list may be longer than the answer about one address', async () => {
  cloud.list(Object.fromEntries(Array.from({ length: 50_000 }, (_, at) => [`2001:db8:aaaa:bbbb:cccc:dddd:eeee:${at.toString(16)}`, 7]))); // prettier-ignore

  const answer = await ask();

  expect(answer.outcome === 'answered' && readFeed(answer.body).list?.size).toBe(50_000);
});

test('a token that is not taken yet is stood in for by the one before it, on the same socket', async () => {
  const before = cloud.statistics().queries;
  const formerTokens = async function* () {
    yield await Promise.resolve('wrong too');
    yield 'right';
  };

  expect(await ask({ token: 'not taken yet', formerTokens })).toMatchObject({ outcome: 'answered' });
  expect(cloud.statistics()).toMatchObject({ queries: before + 3, openSockets: 0, maxOpenSockets: 1 });
  expect(await ask({ token: 'wrong' })).toMatchObject({ outcome: 'failed', reason: 'token-refused' });
});

test('who asks too often is told how long to wait', async () => {
  cloud.allow(1);

  expect(await ask()).toMatchObject({ outcome: 'answered' });
  expect(await ask()).toMatchObject({ outcome: 'failed', reason: 'server-busy', retryAfterMs: expect.any(Number) as number }); // prettier-ignore
});

test.each<[string, number | undefined]>([
  ['120', 120_000],
  ['Mon, 02 Mar 2026 09:05:00 GMT', 300_000],
  ['999999999', 3_600_000],
  ['Mon, 02 Mar 2026 08:00:00 GMT', undefined],
  ['-5', undefined],
  ['soon', undefined],
  ['0', undefined],
])('a server that says "Retry-After: %s" is left alone for %s ms', async (text, retryAfterMs) => {
  const server = await oddHttpServer((_heard, response) => response.writeHead(503, { 'retry-after': text }).end());
  try {
    const answer = await ask({ ...server, connectMethod: 'http' });

    expect(answer).toEqual({
      outcome: 'failed',
      reason: 'server-failed',
      elapsedMs: expect.any(Number) as number,
      ...(retryAfterMs !== undefined && { retryAfterMs }),
    });
  } finally {
    await server.stop();
  }
});

test.each<[number, string]>([
  [301, 'redirected'],
  [204, 'question-refused'],
  [403, 'not-permitted'],
  [404, 'question-refused'],
  [500, 'server-failed'],
])('status %s is no list', async (status, reason) => {
  const location = 'http://169.254.169.254/';
  const server = await oddHttpServer((_heard, response) => response.writeHead(status, { location }).end());
  try {
    expect(await ask({ ...server, connectMethod: 'http' })).toMatchObject({ outcome: 'failed', reason });
  } finally {
    await server.stop();
  }
});

test.each<[string, object, string]>([
  ['hangs', { hang: true }, 'answer-timeout'],
  ['tears off its answers', { resetRate: 1 }, 'connection-reset'],
  ['fails', { errorRate: 1 }, 'server-failed'],
])('an ATP Cloud that %s gives no list, and no socket is left', async (_case, behaviour, reason) => {
  cloud.behave(behaviour);

  expect(await ask({}, reachUntil(reason))).toMatchObject({ outcome: 'failed', reason });
  await cloud.deserted();
});

test('an address that the stage does not allow is not connected to', async () => {
  const before = cloud.statistics().queries;

  expect(await ask({}, { ...reach, guard: addressGuard([]) })).toMatchObject({ reason: 'address-refused' });
  expect(await ask({ caCertificate: null })).toMatchObject({ reason: 'certificate-refused' });
  expect(cloud.statistics().queries).toBe(before);
});
