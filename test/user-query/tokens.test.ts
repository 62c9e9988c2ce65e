import { randomUUID } from 'node:crypto';
import { failed, QuestionFailed } from '../../shared/user-query/asking.ts';
import type { ServerName } from '../../shared/user-query/servers.ts';
import {
  type FindToken,
  type Obtained,
  sharedTokens,
  type Token,
  type TokenPlace,
} from '../../shared/user-query/tokens.ts';
import { fakeTokenStore } from '../support/fake-token-store.ts';
import { acme, globex, noon } from '../support/observations.ts';
import { virtualTime, type VirtualTime } from '../support/virtual-time.ts';

const place: TokenPlace = { tenant: acme, server: 'clearpass.example.net:443' as ServerName, clientId: 'postern' };
const hour = 3_600;

let time: VirtualTime;
let tokens: ReturnType<typeof fakeTokenStore>;
let requests: number;
beforeEach(() => {
  time = virtualTime(noon);
  tokens = fakeTokenStore();
  requests = 0;
});

/** An environment of its own, that has seen nothing yet. */
const aWorker = (of: TokenPlace = place): FindToken =>
  sharedTokens({ tokens, now: time.now, wait: time.wait, newId: randomUUID })(of);

/** A server that takes its time, and gives another token each time. */
const obtain = async (ms = 300, lifetimeSeconds = hour): Promise<Obtained> => {
  requests += 1;
  const text = `token ${requests}`;
  await time.wait(ms);
  return { text, lifetimeSeconds };
};
const refuse = async (): Promise<Obtained> => Promise.reject(new QuestionFailed('secret-refused'));
const never = async (): Promise<Obtained> => new Promise(() => undefined);

async function find(worker: FindToken, asking: () => Promise<Obtained> = obtain, rejected?: string): Promise<Token> {
  const token = await time.until(worker(asking, rejected));
  if (token === 'wait') throw new Error('It waits.');
  return token;
}

test('twenty cold workers cost one request, and share its token', async () => {
  const found = await time.until(Promise.all(Array.from({ length: 20 }, async () => aWorker()(obtain))));

  expect(requests).toBe(1);
  expect(found.map((token) => token !== 'wait' && token.text)).toEqual(Array(20).fill('token 1'));
});

test('where the one that asks is killed, the others tell that they wait, and a later one asks', async () => {
  void aWorker()(never);
  const others = await time.until(Promise.all(Array.from({ length: 19 }, async () => aWorker()(obtain))));
  expect([new Set(others), requests]).toEqual([new Set(['wait']), 0]);

  time.pass(5_000);
  const later = await time.until(Promise.all(Array.from({ length: 20 }, async () => aWorker()(obtain))));

  expect(later.map((token) => token !== 'wait' && token.text)).toEqual(Array(20).fill('token 1'));
  expect(requests).toBe(1);
});

test('one that outlives its lease makes for two requests, and the later token counts', async () => {
  const slow = aWorker()(async () => obtain(9_000));
  time.pass(1);
  const others = time.until(Promise.all(Array.from({ length: 18 }, async () => aWorker()(obtain))));
  expect(new Set(await others)).toEqual(new Set(['wait']));
  time.pass(5_000);

  expect((await find(aWorker(), async () => obtain(100))).text).toBe('token 2');
  await time.until(slow);

  expect((await find(aWorker())).text).toBe('token 2');
  expect(requests).toBe(2);
});

test('an environment asks the store only until it knows the token', async () => {
  const worker = aWorker();
  await find(worker);
  const before = tokens.requests();

  expect((await find(worker)).text).toBe('token 1');
  expect(tokens.requests()).toBe(before);
});

test('near its end one worker gets the next, and the others go on with the old one', async () => {
  const workers = Array.from({ length: 20 }, () => aWorker());
  await time.until(Promise.all(workers.map(async (worker) => worker(obtain))));
  time.pass((hour - 300) * 1_000);

  const found = await time.until(Promise.all(workers.map(async (worker) => worker(obtain))));

  const texts = found.map((token) => (token === 'wait' ? token : token.text)).sort();
  expect(texts).toEqual([...Array<string>(19).fill('token 1'), 'token 2']);
  expect((await find(workers[7] ?? aWorker())).text).toBe('token 2');
  expect(requests).toBe(2);
});

test('where the next cannot be had the old one serves to its end, and no longer', async () => {
  const worker = aWorker();
  await find(worker);
  time.pass((hour - 10) * 1_000);
  expect((await find(worker, refuse)).text).toBe('token 1');

  time.pass(10_000);
  await expect(find(worker, refuse)).rejects.toThrow('secret-refused');
});

test('a failure is told, and the next worker may try at once', async () => {
  await expect(find(aWorker(), refuse)).rejects.toMatchObject(new QuestionFailed('secret-refused'));

  expect((await find(aWorker())).text).toBe('token 1');
  expect(failed('secret-refused')).toEqual({ outcome: 'refused', reason: 'secret-refused', retry: 'never' });
});

test('a token that the server refuses to all is replaced once', async () => {
  const workers = Array.from({ length: 20 }, () => aWorker());
  const { revision } = await find(workers[0] ?? aWorker());

  const found = await time.until(Promise.all(workers.map(async (worker) => worker(obtain, revision))));

  expect(found.map((token) => token !== 'wait' && token.text)).toEqual(Array(20).fill('token 2'));
  expect(requests).toBe(2);
});

test('a token that was refused after it had been replaced costs nothing', async () => {
  const late = aWorker();
  const { revision } = await find(late);
  await find(aWorker(), obtain, revision);

  expect((await find(late, obtain, revision)).text).toBe('token 2');
  expect(requests).toBe(2);
});

test.each([
  ['tenants', { tenant: globex }],
  ['servers', { server: 'other.example.net:443' as ServerName }],
  ['clients', { clientId: 'other' }],
])('two %s never share a token, not even in one environment', async (_what, told) => {
  const find = sharedTokens({ tokens, now: time.now, wait: time.wait, newId: randomUUID });

  const found = await time.until(Promise.all([find(place)(obtain), find({ ...place, ...told })(obtain)]));

  expect(found.map((token) => token !== 'wait' && token.text)).toEqual(['token 1', 'token 2']);
});
