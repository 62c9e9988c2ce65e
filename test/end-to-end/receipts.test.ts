/** What did the sender send? Receipts, and how it is with senders, through the running service. */
import { setTimeout as wait } from 'node:timers/promises';
import { minutes } from '../support/observations.ts';
import { needs } from './needs.ts';
import { type Authorization, basic, call, type Service, startService } from './service.ts';

let service: Service;
const log: string[] = [];
let moved = 0;
beforeAll(async () => {
  service = await startService(undefined, (line) => log.push(line));
});
afterAll(async () => service.stop());

type Tenant = 'acme' | 'globex';
const get = async (
  path: `/${string}`,
  tenant: Tenant = 'acme',
  role: 'operator' | 'auditor' | 'web-api' = 'operator',
) => call(service.url, `GET ${path}`, service.authorizations[tenant][role]);
const post = async (body: string, tenant: Tenant = 'acme', authorization?: Authorization) =>
  call(service.url, 'POST /api/userfw/v1/post-entry', authorization ?? service.authorizations[tenant]['web-api'], body);
const travel = (milliseconds: number) => {
  moved += milliseconds;
  service.runtime.advanceClock(milliseconds);
};
/** So many seconds from now by the service's clock. */
const at = (seconds = 0) => new Date(Date.now() + moved + seconds * 1_000).toISOString();
const entry = (fields: Record<string, string>) =>
  `<userfw-entry>${Object.entries(fields).map(([name, text]) => `<${name}>${text}</${name}>`).join('')}</userfw-entry>`; // prettier-ignore
const entries = (...each: Record<string, string>[]) => `<userfw-entries>${each.map(entry).join('\n')}</userfw-entries>`;
const logon = (ip: string, user: string, more: Record<string, string> = {}) => ({ operation: 'logon', IP: ip, user, timestamp: at(), ...more }); // prettier-ignore

interface Receipt {
  readonly id: string;
  readonly credential: { readonly id: string; readonly name: string };
}
const ids = async (path: `/${string}`, tenant: Tenant = 'acme') =>
  ((await get(path, tenant)).body.items as Receipt[]).map(({ id }) => id);

interface Senders {
  readonly deaf: readonly { readonly name: string }[];
  readonly silent: readonly { readonly name: string }[];
  readonly clockOff: readonly { readonly name: string }[];
  readonly items: readonly Record<string, unknown>[];
}
const senders = async (tenant: Tenant) => (await get('/v1/health', tenant)).body.senders as Senders;

/** A sender of a tenant's own, so that what others do is not its. */
async function aSender(tenant: Tenant, name: string) {
  const issued = await call(service.url, `POST /v1/tenants/${service.tenants[tenant]}/credentials`, service.authorizations[tenant].provider, JSON.stringify({ role: 'web-api', name })); // prettier-ignore
  const { user, password } = issued.body as { user: string; password: string };
  return { user, authorization: basic(user, password) };
}

