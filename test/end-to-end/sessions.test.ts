/** Sessions through the running service: opened by decisions, over with their entries, closed by their enforcement point. */
import { hours, minutes } from '../support/observations.ts';
import { needs } from './needs.ts';
import { call, type Service, startService } from './service.ts';

type Tenant = 'acme' | 'globex';

interface As {
  readonly tenant?: Tenant;
  readonly role?: 'enforcement-point' | 'operator';
}

let service: Service;
let moved = 0;
beforeAll(async () => {
  service = await startService();
  await configure('acme');
  await configure('globex');
}, 600_000);
afterAll(async () => service.stop());

const staffWeb = {
  name: 'staff-web',
  fromZone: 'trust',
  toZone: 'untrust',
  source: ['any'],
  destination: ['198.51.100.0/24'],
  applications: ['any'],
  sourceIdentity: ['authenticated-user'],
  action: 'permit',
};
const guestsWeb = { ...staffWeb, name: 'guests-web', destination: ['203.0.113.0/24'], sourceIdentity: ['any'] };
const forbidden = { ...staffWeb, name: 'forbidden', destination: ['192.0.2.0/24'], action: 'deny' };
async function configure(tenant: Tenant) {
  // User query off: with it on, ClearPass and JIMS alone would be believed.
  const configuration = JSON.stringify({ policies: [staffWeb, guestsWeb, forbidden] });
  const { status } = await call(
    service.url,
    'PUT /v1/configuration',
    service.authorizations[tenant].operator,
    configuration,
  );
  expect(status).toBe(200);
}

const travel = (milliseconds: number) => {
  moved += milliseconds;
  service.runtime.advanceClock(milliseconds);
};
const now = () => Date.now() + moved;

/** Instants of posts follow one another, whatever the clock's milliseconds do. */
let posted = 0;
async function post(operation: 'logon' | 'logoff', ip: string, user: string, tenant: Tenant = 'acme') {
  const timestamp = new Date(now() - 60_000 + (posted += 1)).toISOString();
  const entry = `<userfw-entry><operation>${operation}</operation><IP>${ip}</IP><timestamp>${timestamp}</timestamp><user>${user}</user></userfw-entry>`;
  const body = `<userfw-entries>${entry}</userfw-entries>`;
  const { status } = await call(
    service.url,
    'POST /api/userfw/v1/post-entry',
    service.authorizations[tenant]['web-api'],
    body,
  );
  expect(status).toBe(200);
}

const flow = (sourceIp: string, sessionId: string | null, destinationIp = '198.51.100.7') => ({ sourceIp, destinationIp, destinationPort: 443, protocol: 'tcp', fromZone: 'trust', toZone: 'untrust', sessionId }); // prettier-ignore

async function decide(flows: object[], { tenant = 'acme', role = 'enforcement-point' }: As = {}) {
  const { status, body } = await call(
    service.url,
    'POST /v1/decisions',
    service.authorizations[tenant][role],
    JSON.stringify({ flows }),
  );
  expect(status).toBe(200);
  return body.decisions as { action: string; session?: { id: string; managed: boolean; reason: string | null } }[];
}

const close = async (id: string, body: unknown = {}, { tenant = 'acme', role = 'enforcement-point' }: As = {}) =>
  call(
    service.url,
    `POST /v1/sessions/${encodeURIComponent(id)}/close`,
    service.authorizations[tenant][role],
    JSON.stringify(body),
  );

interface Shown {
  readonly sessionId: string;
  readonly state: string;
  readonly user: string | null;
  readonly reason: string | null;
  readonly closedAt: string | null;
}
async function sessionsAt(ip: string, { tenant = 'acme', role = 'operator' }: As = {}) {
  const { status, body } = await call(service.url, `GET /v1/sessions?ip=${ip}`, service.authorizations[tenant][role]);
  expect(status).toBe(200);
  return body.items as Shown[];
}

