/** What is sent wrongly to the doors of connectors, infected hosts and guards: it is told where and how to mend it, and nothing is stored. */
import { routes } from '../../shared/contract.ts';
import { sentConnectors } from '../support/connectors.ts';
import { call, type Service, startService } from './service.ts';
import { aSite } from './site.ts';

let service: Service;
let before: Awaited<ReturnType<typeof all>>;
beforeAll(async () => {
  service = await startService();
  for (const tenant of ['acme', 'globex'] as const) {
    expect((await aSite(service, tenant).setUp({ connectors: [sentConnectors.ise] })).status).toBe(200);
  }
  before = await all();
});
afterAll(async () => service.stop());

const reads = [
  'connectors',
  'infected-hosts',
  'endpoints',
  'approvals',
  'operations',
  'configuration/versions',
] as const;

/** Without how they are: the schedules find them offline a minute after the start, with nobody sending anything. */
const asSent = (connectors: unknown) =>
  (connectors as readonly object[]).map((each) => ({ ...each, status: undefined }));

/** All that both tenants show. */
async function all() {
  const told = (['acme', 'globex'] as const).flatMap((tenant) =>
    reads.map(async (name) => {
      const { status, body } = await call(service.url, `GET /v1/${name}`, service.authorizations[tenant].operator);
      return { tenant, name, status, items: name === 'connectors' ? asSent(body.items) : body.items };
    }),
  );
  return Promise.all(told);
}

interface Sent {
  readonly to: `${'GET' | 'POST' | 'PUT'} /${string}`;
  /** As JSON, unless it is text already. */
  readonly body?: unknown;
  readonly as?: 'operator' | 'threat-sender' | 'auditor';
  readonly key?: string;
}
interface Told {
  readonly status: number;
  readonly code?: string;
  /** The place, or how to mend it. */
  readonly says: string;
}

const { pulse, webhook, ise } = sentConnectors;
const listed = (more: object, of: object = pulse) => ({ items: [{ ...of, ...more }] });
const tried = (more: object, of: object = pulse) => ({ connector: { ...of, ...more } });
const bulk = (more: object) => ({ act: 'quarantine', role: 'quarantine', macs: ['00:11:22:33:ca:fe'], ...more });
const pushed = (more: object) => ({ hosts: [{ ip: '192.0.2.50', level: 8, ...more }] });
const pushes = 'POST /v1/infected-hosts';
const connectors = 'PUT /v1/connectors';
const trial = 'POST /v1/connectors/test';
const vendors = 'POST /api/v2/connector/instances';
const many = 'POST /v1/endpoints';
const approvals = 'POST /v1/approvals';
const undo = 'POST /v1/events/no-such-event/undo';
const environment = 'PUT /api/v2/connector/env';
const settings = 'PUT /v1/configuration';
const feed = (atpCloud: object) => ({ threatResponse: { feeds: { atpCloud } } });

