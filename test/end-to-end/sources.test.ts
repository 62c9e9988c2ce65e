/** Sources beside each other, through the running service: whose word stands, and what a silence does. */
import { minutes } from '../support/observations.ts';
import { needs } from './needs.ts';
import { call, type Service, startService } from './service.ts';

let service: Service;
let moved = 0;
beforeAll(async () => {
  service = await startService();
});
afterAll(async () => service.stop());

type Tenant = 'acme' | 'globex';
type Body = Record<string, unknown>;

const api = async (request: `${string} /${string}`, body?: Body, tenant: Tenant = 'globex') =>
  call(service.url, request, service.authorizations[tenant].operator, body && JSON.stringify(body));
const configure = async (settings: Body) => expect((await api('PUT /v1/configuration', settings)).status).toBe(200);
const put = async (ip: string, word: Body, tenant: Tenant = 'globex') => api(`PUT /v1/entries/${ip}`, word, tenant);
const at = () => new Date(Date.now() + moved).toISOString();
const post = async (ip: string, user: string) =>
  call(
    service.url,
    'POST /api/userfw/v1/post-entry',
    service.authorizations.globex['web-api'],
    `<userfw-entries><userfw-entry><operation>logon</operation><IP>${ip}</IP><user>${user}</user><timestamp>${at()}</timestamp></userfw-entry></userfw-entries>`,
  );
const look = async (ip: string, tenant: Tenant = 'globex') => {
  const { status, body } = await api(`GET /v1/entries/${ip}`, undefined, tenant);
  const entry = body.entry as { user: string; origin: string; heldSince: string } | null | undefined;
  return { status, user: entry?.user, origin: entry?.origin, heldSince: entry?.heldSince, silence: body.silence };
};
const decide = async (ip: string, more: Body = {}) => {
  const flow = {
    ...more,
    sourceIp: ip,
    destinationIp: '198.51.100.7',
    application: 'https',
    fromZone: 'trust',
    toZone: 'untrust',
  };
  const { body } = await api('POST /v1/decisions', { flows: [flow] });
  return (body.decisions as Body[])[0];
};
const travel = (milliseconds: number) => {
  moved += milliseconds;
  service.runtime.advanceClock(milliseconds);
};

test('a local user stands before ClearPass, and after it once local has 120', async () => {
  await configure({});
  await post('192.0.2.1', 'carol');
  expect(await put('192.0.2.1', { source: 'local', user: 'Lou' })).toMatchObject({
    status: 200,
    body: { outcome: 'stored' },
  });
  expect(await look('192.0.2.1')).toMatchObject({ user: 'lou', origin: 'local' });
  expect(await decide('192.0.2.1')).toMatchObject({ user: 'lou', source: 'local' });

  await configure({ priorities: { local: 120 } });
  expect(await look('192.0.2.1')).toMatchObject({ user: 'carol', origin: 'aruba-clearpass' });
  expect(await decide('192.0.2.1')).toMatchObject({ user: 'carol', source: 'aruba-clearpass' });
  expect(await look('192.0.2.1', 'acme')).toMatchObject({ status: 404 });
});

needs('clock')(
  'ClearPass takes the place of Active Directory, which gets in again only once ClearPass’s entry is over',
  async () => {
    const adam = { source: 'active-directory', user: 'adam' };
    await configure({});
    expect(await put('192.0.2.2', adam)).toMatchObject({ status: 409, body: { code: 'source-disabled' } });

    await configure({ activeDirectory: { enabled: true } });
    expect(await put('192.0.2.2', adam)).toMatchObject({ body: { outcome: 'stored', entry: { user: 'adam' } } });
    const { heldSince } = await look('192.0.2.2');
    travel(1_000);
    await post('192.0.2.2', 'adam');
    const replaced = await look('192.0.2.2');
    expect(replaced).toMatchObject({ user: 'adam', origin: 'aruba-clearpass' });
    expect(replaced.heldSince).not.toBe(heldSince);

    expect(await put('192.0.2.2', adam)).toMatchObject({ body: { outcome: 'outranked' } });
    expect(await put('192.0.2.2', { ...adam, operation: 'logoff' })).toMatchObject({
      body: { outcome: 'other-source' },
    });
    travel(minutes(30));
    expect(await put('192.0.2.2', adam)).toMatchObject({
      body: { outcome: 'stored', entry: { origin: 'active-directory' } },
    });
    travel(1_000);
    expect(await put('192.0.2.2', { ...adam, operation: 'logoff' })).toMatchObject({
      body: { outcome: 'ended', entry: null },
    });
  },
);