test('a session is opened by a decision and closed with its bytes; the same close again answers the same', async () => {
  await post('logon', '10.0.0.1', 'alice');
  expect(await decide([flow('10.0.0.1', '4711'), flow('10.0.0.1', null)])).toMatchObject([
    { action: 'permit', session: { id: '4711', managed: true, reason: null } },
    expect.not.objectContaining({ session: expect.anything() as unknown }),
  ]);
  expect(await sessionsAt('10.0.0.1')).toMatchObject([
    { sessionId: '4711', state: 'open', user: 'alice', reason: null },
  ]);

  const { status, body } = await close('4711', { bytesIn: 1_200, bytesOut: 34, reason: 'tcp-fin' });

  expect(status).toBe(200);
  expect(body).toMatchObject({ sessionId: '4711', ip: '10.0.0.1', user: 'alice', domain: 'GLOBAL', bytesIn: 1_200, bytesOut: 34, reason: 'tcp-fin', managed: true }); // prettier-ignore
  expect((await close('4711', { bytesIn: 9, reason: 'again' })).body).toEqual(body);
  expect(await sessionsAt('10.0.0.1')).toMatchObject([{ sessionId: '4711', state: 'closed', reason: 'tcp-fin' }]);
});

test('a denied flow, one of nobody and one without a policy open no session, and say so', async () => {
  await post('logon', '10.0.1.1', 'alice');
  const decided = await decide([
    flow('10.0.1.1', 'denied', '192.0.2.1'),
    flow('10.0.1.2', 'nobody', '203.0.113.5'),
    flow('10.0.1.1', 'default', '192.88.99.1'),
  ]);

  expect(decided.map(({ action, session }) => [action, session])).toEqual([
    ['deny', { id: 'denied', managed: false, reason: 'flow-not-permitted' }],
    ['permit', { id: 'nobody', managed: false, reason: 'user-not-known' }],
    ['deny', { id: 'default', managed: false, reason: 'flow-not-permitted' }],
  ]);
  for (const id of ['denied', 'nobody', 'default']) expect((await close(id)).body.code).toBe('session-absent');
});

test('sessions are over when their entry is: another user, a logoff, a delete', async () => {
  const ends: Record<string, [ip: string, end: () => unknown]> = {
    'user-changed': ['10.0.2.1', async () => post('logon', '10.0.2.1', 'bob')],
    'logged-off': ['10.0.2.2', async () => post('logoff', '10.0.2.2', 'alice')],
    deleted: [
      '10.0.2.3',
      async () => call(service.url, 'DELETE /v1/entries/10.0.2.3', service.authorizations.acme.operator),
    ],
  };
  await areOver(ends);
});

needs('clock')('sessions are over when their entry has expired', async () =>
  areOver({ expired: ['10.0.2.4', () => travel(minutes(30))] }),
);

async function areOver(ends: Record<string, [ip: string, end: () => unknown]>) {
  for (const [ip] of Object.values(ends)) await post('logon', ip, 'alice');
  await decide(Object.entries(ends).map(([reason, [ip]]) => flow(ip, reason)));

  for (const [reason, [ip, end]] of Object.entries(ends)) {
    expect(await sessionsAt(ip)).toMatchObject([{ sessionId: reason, state: 'open', user: 'alice' }]);
    await end();
    expect(await sessionsAt(ip)).toMatchObject([{ sessionId: reason, state: 'closed', user: 'alice', reason }]);
    expect((await close(reason, { bytesIn: 5, reason: 'torn-down' })).body).toMatchObject({ user: 'alice', bytesIn: 5, reason, toldReason: 'torn-down' }); // prettier-ignore
  }
}

test('the same id is a new session once its entry was another’s, and what it was before is still told', async () => {
  await post('logon', '10.0.3.1', 'alice');
  await decide([flow('10.0.3.1', '7')]);
  await post('logon', '10.0.3.1', 'bob');
  await decide([flow('10.0.3.1', '7')]);

  expect(await sessionsAt('10.0.3.1')).toMatchObject([
    { state: 'open', user: 'bob' },
    { state: 'closed', user: 'alice', reason: 'user-changed' },
  ]);
  expect((await close('7')).body).toMatchObject({ user: 'bob', reason: 'closed', bytesIn: null });
});