describe('a user is missing: what did the sender send?', () => {
  test('a post that was refused is found by its sender, status, address, user and time, and read whole', async () => {
    const before = at(-1);
    const north = await aSender('acme', 'north');
    const bad = { ...logon('192.0.2.80', 'alice'), timestamp: 'yesterday', source: 'Site North' };
    const sent = await post(entries(bad, { ...bad, user: 'bob', IP: '192.0.2.81' }), 'acme', north.authorization);
    await post(entries(logon('192.0.2.82', 'carol')));
    const id = sent.body.receipt as string;

    expect(sent).toMatchObject({ status: 400, body: { code: 'no-entry-stored' } });
    for (const query of [
      'sender=north',
      'sender=Site+North',
      'ip=192.0.2.80',
      'user=Alice',
      'user=bob&ip=192.0.2.81',
    ]) {
      expect(await ids(`/v1/receipts?${query}`)).toEqual([id]);
      expect(await ids(`/v1/receipts?${query}&status=refused&from=${before}&to=${at(60)}`)).toEqual([id]);
      expect(await ids(`/v1/receipts?${query}&status=accepted`)).toEqual([]);
      expect(await ids(`/v1/receipts?${query}&to=${before}`)).toEqual([]);
      expect(await ids(`/v1/receipts?${query}`, 'globex')).toEqual([]);
    }
    expect((await get(`/v1/receipts/${id}`)).body).toMatchObject({
      id,
      status: 'refused',
      sources: ['Site North'],
      counts: { entries: 2, refused: 2 },
      remarkCounts: { 'timestamp-unreadable': 2 },
      remarks: [
        { code: 'timestamp-unreadable', entry: 1, line: 1, ip: '192.0.2.80', user: 'alice' },
        { code: 'timestamp-unreadable', entry: 2, line: 2, ip: '192.0.2.81', user: 'bob' },
      ],
      next: null,
    });
    expect((await get(`/v1/receipts/${id}`, 'globex')).body).toMatchObject({ status: 404, code: 'receipt-absent' });
  });

  test('what was stored as it was sent names its receipt, and its receipt is found by the address', async () => {
    const { body } = await post(entries(logon('192.0.2.83', 'dave')));

    const found = await get('/v1/entries/192.0.2.83');

    expect(found.body.entry).toMatchObject({ user: 'dave', receipt: body.receipt });
    expect(await ids('/v1/receipts?ip=192.0.2.83')).toEqual([body.receipt]);
    expect((await get(`/v1/receipts/${String(body.receipt)}`)).body).toMatchObject({ status: 'accepted', remarks: [] });
  });

  test('thousands of refused entries are all in the receipt, page by page', async () => {
    const { body } = await post(
      entries(...Array.from({ length: 3_000 }, (_, index) => logon(`10.${index}`, `u${index}`))),
    );
    expect(body).toMatchObject({ refused: 3_000, remarksLeftOut: 2_900 });

    const told: { entry: number }[] = [];
    let next: string | null = '';
    while (next !== null) {
      const cursor = next === '' ? '' : `&cursor=${next}`;
      const page = (await get(`/v1/receipts/${String(body.receipt)}?limit=1000${cursor}`)).body;
      told.push(...(page.remarks as { entry: number }[]));
      next = page.next as string | null;
    }

    expect(told.map((each) => each.entry)).toEqual(Array.from({ length: 3_000 }, (_, index) => index + 1));
  });

  test.each([
    ['status=lost', 'parameter-invalid'],
    ['from=yesterday', 'parameter-invalid'],
    ['from=2026-03-02T00:00:00Z&to=2026-03-01T00:00:00Z', 'parameter-invalid'],
    ['to=2026-03-01', 'parameter-invalid'],
    ['ip=10.1', 'address-invalid'],
    ['sender=', 'parameter-invalid'],
    ['cursor=x', 'cursor-invalid'],
    ['limit=0', 'parameter-invalid'],
    ['name=north', 'parameter-unknown'],
  ])('a search by %s is refused', async (query, code) => {
    expect((await get(`/v1/receipts?${query}`)).body).toMatchObject({ status: 400, code });
  });
});

/** What is measured of a tenant when it is time to watch senders, without anybody asking. */
async function watched(tenant: Tenant | '_provider') {
  log.length = 0;
  await service.runtime.tick('EveryFiveMinutes');
  while (!log.some((line) => line.includes('SenderWatchesUnfinished'))) await wait(20); // what a worker prints comes by a stream
  const measured = log
    .filter((line) => line.includes('WatchSenders'))
    .flatMap((line) => /\{.*\}$/.exec(line) ?? [])
    .map((text) => JSON.parse(text) as object);
  return measured.find((each) => 'tenant' in each && each.tenant === tenant);
}