const cases: readonly (readonly [string, Sent, Told])[] = [
  ['a name with a blank', { to: connectors, body: listed({ name: 'head office' }) }, { status: 400, says: '/name' }],
  [
    'a name that begins with a dash',
    { to: connectors, body: listed({ name: '-campus' }) },
    { status: 400, says: '/name' },
  ],
  ['a name of 64 letters', { to: connectors, body: listed({ name: 'a'.repeat(64) }) }, { status: 400, says: '63' }],
  [
    'a type whose protocol nobody has published',
    { to: connectors, body: listed({ type: 'forescout' }) },
    { status: 400, says: 'type-not-available' },
  ],
  [
    'a setting that its type does not have',
    { to: connectors, body: listed({ settings: { relam: 'x' } }) },
    { status: 400, says: 'realm' },
  ],
  [
    'a setting that its type needs, left out',
    { to: connectors, body: listed({ settings: { blockPolicy: 'Shut_Down' } }, ise) },
    { status: 400, says: 'quarantinePolicy' },
  ],
  [
    'a secret of a webhook in another form',
    { to: connectors, body: listed({ password: 'hush' }, webhook) },
    { status: 400, says: 'whsec_' },
  ],
  [
    'a user for a webhook, which has none',
    { to: connectors, body: listed({ username: 'me' }, webhook) },
    { status: 400, says: '/username' },
  ],
  ['a port that is none', { to: connectors, body: listed({ port: 65_536 }) }, { status: 400, says: '/port' }],
  [
    'a subnet with bits behind its length',
    { to: connectors, body: listed({ subnets: ['10.1.0.1/16'] }) },
    { status: 400, says: '/subnets/0' },
  ],
  [
    'one subnet in two connectors',
    { to: connectors, body: { items: [pulse, { ...webhook, subnets: ['10.1.0.0/16'] }] } },
    { status: 400, says: 'subnet' },
  ],
  [
    'two connectors of one name',
    { to: connectors, body: { items: [pulse, { ...webhook, name: 'CAMPUS' }] } },
    { status: 400, says: '/name' },
  ],
  ['a list that is no list', { to: connectors, body: { items: 'all of them' } }, { status: 400, says: '/items' }],
  ['half a document', { to: connectors, body: '{"items": [' }, { status: 400, code: 'json-invalid', says: 'JSON' }],
  [
    'connectors of an auditor',
    { to: connectors, body: listed({}), as: 'auditor' },
    { status: 403, code: 'role-refused', says: 'operator' },
  ],
  [
    'a draft and a name at once',
    { to: trial, body: { ...tried({}), name: 'branch-1' } },
    { status: 400, code: 'body-invalid', says: 'either' },
  ],
  ['neither a draft nor a name', { to: trial, body: {} }, { status: 400, code: 'body-invalid', says: 'either' }],
  [
    'a trial of what is not there',
    { to: trial, body: { name: 'nobody' } },
    { status: 404, code: 'connector-absent', says: 'GET /v1/connectors' },
  ],
  [
    'a stored secret for another host',
    { to: trial, body: tried({ address: 'elsewhere.example.net', password: null }, ise) },
    { status: 200, says: 'password' },
  ],
  ['an instance without a name', { to: vendors, body: {} }, { status: 422, says: 'name' }],
  [
    'an act that there is not',
    { to: many, body: bulk({ act: 'forgive' }) },
    { status: 400, code: 'body-invalid', says: '/act' },
  ],
  ['a MAC that is none', { to: many, body: bulk({ macs: ['00:11:22:33:ca:f'] }) }, { status: 400, says: 'MAC' }],
  ['nobody who is meant', { to: many, body: bulk({ macs: [] }) }, { status: 400, code: 'body-invalid', says: '/macs' }],
  [
    'a thousand and one who are meant',
    { to: many, body: bulk({ macs: Array.from({ length: 1_001 }, () => '00:11:22:33:ca:fe') }) },
    { status: 400, code: 'body-invalid', says: '1000' },
  ],
  [
    'a quarantine without a role',
    { to: many, body: bulk({ role: undefined }) },
    { status: 400, code: 'body-invalid', says: '/role' },
  ],
  ['a key that is none', { to: many, body: bulk({}), key: '' }, { status: 400, says: 'Idempotency-Key' }],
  [
    'approvals that are neither approved nor rejected',
    { to: approvals, body: { decision: 'perhaps', ids: ['x'] } },
    { status: 400, code: 'body-invalid', says: '/decision' },
  ],
  ['approvals that nobody names', { to: approvals, body: { decision: 'reject' } }, { status: 400, says: 'filter' }],
  [
    'approvals by ids and by a filter',
    { to: approvals, body: { decision: 'reject', ids: ['x'], filter: {} } },
    { status: 400, says: 'filter' },
  ],
  [
    'an approval of a reason that there is not',
    { to: approvals, body: { decision: 'reject', filter: { reason: 'whim' } } },
    { status: 400, says: '/filter/reason' },
  ],
  ['an undo of what nobody sent', { to: undo, body: {} }, { status: 404, says: 'event' }],
  [
    'an undo with a member that is unknown',
    { to: undo, body: { force: true } },
    { status: 400, code: 'body-invalid', says: '/force' },
  ],
  [
    'a host twice, in two forms',
    {
      to: pushes,
      body: {
        hosts: [
          { ip: '2001:db8::1', level: 8 },
          { ip: '2001:DB8:0::1', level: 3 },
        ],
      },
    },
    { status: 400, code: 'body-invalid', says: 'once' },
  ],
  [
    'a level above ten',
    { to: pushes, body: pushed({ level: 11 }) },
    { status: 400, code: 'body-invalid', says: '/hosts/0/level' },
  ],
  [
    'a level in words',
    { to: pushes, body: pushed({ level: 'high' }) },
    { status: 400, code: 'body-invalid', says: '/hosts/0/level' },
  ],
  [
    'a prefix for a host',
    { to: pushes, body: pushed({ ip: '192.0.2.0/24' }) },
    { status: 400, code: 'body-invalid', says: 'prefix' },
  ],
  [
    'an address that no host has',
    { to: pushes, body: pushed({ ip: '127.0.0.1' }) },
    { status: 400, code: 'body-invalid', says: '/hosts/0/ip' },
  ],
  ['a push of nobody', { to: pushes, body: { hosts: [] } }, { status: 400, code: 'body-invalid', says: '/hosts' }],
  [
    'a member that is misspelt',
    { to: pushes, body: pushed({ threatname: 'x' }) },
    { status: 400, code: 'body-invalid', says: 'threatName' },
  ],
  [
    'a push of an auditor',
    { to: pushes, body: pushed({}), as: 'auditor' },
    { status: 403, code: 'role-refused', says: 'threat-sender' },
  ],
  [
    'a state of investigation that there is not',
    { to: 'PUT /v1/infected-hosts/192.0.2.50', body: { investigation: 'done' } },
    { status: 400, code: 'body-invalid', says: 'resolved-fixed' },
  ],
  [
    'an investigation of what is no address',
    { to: 'PUT /v1/infected-hosts/192.0.2.500', body: { investigation: 'open' } },
    { status: 400, code: 'address-invalid', says: 'IPv4' },
  ],
  [
    'an investigation of what nobody lists',
    { to: 'PUT /v1/infected-hosts/192.0.2.50', body: { investigation: 'open' } },
    { status: 404, says: '192.0.2.50' },
  ],
  ['an environment that is no JSON', { to: environment, body: '{', as: 'threat-sender' }, { status: 400, code: 'json-invalid', says: 'JSON' }],
  ['an environment of an auditor', { to: environment, body: {}, as: 'auditor' }, { status: 403, says: 'operator' }],
  ['an instance of a threat sender', { to: vendors, body: { name: 'mine' }, as: 'threat-sender' }, { status: 403, code: 'role-refused', says: 'operator' }],
  ['an instance of a type that there is not', { to: vendors, body: { name: 'x', type: 'ForeScout' } }, { status: 422, says: '/type: There is no connector of this type' }],
  ['an instance that is not there', { to: `GET /api/v2/connector/instances/nobody` }, { status: 404, code: 'connector-absent', says: 'GET /v1/connectors' }],
  ['endpoints by MACs and by addresses', { to: many, body: bulk({ ips: ['192.0.2.50'] }) }, { status: 400, code: 'body-invalid', says: 'ips' }],
  ['a bulk act of a threat sender', { to: many, body: bulk({}), as: 'threat-sender' }, { status: 403, code: 'role-refused', says: 'operator' }],
  ['an approval of what does not wait', { to: 'POST /v1/approvals/nobody/approve', body: {} }, { status: 404, code: 'approval-absent', says: 'GET /v1/approvals' }],
  ['an approval for a MAC that is none', { to: 'POST /v1/approvals/nobody/approve', body: { mac: 'zz' } }, { status: 400, says: 'MAC' }],
  ['a rejection with a member that is unknown', { to: 'POST /v1/approvals/nobody/reject', body: { why: 'x' } }, { status: 400, code: 'body-invalid', says: '/why' }],
  ['an undo of an auditor', { to: undo, body: {}, as: 'auditor' }, { status: 403, code: 'role-refused', says: 'operator' }],
  ['a feed that is asked more than once a minute', { to: settings, body: feed({ pollMinutes: 0 }) }, { status: 400, says: '/threatResponse/feeds/atpCloud/pollMinutes' }],
  ['a rule for a level that there is not', { to: settings, body: feed({ rules: [{ minLevel: 11, event: 'block-endpoint' }] }) }, { status: 400, says: '/rules/0/minLevel' }],
  ['a rule that frees', { to: settings, body: feed({ rules: [{ minLevel: 7, event: 'clear-blocked-endpoint' }] }) }, { status: 400, says: '/rules/0/event' }],
  ['a cap below none', { to: settings, body: { threatResponse: { guards: { mostActions: -1 } } } }, { status: 400, says: '/guards/mostActions' }],
  ['a shared address that is none', { to: settings, body: { threatResponse: { guards: { sharedAddresses: ['10.0.0'] } } } }, { status: 400, says: '/guards/sharedAddresses/0' }],
  ['operations in a state that there is not', { to: 'GET /v1/operations?state=done' }, { status: 400, code: 'parameter-invalid', says: 'state' }],
  ['operations of a MAC that is none', { to: 'GET /v1/operations?mac=zz' }, { status: 400, code: 'mac-invalid', says: 'MAC' }],
  ['operations from a cursor of elsewhere', { to: 'GET /v1/operations?cursor=nonsense' }, { status: 400, code: 'cursor-invalid', says: 'cursor' }],
  ['hosts of a feed that there is not', { to: 'GET /v1/infected-hosts?feed=cloud' }, { status: 400, code: 'parameter-invalid', says: 'feed' }],
  ['approvals in a state that there is not', { to: 'GET /v1/approvals?state=maybe' }, { status: 400, code: 'parameter-invalid', says: 'state' }],
  ['a feed out since some time', { to: 'GET /v1/feeds/infected-hosts.txt?since=1' }, { status: 400, code: 'parameter-unknown', says: 'since' }],
  ['the state of a feed by its name', { to: 'GET /v1/feeds?feed=atp-cloud' }, { status: 400, code: 'parameter-unknown', says: 'feed' }],
  ['connectors by a filter', { to: 'GET /v1/connectors?type=webhook' }, { status: 400, code: 'parameter-unknown', says: 'type' }],
  ['instances by a filter', { to: 'GET /api/v2/connector/instances?name=x' }, { status: 422, code: 'parameter-unknown', says: 'name' }],
  ['another type of the vendor’s', { to: 'GET /api/v2/connector?type=webhook' }, { status: 422, code: 'parameter-unknown', says: 'type' }],
]; // prettier-ignore