test('ids are unique per credential: two enforcement points and two tenants may use the same one', async () => {
  for (const tenant of ['acme', 'globex'] as const) await post('logon', '10.0.4.1', `user-of-${tenant}`, tenant);
  await decide([flow('10.0.4.1', 'x/ü #1')]);
  await decide([flow('10.0.4.1', 'x/ü #1')], { role: 'operator' });
  await decide([flow('10.0.4.1', 'x/ü #1')], { tenant: 'globex' });

  expect(await sessionsAt('10.0.4.1')).toHaveLength(2);
  expect(await sessionsAt('10.0.4.1', { role: 'enforcement-point' })).toHaveLength(1);
  expect((await close('x/ü #1')).body).toMatchObject({ user: 'user-of-acme', reason: 'closed' });
  expect((await sessionsAt('10.0.4.1')).map(({ state }) => state).sort()).toEqual(['closed', 'open']);
  expect(await sessionsAt('10.0.4.1', { tenant: 'globex' })).toMatchObject([{ state: 'open', user: 'user-of-globex' }]);
  expect((await close('x/ü #1', {}, { tenant: 'globex' })).body).toMatchObject({ user: 'user-of-globex' });
});

needs('clock')('a session that is not heard of for 24 hours is lost; a decision that names it keeps it', async () => {
  await call(
    service.url,
    'PUT /v1/configuration',
    service.authorizations.globex.operator,
    JSON.stringify({ clearpass: { entryTimeout: 0 }, policies: [staffWeb] }),
  );
  await post('logon', '10.0.5.1', 'alice', 'globex');
  const both = [flow('10.0.5.1', 'kept'), flow('10.0.5.1', 'forgotten')];
  await decide(both, { tenant: 'globex' });
  travel(hours(23));
  await decide(both.slice(0, 1), { tenant: 'globex' });
  travel(hours(1));

  expect(await sessionsAt('10.0.5.1', { tenant: 'globex' })).toMatchObject([
    { sessionId: 'forgotten', state: 'closed', reason: 'lost', user: 'alice' },
    { sessionId: 'kept', state: 'open' },
  ]);
  travel(hours(24));
  expect(await sessionsAt('10.0.5.1', { tenant: 'globex' })).toMatchObject([{ sessionId: 'kept', reason: 'lost' }]);
  expect((await close('forgotten', {}, { tenant: 'globex' })).status).toBe(404);
});

needs('pace')(
  'of 2,049 sessions of an entry the last is not managed: its close record carries no user',
  async () => {
    await post('logon', '10.0.6.1', 'alice');
    const ids = Array.from({ length: 2_048 }, (_, index) => `session-${index}`);
    for (let start = 0; start < ids.length; start += 100) {
      const decided = await decide(ids.slice(start, start + 100).map((id) => flow('10.0.6.1', id)));
      expect(decided.every(({ session }) => session?.managed === true)).toBe(true);
    }

    expect(await decide([flow('10.0.6.1', 'last'), flow('10.0.6.1', 'session-7')])).toMatchObject([
      { action: 'permit', session: { managed: false, reason: 'too-many-sessions' } },
      { session: { managed: true } },
    ]);
    expect((await close('last', { bytesIn: 1 })).body).toMatchObject({
      user: null,
      domain: null,
      managed: false,
      bytesIn: 1,
    });
    expect((await close('session-7')).body).toMatchObject({ user: 'alice', managed: true });
    expect(await decide([flow('10.0.6.1', 'next')])).toMatchObject([{ session: { managed: true } }]);
  },
  600_000,
);