describe('how it is with senders', () => {
  test('one that is refused again and again is deaf, until it is heard', async () => {
    const { authorization, user } = await aSender('globex', 'deaf one');
    await post(entries(logon('192.0.2.90', 'alice')), 'globex', authorization);
    for (let count = 0; count < 3; count += 1) await post('<userfw-entries><', 'globex', authorization);
    expect((await senders('globex')).deaf).toEqual([]);

    for (let count = 0; count < 2; count += 1) await post(entries(), 'globex', basic(user, 'an old password'));

    const told = await senders('globex');
    expect(told.deaf).toMatchObject([{ name: 'deaf one' }]);
    expect(told.items.find(({ credential }) => (credential as { name: string }).name === 'deaf one')).toMatchObject({
      concerns: ['deaf'],
      refusedInARow: { count: 5, firstCode: 'xml-malformed' },
      lastRefused: { code: 'password-wrong' },
      clientAddress: service.callerAddress,
    });
    expect(JSON.stringify(told)).not.toContain('an old password');
    expect((await senders('acme')).deaf).toEqual([]);

    await post(entries(logon('192.0.2.90', 'alice')), 'globex', authorization);
    expect((await senders('globex')).deaf).toEqual([]);
  });

  needs('schedules', 'logs')('those of each tenant are counted every five minutes', async () => {
    const { authorization } = await aSender('globex', 'another deaf one');
    for (let count = 0; count < 5; count += 1) await post('<userfw-entries><', 'globex', authorization);
    await post(entries(logon('192.0.2.90', 'alice'))); // a tenant without senders is not measured

    expect(await watched('globex')).toMatchObject({ DeafSenders: 1 });
    expect(await watched('acme')).toMatchObject({ DeafSenders: 0 });
    expect(await watched('_provider')).toMatchObject({ SenderWatchesUnfinished: 0 });
  });

  test('who may not read receipts is told that the service answers, and nothing of senders', async () => {
    const { body } = await get('/v1/health', 'globex', 'web-api');

    expect(body).toMatchObject({ status: 'ok', tenant: service.tenants.globex, role: 'web-api' });
    expect(body).not.toHaveProperty('senders');
    expect((await get('/v1/health', 'globex', 'auditor')).body).toHaveProperty('senders');
  });

  test('one whose clock is off is named, with how far', async () => {
    const { authorization } = await aSender('globex', 'fast clock');

    await post(entries({ ...logon('192.0.2.91', 'erin'), timestamp: at(90) }), 'globex', authorization);

    const told = await senders('globex');
    expect(told.clockOff).toMatchObject([{ name: 'fast clock' }]);
    const { clockSkew } = told.items.find(({ concerns }) => (concerns as string[]).includes('clock-off')) ?? {};
    const { lastMs, typicalMs } = clockSkew as { lastMs: number; typicalMs: number };
    expect(typicalMs).toBe(lastMs);
    expect(lastMs).toBeGreaterThan(30_000);
    expect(lastMs).toBeLessThanOrEqual(90_000);
  });

  needs('clock')('one that sends nothing for three times its usual gap is silent', async () => {
    const { authorization } = await aSender('globex', 'quiet one');
    for (let count = 0; count < 4; count += 1) {
      await post(entries(logon('192.0.2.92', `user-${count}`)), 'globex', authorization);
      travel(minutes(10));
    }
    const silent = async () => (await senders('globex')).silent.some(({ name }) => name === 'quiet one');
    expect(await silent()).toBe(false);

    travel(minutes(21));

    expect(await silent()).toBe(true);
    await post(entries(logon('192.0.2.92', 'user-again')), 'globex', authorization);
    expect(await silent()).toBe(false);
  });
});

needs('clock')('receipts are kept for as many days as the tenant says, by the clock', async () => {
  const { body } = await post('<userfw-entries><', 'globex');
  const { body: kept } = await post(entries(logon('192.0.2.93', 'alice'), logon('x', 'frank')), 'globex');
  const isThere = async (id: unknown) => (await get(`/v1/receipts/${String(id)}`, 'globex')).status === 200;
  const configure = async (days: number) =>
    call(service.url, 'PUT /v1/configuration', service.authorizations.globex.operator, JSON.stringify({ receipts: { days } })); // prettier-ignore

  travel(minutes(60 * 24));
  expect([await isThere(body.receipt), await isThere(kept.receipt)]).toEqual([true, true]);
  expect((await configure(1)).status).toBe(200);
  expect([await isThere(body.receipt), await isThere(kept.receipt)]).toEqual([false, false]);
  expect(await ids('/v1/receipts?user=frank', 'globex')).toEqual([]);
  expect((await configure(2)).status).toBe(200);
  expect(await ids('/v1/receipts?user=frank', 'globex')).toEqual([kept.receipt]);
  expect((await configure(91)).body).toMatchObject({ code: 'configuration-invalid' });

  await service.runtime.sweep();
  expect(await isThere(kept.receipt)).toBe(true);
  travel(minutes(60 * 24 * 14));
  await service.runtime.sweep();
  expect((await configure(90)).status).toBe(200);
  expect(await isThere(kept.receipt)).toBe(false);
});