needs('clock')('while ClearPass is silent its entries are kept, and every answer says so', async () => {
  await configure({ whenSilent: { 'aruba-clearpass': { afterMinutes: 5, action: 'keep' } } });
  travel(minutes(60));
  await post('192.0.2.3', 'carol');
  expect(await look('192.0.2.3')).toMatchObject({ user: 'carol', silence: null });

  travel(minutes(40));
  const silence = { source: 'aruba-clearpass', action: 'keep', until: null };
  expect(await look('192.0.2.3')).toMatchObject({ user: 'carol', silence });
  expect(await decide('192.0.2.3')).toMatchObject({ user: 'carol', silence });
  expect((await api('GET /v1/entries?source=aruba-clearpass')).body).toMatchObject({
    items: [{ ip: '192.0.2.3', silence }],
    silences: [silence],
  });
  expect((await api('GET /v1/entries/counters')).body).toMatchObject({ silences: [silence] });

  await post('192.0.2.4', 'dora');
  expect(await look('192.0.2.3')).toMatchObject({ status: 404 });
  expect(await decide('192.0.2.3')).toMatchObject({ user: null, silence: null });
});

needs('clock')(
  'while ClearPass is silent and its entries are kept, sessions stay open, rows stay, and why says so',
  async () => {
    await configure({
      whenSilent: { 'aruba-clearpass': { afterMinutes: 5, action: 'keep' } },
      defaultPolicy: 'permit',
    });
    await post('192.0.2.6', 'erin');
    const { session } = (await decide('192.0.2.6', { sessionId: 'kept' })) as Record<'session', Body>;
    expect(session).toMatchObject({ managed: true });
    travel(minutes(70));

    const why = (await api('GET /v1/entries/192.0.2.6/why')).body;
    expect(why).toMatchObject({ code: 'known', silence: { action: 'keep' }, entry: { user: 'erin' } });
    expect(why.answer).toContain('ClearPass has been silent since');
    expect((await api('GET /v1/users/erin/why')).body).toMatchObject({ code: 'known', silences: [{ action: 'keep' }] });
    expect((await api('GET /v1/sessions?ip=192.0.2.6')).body).toMatchObject({
      items: [{ sessionId: 'kept', state: 'open' }],
    });
    const rows = await call(
      service.url,
      'GET /v1/forwarding-table',
      service.authorizations.globex['enforcement-point'],
    );
    expect((rows.body.rows as Body[]).find(({ ip }) => ip === '192.0.2.6')).toMatchObject({ user: 'erin' });
    const closed = await call(
      service.url,
      'POST /v1/sessions/kept/close',
      service.authorizations.globex.operator,
      JSON.stringify({ reason: 'tcp-fin' }),
    );
    expect(closed.body).toMatchObject({ user: 'erin', reason: 'tcp-fin' });
  },
);

needs('clock')('while ClearPass is silent and passed over the next source stands', async () => {
  await configure({
    whenSilent: { 'aruba-clearpass': { afterMinutes: 5, action: 'fall-back' } },
    priorities: { local: 120 },
  });
  await put('192.0.2.5', { source: 'local', user: 'lou' });
  travel(minutes(1));
  await post('192.0.2.5', 'carol');
  expect(await look('192.0.2.5')).toMatchObject({ user: 'carol', silence: null });

  travel(minutes(6));
  expect(await look('192.0.2.5')).toMatchObject({ user: 'lou', silence: { action: 'fall-back' } });
});