needs('pace')('sessions are listed page by page, each once', async () => {
  const seen: string[] = [];
  let cursor = '';
  do {
    const { body } = await call(
      service.url,
      `GET /v1/sessions?ip=10.0.6.1&limit=700${cursor}`,
      service.authorizations.acme.auditor,
    );
    seen.push(...(body.items as Shown[]).map(({ sessionId }) => sessionId));
    cursor = body.next === null ? '' : `&cursor=${body.next as string}`;
  } while (cursor !== '');

  expect(seen).toHaveLength(2_050);
  expect(new Set(seen).size).toBe(2_050);
});

describe('at the doors', () => {
  beforeAll(async () => {
    await post('logon', '10.0.7.1', 'alice');
    await decide([flow('10.0.7.1', 'session-9')]);
  });

  test.each<[string, unknown]>([
    ['an unknown name', { bytes: 1 }],
    ['a list', []],
    ['a text', 'closed'],
    ['null', null],
    ['bytes in quotes', { bytesIn: '1' }],
    ['fewer bytes than none', { bytesIn: -1 }],
    ['half a byte', { bytesOut: 0.5 }],
    ['more bytes than a number can tell', { bytesOut: 2 ** 53 }],
    ['an empty reason', { reason: '' }],
    ['a reason without end', { reason: 'x'.repeat(129) }],
    ['a reason of two lines', { reason: 'a\nb' }],
    ['a reason that is a number', { reason: 7 }],
  ])('a close with %s is refused, and closes nothing', async (_, body) => {
    const { status, body: problem } = await close('session-9', body);

    expect([status, problem.code]).toEqual([400, 'body-invalid']);
  });

  test('and neither is text that is no JSON, a query, or a session that is not there', async () => {
    const { url, authorizations } = service;
    const firewall = authorizations.acme['enforcement-point'];

    expect((await call(url, 'POST /v1/sessions/session-9/close', firewall, '{')).body.code).toBe('json-invalid');
    expect((await call(url, 'POST /v1/sessions/session-9/close?force=1', firewall, '{}')).body.code).toBe(
      'parameter-unknown',
    );
    expect((await close('x'.repeat(1_500))).body.code).toBe('session-absent');
    expect((await close('session-9', {}, { role: 'operator' })).body.code).toBe('session-absent');
    expect((await call(url, 'POST /v1/sessions/session-9/close', authorizations.acme.auditor)).status).toBe(403);
    expect((await call(url, 'POST /v1/sessions/session-9/close', authorizations.acme['web-api'])).status).toBe(403);
    expect((await call(url, 'POST /v1/sessions/session-9/close', firewall)).body).toMatchObject({ user: 'alice' });
  });

  test('a path that is no text is told from a session that is not there', async () => {
    const firewall = service.authorizations.acme['enforcement-point'];

    expect((await call(service.url, 'POST /v1/sessions/%ff/close', firewall)).body.code).toBe('path-invalid');
  });

  const cursor = (position: unknown) => Buffer.from(JSON.stringify(position)).toString('base64url');
  test.each([
    ['no address', '', 'filter-missing'],
    ['an empty address', '?ip=', 'address-invalid'],
    ['an address with a leading zero', '?ip=10.0.0.01', 'address-invalid'],
    ['two addresses', '?ip=10.0.0.1&ip=10.0.0.2', 'parameter-invalid'],
    ['no page', '?ip=10.0.0.1&limit=0', 'parameter-invalid'],
    ['their user', '?ip=10.0.0.1&user=alice', 'parameter-unknown'],
    ['a cursor of somebody else’s', '?ip=10.0.0.1&cursor=nonsense', 'cursor-invalid'],
    ['a cursor that leads elsewhere', `?ip=10.0.0.1&cursor=${cursor('COUNT#')}`, 'cursor-invalid'],
    ['a cursor without end', `?ip=10.0.0.1&cursor=${cursor(`OPEN#${'x'.repeat(2_000)}`)}`, 'cursor-invalid'],
  ])('sessions are not listed by %s', async (_, query, code) => {
    const { status, body } = await call(service.url, `GET /v1/sessions${query}`, service.authorizations.acme.operator);

    expect([status, body.code]).toEqual([400, code]);
  });
});
