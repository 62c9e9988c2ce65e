import { http, type HttpRequest, json } from '../../shared/edge/http.ts';
import { onceByKey } from '../../shared/edge/once.ts';
import { ServiceError } from '../../shared/service-error.ts';
import { fakeAttemptStore } from '../support/fake-attempt-store.ts';
import { minutes, noon } from '../support/observations.ts';
import { aCaller, aContext, anApiEvent, type Sent } from '../support/requests.ts';

let attempts: ReturnType<typeof fakeAttemptStore>;
let acted: number;
let now: number;
beforeEach(() => {
  [attempts, acted, now] = [fakeAttemptStore(), 0, noon];
});

type Act = (request: HttpRequest) => Promise<ReturnType<typeof json>>;
const issue: Act = async () =>
  Promise.resolve(json(201, { password: `secret ${(acted += 1)}` }, { Location: '/v1/x' }));

async function send(key: string | undefined, sent: Partial<Sent> = {}, act: Act = issue) {
  const door = async (_: object, request: HttpRequest) => act(request);
  const doors = { 'POST /v1/tenants': door, 'DELETE /v1/entries': door, 'GET /v1/tenants': door };
  const event = anApiEvent({
    route: 'POST /v1/tenants',
    caller: aCaller('provider'),
    body: '{"id":"acme"}',
    ...sent,
    headers: { ...(key !== undefined && { 'Idempotency-Key': key }), ...sent.headers },
  });
  const entrance = { ...onceByKey, now: () => now };
  const { statusCode, headers = {}, body } = await http(() => ({ attempts }), doors, entrance)(event, aContext());
  return { status: statusCode, headers, body: JSON.parse(body) as Record<string, unknown> };
}

test('a repeat with its key gets the first answer again, status, headers and body, and is told so', async () => {
  const first = await send('key-1');
  const repeat = await send('key-1');

  expect(first).toMatchObject({ status: 201, body: { password: 'secret 1' } });
  expect(first.headers).not.toHaveProperty('Idempotency-Replayed');
  expect(repeat).toEqual({ ...first, headers: { ...first.headers, 'Idempotency-Replayed': 'true' } });
  expect(acted).toBe(1);
});

test('without a key every request acts', async () => {
  await send(undefined);
  await send(undefined);

  expect(acted).toBe(2);
});

test.each<[string, Partial<Sent>]>([
  ['body', { body: '{"id":"globex"}' }],
  ['query', { query: { limit: ['1'] } }],
  ['route', { route: 'DELETE /v1/entries', caller: aCaller('operator') }],
  ['version to change', { headers: { 'If-Match': '"7"' } }],
])('a key that comes with another %s is refused, and nothing is done', async (_, other) => {
  const first = aCaller(other.caller ? 'operator' : 'provider');
  await send('key-1', other.caller ? { route: 'DELETE /v1/entries', caller: first, query: { user: ['alice'] } } : {});

  expect(await send('key-1', other)).toMatchObject({ status: 422, body: { code: 'idempotency-key-reused' } });
  expect(acted).toBe(1);
});

test.each([
  ['credential', { credentialId: 'credential-2' }],
  ['tenant', { tenant: 'globex' }],
])("another %s's same key is its own", async (_, other) => {
  await send('key-1');

  expect(await send('key-1', { caller: aCaller('provider', other) })).toMatchObject({ status: 201 });
  expect(acted).toBe(2);
});

test('while the first is under way, a repeat is a 409 that says when to come again', async () => {
  let repeat: Awaited<ReturnType<typeof send>> | undefined;
  await send('key-1', {}, async () => {
    repeat = await send('key-1');
    return json(200, {});
  });

  expect(repeat).toMatchObject({ status: 409, body: { code: 'request-in-progress' } });
  expect(Number(repeat?.headers['Retry-After'])).toBeGreaterThan(0);
  expect(acted).toBe(0);
});

test('what was refused is refused again in the same words, whatever holds by then', async () => {
  const refuse: Act = async () => Promise.reject(new ServiceError('entry-absent', 'Nobody is there.'));
  const first = await send('key-1', {}, refuse);
  const repeat = await send('key-1');

  expect(first).toMatchObject({ status: 404, body: { code: 'entry-absent' } });
  expect(repeat).toMatchObject({ status: 404, body: first.body });
  expect(acted).toBe(0);
});

test.each([new ServiceError('busy', 'Come again.'), new Error('no table')])(
  'what failed by our fault is tried again: %s',
  async (error) => {
    expect(await send('key-1', {}, async () => Promise.reject(error))).toMatchObject({ status: 503 });

    expect(await send('key-1')).toMatchObject({ status: 201 });
  },
);

test('a key is forgotten after a day', async () => {
  await send('key-1');
  now += 24 * minutes(60);

  expect(await send('key-1')).toMatchObject({ body: { password: 'secret 2' } });
});

test.each(['', 'with blank', 'ü', 'x'.repeat(256), '\u007f', 'tab\tkey'])('%j is no key', async (key) => {
  expect(await send(key)).toMatchObject({ status: 400, body: { code: 'idempotency-key-invalid' } });
  expect(acted).toBe(0);
});

test.each(['a', '"8e03978e-40d5-43dd-bc93-6894a57f9324"', 'x'.repeat(255), '~!#'])('%j is a key', async (key) => {
  expect(await send(key)).toMatchObject({ status: 201 });
});

test('a read looks at no key', async () => {
  expect(await send('no key', { route: 'GET /v1/tenants' })).toMatchObject({ status: 201 });
});

test('a request that may not act leaves no trace of its key', async () => {
  await send('key-1', { caller: aCaller('operator') });

  expect(await attempts.read({ tenant: aCaller('operator').tenant as never, credentialId: 'credential-1', key: 'key-1' })).toBeUndefined(); // prettier-ignore
});