test.each(cases)('%s', async (_, { to, body, as = 'operator', key }, { status, code, says }) => {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const answer = await call(service.url, to, service.authorizations.acme[as], text, {
    ...(key !== undefined && { 'Idempotency-Key': key }),
  });

  expect(answer).toMatchObject({ status, ...(code !== undefined && { body: { code } }) });
  expect(JSON.stringify(answer.body)).toContain(says);
});

test('every door of connectors, infected hosts, feeds and guards has been sent something wrong', () => {
  const theirs =
    /^(\w+ \/(api\/v2\/connector|v1\/(connectors|infected-hosts|feeds|operations|approvals))(\/.*)?|POST \/v1\/endpoints|.*\/undo)$/;
  const doors = Object.keys(routes).filter((route) => theirs.test(route));
  const isAt = (door: string) => new RegExp(`^${door.replace(/\{\w+\}/g, '[^/]+').replaceAll('.', '\\.')}(\\?|$)`);
  const untried = doors.filter((door) => !cases.some(([, { to }]) => isAt(door).test(to)));

  expect(doors.length).toBeGreaterThan(15);
  expect(untried).toEqual([]);
});

test('of all that nothing was stored, for whoever sent it or for anybody else', async () => {
  expect(before.filter(({ status }) => status !== 200)).toEqual([]);
  expect(await all()).toEqual(before);
});
