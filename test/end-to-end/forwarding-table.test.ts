/** An enforcement point through the running service: it pulls the whole forwarding table once, then changes only. */
import { minutes } from '../support/observations.ts';
import { needs } from './needs.ts';
import { type Answered, call, type Service, startService } from './service.ts';

let service: Service;
let moved = 0;
beforeAll(async () => {
  service = await startService();
});
afterAll(async () => service.stop());

type Tenant = 'acme' | 'globex';
const as = (role: keyof Service['authorizations'][Tenant], tenant: Tenant = 'acme') =>
  service.authorizations[tenant][role];
const travel = (milliseconds: number) => {
  moved += milliseconds;
  service.runtime.advanceClock(milliseconds);
};

interface Told {
  readonly ip: string;
  readonly domain?: string;
  readonly user?: string;
  readonly groups?: readonly string[];
  readonly posture?: string;
}

/** A logon of a user, or without one the logoff of an address, at this moment by the service's clock. */
function entry({ ip, domain, user, groups = [], posture }: Told): string {
  const timestamp = new Date(Date.now() + moved).toISOString();
  const element = (name: string, text?: string) => (text === undefined ? '' : `<${name}>${text}</${name}>`);
  const roles = groups.map((group) => element('role', group)).join('');
  return element('userfw-entry', `${element('operation', user === undefined ? 'logoff' : 'logon')}<IP>${ip}</IP>${element('timestamp', timestamp)}${element('domain', domain)}${element('user', user)}<role-list>${roles}</role-list>${element('posture', posture)}`); // prettier-ignore
}

async function post(tenant: Tenant, ...told: Told[]) {
  const body = `<userfw-entries>${told.map(entry).join('')}</userfw-entries>`;
  const { status } = await call(service.url, 'POST /api/userfw/v1/post-entry', as('web-api', tenant), body);
  expect(status).toBe(200);
}

async function commit(sourceIdentities: readonly string[], tenant: Tenant = 'acme') {
  const policies = sourceIdentities.map((name, index) => ({
    name: `policy-${index}`,
    fromZone: 'trust',
    toZone: 'untrust',
    source: ['any'],
    destination: ['any'],
    applications: ['any'],
    sourceIdentity: [name],
    action: 'permit',
    log: false,
  }));
  const body = JSON.stringify({ policies });
  const { status, body: answer } = await call(service.url, 'PUT /v1/configuration', as('operator', tenant), body);
  expect([status, answer.violations]).toEqual([200, undefined]);
}

interface Row {
  readonly ip: string;
  readonly user: string;
  readonly groups: readonly string[];
  readonly expiresAt: string;
}

/** A client as docs/forwarding-table.md tells to write one, but for sessions. */
function enforcementPoint(tenant: Tenant = 'acme') {
  const rows = new Map<string, Row>();
  let since = '';
  const pull = async () => {
    const answers: Answered['body'][] = [];
    let more = true;
    while (more) {
      const { status, body } = await call(service.url, `GET /v1/forwarding-table?limit=2${since}`, as('enforcement-point', tenant)); // prettier-ignore
      expect(status).toBe(200);
      if (body.full === true) rows.clear();
      for (const row of body.rows as Row[]) rows.set(row.ip, row);
      for (const ip of body.removed as string[]) rows.delete(ip);
      since = `&since=${String(body.cursor)}`;
      more = body.more === true;
      answers.push(body);
    }
    return { full: answers[0]?.full, reason: answers[0]?.reason, told: answers.flatMap(({ rows: told }) => (told as Row[]).map(({ ip }) => ip)) }; // prettier-ignore
  };
  const table = () => {
    const now = Date.now() + moved;
    const live = [...rows.values()].filter(({ expiresAt }) => Date.parse(expiresAt) > now);
    return Object.fromEntries(live.map(({ ip, user, groups }) => [ip, [user, ...groups]]));
  };
  return { pull, table, cursor: () => since.replace('&since=', '') };
}

const both = ['posture-healthy'];
const john = { ip: '198.51.100.1', domain: 'acme', user: 'john', groups: ['group1', 'group2'], posture: 'Healthy' };
const abe = { ip: '198.51.100.2', domain: 'acme', user: 'abe', groups: ['group1', 'group3'], posture: 'Healthy' };

