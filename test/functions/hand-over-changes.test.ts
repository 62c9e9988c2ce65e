import { doors } from '../../functions/hand-over-changes/handler.ts';
import { type Role, roles, type RouteKey } from '../../shared/contract.ts';
import { http } from '../../shared/edge/http.ts';
import { changesOf, aSwitch } from '../support/changes.ts';
import { accessSwitch, aHold, aLogin, aRecord, laptop, phone } from '../support/endpoints.ts';
import { acme, globex, minutes } from '../support/observations.ts';
import type { Mac } from '../../shared/endpoints/mac.ts';
import { aCaller, aContext, anApiEvent } from '../support/requests.ts';

let site: ReturnType<typeof changesOf>;
beforeEach(() => {
  site = changesOf();
});

interface Told {
  readonly tenant?: string;
  readonly role?: Role;
  readonly query?: Record<string, string[]>;
  readonly parameters?: Record<string, string>;
  readonly body?: unknown;
}

async function ask(route: RouteKey, { tenant = acme, role = 'radius', query, parameters, body }: Told = {}) {
  const event = anApiEvent({
    route,
    caller: aCaller(role, { tenant }),
    ...(query && { query }),
    ...(parameters && { parameters }),
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const answer = await http(() => site.deps, doors, { now: () => site.table.now() })(event, aContext());
  return { status: answer.statusCode, body: JSON.parse(answer.body) as Record<string, unknown> };
}

interface Handed {
  readonly id: string;
  readonly attempt: number;
  readonly server: object;
  readonly kind: string;
  readonly attributes: readonly { name: string; value: string }[];
}

const poll = async (wait = 0, tenant: string = acme) => {
  const { body } = await ask('GET /v1/radius/changes', { tenant, query: { wait: [String(wait)] } });
  return body.items as Handed[];
};
const tell = async (id: string, body: unknown, tenant: string = acme) =>
  ask('POST /v1/radius/changes/{id}/result', { tenant, parameters: { id }, body });

/** Somebody who logged in on a switch, and is blocked then. */
async function blocked() {
  await site.follow({ kind: 'authenticated', login: aLogin() });
  await site.follow({ kind: 'accounted', record: aRecord() });
  await site.follow(aHold());
}

test('a change is handed over with all that radclient has to be told, and to its own tenant only', async () => {
  await blocked();

  expect(await poll(0, globex)).toEqual([]);
  expect(await poll()).toEqual([
    {
      id: expect.stringMatching(/^00112233cafe-id-\d+$/) as string,
      mac: laptop,
      client: 'access-1',
      server: { address: accessSwitch, port: 3799 },
      kind: 'disconnect',
      attributes: [
        { name: 'Calling-Station-Id', value: '00-11-22-33-CA-FE' },
        { name: 'NAS-IP-Address', value: accessSwitch },
        { name: 'Acct-Session-Id', value: '8O2.1x81bb0a3c' },
        { name: 'Event-Timestamp', value: String(site.table.now() / 1_000) },
      ],
      attempt: 1,
      answerBy: new Date(site.table.now() + 30_000).toISOString(),
    },
  ]);
  expect(await poll()).toEqual([]);
});

test('a poll that waits answers as soon as there is something', async () => {
  const asked = site.table.now();
  let seconds = 0;
  site.meanwhile(async () => {
    if ((seconds += 1) === 3) await blocked();
  });

  expect(await poll(20)).toHaveLength(1);
  expect(site.table.now() - asked).toBe(3_000);
});

test('a poll that waits in vain ends when its time is over, and reads once a second', async () => {
  const { withChanges } = site.deps.endpoints;
  let reads = 0;
  const endpoints = { ...site.deps.endpoints, withChanges: async (tenant: typeof acme) => ((reads += 1), withChanges(tenant)) }; // prettier-ignore
  site = { ...site, deps: { ...site.deps, endpoints } };
  const asked = site.table.now();

  expect(await poll(20)).toEqual([]);
  expect(site.table.now() - asked).toBe(20_000);
  expect(reads).toBe(21);
});

test('an ACK is the end of a change, and one more answer changes nothing', async () => {
  await blocked();
  const [handed] = await poll();
  site.later(12);

  const first = await tell(handed?.id ?? '', { result: 'ack', roundTripMs: 12 });
  const again = await tell(handed?.id ?? '', { result: 'nak', errorCause: 406 });

  expect(first).toEqual({ status: 200, body: { state: 'acknowledged', attempts: 1, nextAt: null } });
  expect(again).toEqual(first);
  expect((await site.endpoint())?.changes).toMatchObject([
    { state: 'acknowledged', roundTripMs: 12, errorCause: null, detail: `${accessSwitch}:3799` },
  ]);
});

test('what is not answered is handed over again after half a minute; what failed, ever later', async () => {
  await blocked();
  const [first] = await poll();
  site.later(29_999);
  expect(await poll()).toEqual([]);
  site.later(1);
  const [second] = await poll();
  expect(second).toMatchObject({ id: first?.id, attempt: 2 });

  const { body } = await tell(second?.id ?? '', { result: 'timeout' });
  expect(body).toEqual({ state: 'timed-out', attempts: 2, nextAt: new Date(site.table.now() + 10_000).toISOString() });
  expect(await tell(second?.id ?? '', { result: 'timeout' })).toMatchObject({ body });
  site.later(9_999);
  expect(await poll()).toEqual([]);
  site.later(1);
  const [third] = await poll();
  expect((await tell(third?.id ?? '', { result: 'nak', errorCause: 506 })).body).toMatchObject({
    state: 'refused',
    nextAt: new Date(site.table.now() + 20_000).toISOString(),
  });
});

test('what kept the site from sending is shown on the change', async () => {
  await blocked();
  const [handed] = await poll();
  await tell(handed?.id ?? '', { result: 'timeout', detail: 'no file with the secret' });

  expect((await site.endpoint())?.changes).toMatchObject([{ state: 'timed-out', detail: 'no file with the secret' }]);
});

test('a switch that knows the session no more ends it, and a newer session is told instead', async () => {
  await blocked();
  const [old] = await poll();
  await site.follow({
    kind: 'accounted',
    record: aRecord({ acctSessionId: 'newer', loginId: null, port: 'ge-0/0/8' }),
  });
  expect(await poll()).toEqual([]); // one of an endpoint at a time

  expect((await tell(old?.id ?? '', { result: 'nak', errorCause: 503, roundTripMs: 3 })).body.state).toBe(
    'session-over',
  );
  const [newer] = await poll();

  expect(newer?.attributes).toContainEqual({ name: 'Acct-Session-Id', value: 'newer' });
  expect((await site.endpoint())?.sessions.find(({ acctSessionId }) => acctSessionId !== 'newer')).toMatchObject({
    endedBy: 'gone',
  });
});

test('only the newest wanted state is sent', async () => {
  await blocked();
  await site.follow({ kind: 'cleared', hold: 'blocked', sender: { kind: 'operator', name: 'desk' }, occurredAt: null });

  expect(await poll()).toEqual([]); // it has what it had
  expect(await site.table.endpoints.withChanges(acme)).toEqual([]); // so that no poll reads it any more
});

test('a switch that is no RADIUS client says so on the change, which waits until it is one', async () => {
  site = changesOf({ clients: [aSwitch({ address: '203.0.113.77' })] });
  await blocked();

  expect(await poll()).toEqual([]);
  expect((await site.endpoint())?.changes).toMatchObject([{ state: 'pending', attempts: 0, detail: 'no-client' }]);
  const deps = { ...site.deps, settingsOf: changesOf({ clients: [aSwitch({ address: '198.51.100.0/24' })] }).deps.settingsOf }; // prettier-ignore
  site = { ...site, deps };
  site.later(minutes(1));
  expect(await poll()).toMatchObject([{ server: { address: accessSwitch, port: 3799 } }]);
});

test('a switch that must be called by the id of a session waits for accounting', async () => {
  site = changesOf({ clients: [aSwitch({ make: 'juniper-ex2200' })] });
  await site.follow({ kind: 'authenticated', login: aLogin() });
  await site.follow(aHold());

  expect(await poll()).toEqual([]);
  expect((await site.endpoint())?.changes).toMatchObject([{ detail: 'no-session-id' }]);
  await site.follow({ kind: 'accounted', record: aRecord() });
  site.later(5_000);
  expect(await poll()).toHaveLength(1);
});

test('of two polls at once one gets the change', async () => {
  await blocked();

  expect((await Promise.all([poll(), poll(), poll()])).flat()).toHaveLength(1);
});

test('endpoints do not wait for each other', async () => {
  await blocked();
  await site.follow({ kind: 'authenticated', login: aLogin({ port: 'ge-0/0/9' }) }, { mac: phone });
  await site.follow(aHold(), { mac: phone });

  expect(await poll()).toHaveLength(2);
});

test('what is new goes before what a dead switch has been sent in vain, at most ten at once', async () => {
  const macs = Array.from({ length: 12 }, (_, index) => `00:11:22:33:00:${String(index).padStart(2, '0')}` as Mac);
  const block = async (mac: Mac, port: number) => {
    await site.follow({ kind: 'authenticated', login: aLogin({ port: `ge-0/0/${port}` }) }, { mac });
    await site.follow(aHold(), { mac });
  };
  for (const [index, mac] of macs.entries()) await block(mac, index);
  const first = await poll();
  for (const { id } of [...first, ...(await poll())]) await tell(id, { result: 'timeout' });
  site.later(5_000);
  await block('00:11:22:33:ff:ff' as Mac, 40);
  const next = await poll();

  expect(first).toHaveLength(10);
  expect(next).toHaveLength(10);
  expect(next[0]).toMatchObject({ mac: '00:11:22:33:ff:ff', attempt: 1 });
});

test('the change of another tenant is none, by its very id', async () => {
  await blocked();
  const [handed] = await poll();

  expect(await tell(handed?.id ?? '', { result: 'ack' }, globex)).toMatchObject({ status: 404, body: { code: 'change-absent' } }); // prettier-ignore
  expect((await site.endpoint())?.changes).toMatchObject([{ state: 'sent' }]);
});

test('where we tell the switches ourselves, the site is told that it is not asked', async () => {
  site = changesOf({ way: 'direct' });

  expect(await ask('GET /v1/radius/changes')).toMatchObject({ status: 409, body: { code: 'changes-sent-directly' } });
});

test.each(roles.filter((role) => role !== 'radius'))('a credential of role %s is refused', async (role) => {
  expect(await ask('GET /v1/radius/changes', { role })).toMatchObject({ status: 403, body: { code: 'role-refused' } });
});

test.each([
  ['a wait that is too long', { wait: ['21'] }, 'parameter-invalid'],
  ['a wait that is no number', { wait: ['soon'] }, 'parameter-invalid'],
  ['a wait of nothing', { wait: [''] }, 'parameter-invalid'],
  ['a negative wait', { wait: ['-1'] }, 'parameter-invalid'],
  ['half a second', { wait: ['0.5'] }, 'parameter-invalid'],
  ['two waits', { wait: ['1', '2'] }, 'parameter-invalid'],
  ['a name that nobody knows', { waits: ['1'] }, 'parameter-unknown'],
])('%s is refused', async (_, query, code) => {
  expect(await ask('GET /v1/radius/changes', { query })).toMatchObject({ status: 400, body: { code } });
});

test.each([
  ['no JSON', '{', 400, 'json-invalid'],
  ['nothing', '', 400, 'json-invalid'],
  ['no object', [], 400, 'body-invalid'],
  ['no result', {}, 400, 'body-invalid'],
  ['a word that is no result', { result: 'ACK' }, 400, 'body-invalid'],
  ['a cause that is no number', { result: 'nak', errorCause: 'Session-Context-Not-Found' }, 400, 'body-invalid'],
  ['a cause of an ACK', { result: 'ack', errorCause: 503 }, 400, 'body-invalid'],
  ['a negative time', { result: 'ack', roundTripMs: -1 }, 400, 'body-invalid'],
  ['a time of what was not answered', { result: 'timeout', roundTripMs: 3 }, 400, 'body-invalid'],
  ['a detail of two lines', { result: 'timeout', detail: 'one\ntwo' }, 400, 'body-invalid'],
  ['a name that nobody knows', { result: 'ack', cause: 1 }, 400, 'body-invalid'],
])('a result with %s is refused, and the change stays as it is', async (_, body, status, code) => {
  await blocked();
  const [handed] = await poll();

  expect(await tell(handed?.id ?? '', body)).toMatchObject({ status, body: { code } });
  expect((await site.endpoint())?.changes).toMatchObject([{ state: 'sent', answeredAt: null }]);
});

test.each([
  '',
  'printer',
  '00112233cafe',
  '00112233cafe-',
  '00112233cafe-id-999',
  '00:11:22:33:ca:fe-id-2',
  'ffffffffffff-id-2',
])('there is no change "%s"', async (id) => {
  await blocked();
  await poll();

  expect(await tell(id, { result: 'ack' })).toMatchObject({ status: 404, body: { code: 'change-absent' } });
});