test('a full table once, then what a logon, a change of groups, a logoff and a delete made of it', async () => {
  await commit(['acme\\staff', 'acme\\guests']);
  await post('acme', { ip: '192.0.2.50', domain: 'acme', user: 'alice', groups: ['staff', 'others'] });
  await post(
    'acme',
    { ip: '192.0.2.51', domain: 'acme', user: 'bob' },
    { ip: '192.0.2.52', domain: 'acme', user: 'eve' },
  );
  const point = enforcementPoint();

  expect(await point.pull()).toMatchObject({ full: true, reason: null });
  expect(point.table()).toEqual({ '192.0.2.50': ['alice', 'staff'], '192.0.2.51': ['bob'], '192.0.2.52': ['eve'] });

  await post('acme', { ip: '192.0.2.53', domain: 'acme', user: 'carol', groups: ['guests'] });
  expect(await point.pull()).toMatchObject({ full: false });
  expect(point.table()).toHaveProperty(['192.0.2.53'], ['carol', 'guests']);

  await post('acme', { ip: '192.0.2.50', domain: 'acme', user: 'alice', groups: ['guests', 'others'] });
  expect(await point.pull()).toMatchObject({ full: false, reason: null });
  expect(point.table()).toHaveProperty(['192.0.2.50'], ['alice', 'guests']);

  await post('acme', { ip: '192.0.2.50' });
  await call(service.url, 'DELETE /v1/entries/192.0.2.52', as('operator'));
  await point.pull();
  expect(point.table()).toEqual({ '192.0.2.51': ['bob'], '192.0.2.53': ['carol', 'guests'] });
});

needs('clock')('each change is told alone, and once what was noted before is told no more, nothing is', async () => {
  const point = enforcementPoint();
  await post('acme', { ip: '192.0.2.50', domain: 'acme', user: 'alice', groups: ['staff', 'others'] });
  await point.pull();
  travel(20_000); // so long a change is told again, lest one be missed
  await point.pull();

  await post('acme', { ip: '192.0.2.50', domain: 'acme', user: 'alice', groups: ['guests', 'others'] });
  expect(await point.pull()).toEqual({ full: false, reason: null, told: ['192.0.2.50'] });
  await post('acme', { ip: '192.0.2.50' });
  await point.pull();
  expect(await point.pull()).toMatchObject({ full: false, told: [] });
});

needs('clock')('time takes rows away without another word, and the next logon brings one back', async () => {
  const point = enforcementPoint();
  await point.pull();
  expect(point.table()).toHaveProperty(['192.0.2.51']);

  travel(minutes(31));

  expect(point.table()).toEqual({});
  await point.pull();
  expect(point.table()).toEqual({});
  await post('acme', { ip: '192.0.2.51', domain: 'acme', user: 'bob' });
  await point.pull();
  expect(point.table()).toEqual({ '192.0.2.51': ['bob'] });
});

test('john and abe: a commit changes the groups of all rows at once, without new posts', async () => {
  const point = enforcementPoint();
  await commit(['acme\\group1', 'acme\\group3', 'acme\\posture-healthy']);
  await post('acme', john, abe);
  await point.pull();
  expect(point.table()).toMatchObject({
    [john.ip]: ['john', ...both, 'group1'],
    [abe.ip]: ['abe', ...both, 'group1', 'group3'],
  });

  await commit(['acme\\group3', 'acme\\posture-healthy']);
  await point.pull();

  expect(point.table()).toMatchObject({ [john.ip]: ['john', ...both], [abe.ip]: ['abe', ...both, 'group3'] });
});

needs('clock')('a cursor that is too old says so and gives the full table', async () => {
  const point = enforcementPoint();
  await point.pull();
  travel(minutes(61));
  await post('acme', { ip: '192.0.2.54', domain: 'acme', user: 'dora' });

  expect(await point.pull()).toEqual({ full: true, reason: 'cursor-too-old', told: ['192.0.2.54'] });
  expect(point.table()).toEqual({ '192.0.2.54': ['dora'] });
});

test('each tenant pulls its own table, and a cursor is good in its own tenant only', async () => {
  await post('globex', { ip: '192.0.2.54', domain: 'globex', user: 'gwen' });
  const [ours, theirs] = [enforcementPoint(), enforcementPoint('globex')];
  await ours.pull();
  await theirs.pull();

  expect(theirs.table()).toEqual({ '192.0.2.54': ['gwen'] });
  await post('acme', { ip: '192.0.2.55', domain: 'acme', user: 'erin' });
  expect(await theirs.pull()).toMatchObject({ full: false });
  expect(theirs.table()).toEqual({ '192.0.2.54': ['gwen'] });
  const refused = await call(
    service.url,
    `GET /v1/forwarding-table?since=${ours.cursor()}`,
    as('enforcement-point', 'globex'),
  );
  expect([refused.status, refused.body.code]).toEqual([400, 'cursor-invalid']);
});

test.each(['x', 'bnVsbA', '', 'e30', '%00', 'a'.repeat(5_000)])(
  'a cursor that is none of ours (%.10s) is refused',
  async (cursor) => {
    const { status, body } = await call(
      service.url,
      `GET /v1/forwarding-table?since=${cursor}`,
      as('enforcement-point'),
    );

    expect([status, body.code]).toEqual([400, 'cursor-invalid']);
  },
);

test.each([
  ['enforcement-point', 200],
  ['operator', 200],
  ['auditor', 200],
  ['web-api', 403],
  ['log-sender', 403],
] as const)('a credential of role %s is answered %i', async (role, status) => {
  expect((await call(service.url, 'GET /v1/forwarding-table', as(role))).status).toBe(status);
});
