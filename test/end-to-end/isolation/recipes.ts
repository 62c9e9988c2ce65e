/**
 * How each route is attacked: what of another tenant's is put into its path, its query, its headers and its body. A route
 * without a recipe fails the test, so that whoever adds one says how somebody would reach through it.
 */
import { type Identifiers, shared } from './tenants.ts';

export interface Attempt {
  /** What was put into the request. */
  readonly tried: string;
  /**
   * `foreign`: what is the other tenant's alone, and must be answered as what nobody has. `alike`: what both have, where
   * each must find its own.
   */
  readonly kind: 'foreign' | 'alike';
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** What the attacker has of its own, to send where only a part of a request is another's. */
export interface Own {
  readonly tenant: string;
  /** What a GET of this path told it. */
  readonly read: (path: string) => string;
}

export type Recipe = (of: Identifiers, own: Own, route: string) => readonly Attempt[];

type Parts = Omit<Attempt, 'tried' | 'kind'>;
type Name = 'ip' | 'user' | 'domain' | 'group' | 'mac' | 'nas' | 'realm' | 'role';

const alike = (tried: string, parts: Parts = {}): Attempt => ({ tried, kind: 'alike', ...parts });
const foreign = (tried: string, parts: Parts = {}): Attempt => ({ tried, kind: 'foreign', ...parts });
const json = (value: unknown) => JSON.stringify(value);

const alikeOf: Readonly<Record<Name, string>> = { ...shared, domain: 'corp', group: 'staff', nas: '198.51.100.2' };
const foreignOf = (of: Identifiers): Readonly<Record<Name, string>> => ({ ...of, role: of.group });

/** A list: as it is, by each of these filters, and behind a cursor of the other's. */
const list =
  (...filters: readonly Name[]): Recipe =>
  (of, _, route) => {
    const cursor = of.cursors.get(route);
    return [
      alike('nothing'),
      ...filters.flatMap((name) => [
        alike(`the same ${name}`, { query: { [name]: alikeOf[name] } }),
        foreign(`its ${name}`, { query: { [name]: foreignOf(of)[name] } }),
      ]),
      ...(cursor === undefined ? [] : [alike('its cursor', { query: { cursor } })]),
    ];
  };

/** What lies at a path that names an address, a user or a MAC. */
const at =
  (
    name: 'ip' | 'user' | 'mac',
    body?: (of: Identifiers) => unknown,
    headers?: (of: Identifiers) => Parts['headers'],
  ): Recipe =>
  (of, _, route) => {
    const told = body && { body: json(body(of)) };
    const cursor = of.cursors.get(route);
    return [
      alike(`the same ${name}`, { path: { [name]: alikeOf[name] }, ...told }),
      foreign(`its ${name}`, {
        path: { [name]: foreignOf(of)[name] },
        ...told,
        ...(headers && { headers: headers(of) ?? {} }),
      }),
      ...(cursor === undefined ? [] : [alike('its cursor', { path: { [name]: alikeOf[name] }, query: { cursor } })]),
    ];
  };

/** What has an id that the service gave. */
const byId =
  (name: 'receipt' | 'approval' | 'change' | 'session', body?: (of: Identifiers) => unknown): Recipe =>
  (of) => [
    foreign(`the id of its ${name}`, { path: { id: of[name] }, ...(body && { body: json(body(of)) }) }),
    ...(name === 'session' ? [alike('the same id', { path: { id: shared.session }, ...(body && { body: json(body(of)) }) })] : []), // prettier-ignore
  ];

const body =
  (alikes: unknown, foreigns: (of: Identifiers) => unknown): Recipe =>
  (of) => [alike('the same names', { body: json(alikes) }), foreign('its names', { body: json(foreigns(of)) })];

/** What people edit: its own text, over a version of the other's. */
const edited: Recipe = (of, own, route) => {
  const text = own.read(route.replace('PUT ', ''));
  return [
    foreign('its ETag', { body: text, headers: { 'If-Match': of.etag } }),
    alike('its own text', { body: text, query: { check: 'only' } }),
    alike('its own text', { body: text }),
  ];
};

const packet = (told: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(told).map(([name, value]) => [name, { type: 'string', value: [value] }]));
const login = ({ user, mac, nas, session }: Pick<Identifiers, 'user' | 'mac' | 'nas' | 'session'>) => ({
  'User-Name': user,
  'Calling-Station-Id': mac.replaceAll(':', '-').toUpperCase(),
  'NAS-IP-Address': nas,
  'NAS-Port-Id': 'ge-0/0/1',
  'Acct-Session-Id': session,
});
const sameLogin = login({ ...shared, nas: '198.51.100.2' });
const radius = (more: Readonly<Record<string, string>> = {}): Recipe =>
  body(packet({ ...sameLogin, ...more }), (of) => packet({ ...login(of), ...more }));

const logon = (ip: string, user: string, domain: string) =>
  `<userfw-entries><userfw-entry><operation>logon</operation><IP>${ip}</IP><domain>${domain}</domain><user>${user}</user></userfw-entry></userfw-entries>`;
const flow = (sourceIp: string, sessionId: string) => ({ sourceIp, destinationIp: '198.51.100.7', destinationPort: 443, protocol: 'tcp', fromZone: 'trust', toZone: 'untrust', sessionId }); // prettier-ignore
const threat = (of: Pick<Identifiers, 'ip' | 'mac' | 'user' | 'eventId'>) => ({ event: 'quarantine-endpoint', endpointIp: of.ip, endpointMac: of.mac, userName: of.user, severity: 'high', eventId: of.eventId }); // prettier-ignore

/** A credential of the other tenant, as if it were of the attacker's own: the provider alone may ask. */
const credential =
  (told?: unknown): Recipe =>
  (of, own) => [
    foreign('the id of its credential', {
      path: { tenant: own.tenant, credential: of.credential },
      body: json(told ?? {}),
    }),
  ];

const nothing: Recipe = () => [alike('nothing')];

/** Item and login of a tenant, as an export writes them. */
const itemOf = (tenant: string) => ({ table: 'tenants', item: { pk: { S: `T#${tenant}` }, sk: { S: 'CURRENT' }, version: { N: '1' } } }); // prettier-ignore
const loginOf = (tenant: string) => ({ table: 'tenants', item: { pk: { S: `CREDENTIAL#${'0'.repeat(64)}` }, sk: { S: 'CREDENTIAL' }, tenant: { S: tenant }, kind: { S: 'basic' }, role: { S: 'operator' } } }); // prettier-ignore

/** A page of an export that says that it is of this tenant, with these lines. */
const pageOf = (tenant: string, ...lines: readonly object[]) =>
  [
    {
      format: 'postern-tenant-1',
      tenant: { id: tenant, name: 'another', createdAt: '2026-03-01T12:00:00.000Z' },
      export: { id: 'export-1', exportedAt: '2026-03-01T12:00:00.000Z' },
      page: 1,
      secretsKey: 'a key',
    },
    ...lines,
    { items: lines.length, follows: 'nothing' },
  ]
    .map((line) => `${json(line)}\n`)
    .join('');

/** Where an export of a tenant goes on, as the service writes it into its cursor. */
const exportCursor = (tenant: string, sort = 'CURRENT') =>
  Buffer.from(
    json({
      exportId: 'export-1',
      exportedAt: 0,
      page: 2,
      at: { section: 'tenants', after: { pk: `T#${tenant}`, sk: sort } },
    }),
  ).toString('base64url');

/** Nobody is called so, before and after: what a page of lines of others must not become. */
const nobodysName = 't1-import';

export const recipes: Readonly<Record<string, Recipe>> = {
  'POST /api/userfw/v1/post-entry': (of) => [
    alike('the same names', { body: logon(shared.ip, shared.user, 'corp') }),
    foreign('its names', { body: logon(of.ip, of.user, of.domain) }),
  ],
  'GET /v1/entries': list('ip', 'user', 'domain', 'group'),
  'GET /v1/entries/counters': nothing,
  'GET /v1/entries/{ip}': at('ip'),
  'GET /v1/entries/{ip}/why': at('ip'),
  'GET /v1/users/{user}/why': at('user'),
  'GET /v1/forwarding-table': list(),
  'PUT /v1/entries/{ip}': at('ip', ({ user, domain, group }) => ({ source: 'local', user, domain, groups: [group] })),
  'DELETE /v1/entries': (of) => [
    foreign('its user', { query: { user: of.user, domain: of.domain } }),
    foreign('its address', { query: { ip: of.ip } }),
    alike('the same user', { query: { user: shared.user, domain: 'corp' } }),
  ],
  'DELETE /v1/entries/{ip}': at('ip'),
  'POST /v1/decisions': body({ flows: [flow(shared.ip, shared.session)], explain: true }, ({ ip, session }) => ({
    flows: [flow(ip, session)],
    explain: true,
  })),
  'GET /v1/sessions': (of) => list('ip')(of, { tenant: '', read: () => '' }, 'GET /v1/sessions').slice(1),
  'POST /v1/sessions/{id}/close': byId('session', () => ({ reason: 'tcp-fin' })),
  'POST /v1/queries': body({ ip: '10.1.0.1' }, ({ ip }) => ({ ip })),
  'GET /v1/queries/status': nothing,
  'GET /v1/receipts': list('ip', 'user'),
  'GET /v1/receipts/{id}': byId('receipt'),
  'GET /v1/events': list('mac', 'ip', 'user'),
  'GET /v1/user-access': list('mac', 'ip', 'user', 'realm'),
  'GET /v1/operations': list('mac', 'ip'),
  'GET /v1/infected-hosts': list('mac', 'ip', 'user'),
  'POST /v1/infected-hosts': body({ hosts: [{ ip: shared.ip, level: 9 }] }, ({ ip }) => ({
    hosts: [{ ip, level: 9 }],
  })),
  'PUT /v1/infected-hosts/{ip}': at('ip', () => ({ investigation: 'resolved-fixed' })),
  'GET /v1/feeds': nothing,
  'GET /v1/feeds/infected-hosts.txt': (of) => [
    alike('nothing'),
    foreign('its ETag', { headers: { 'If-None-Match': of.etag } }),
  ],
  'GET /v1/debug-log': list('mac', 'ip'),
  'PUT /v1/debug-log': body({ minutes: 30 }, () => ({ minutes: 30 })),
  'GET /v1/configuration': nothing,
  'PUT /v1/configuration': edited,
  'GET /v1/configuration/versions': list(),
  'GET /v1/configuration/versions/{version}': (of) => [
    alike('the same version', { path: { version: '1' } }),
    foreign('its ETag', { path: { version: of.etag } }),
  ],
  'GET /v1/configuration/versions/{version}/diff': (of) => [
    alike('the same version', { path: { version: '1' }, query: { against: '2' } }),
    foreign('its ETag', { path: { version: '1' }, query: { against: of.etag } }),
  ],
  'POST /v1/configuration/versions/{version}/restore': (of) => [
    foreign('its ETag', { path: { version: '1' }, headers: { 'If-Match': of.etag } }),
    alike('the same version', { path: { version: '2' } }),
  ],
  'POST /api/v1/admission-control/events': body(threat(shared), threat),
  'POST /api/v1/admission-control/syslog': (of) => [
    foreign('its names', { body: `<134>1 2026-03-01T12:00:00Z 198.51.100.77 ids - - - infected host=${of.ip}` }),
  ],
  'POST /v1/threat-logs': (of) => [
    foreign('its address', { body: `<14>1 2026-03-01T12:00:00Z fw RT_IDP - IDP_ATTACK_LOG_EVENT [junos@2636 source-address="${of.ip}"]` }), // prettier-ignore
  ],
  'GET /v1/threat-logs/status': nothing,
  'GET /v1/endpoints': list('mac', 'ip', 'user', 'role', 'nas'),
  'GET /v1/endpoints/{mac}': at('mac'),
  'GET /v1/endpoints/{mac}/why': at('mac'),
  'PUT /v1/endpoints/{mac}': at('mac', ({ ip }) => ({ ip })),
  'POST /v1/endpoints/{mac}/block': at(
    'mac',
    () => ({}),
    ({ key }) => ({ 'Idempotency-Key': key }),
  ),
  'POST /v1/endpoints/{mac}/quarantine': at('mac', () => ({ role: 'quarantine' })),
  'POST /v1/endpoints/{mac}/clear': at('mac', () => ({ hold: 'all' })),
  'POST /v1/endpoints/{mac}/terminate': at('mac', () => ({})),
  'PUT /v1/endpoints/{mac}/investigation': at('mac', () => ({ state: 'resolved-fixed' })),
  'GET /v1/approvals': list(),
  'POST /v1/approvals': (of) => [
    alike('all that fits', { body: json({ decision: 'approve', filter: { reason: 'blast-radius' } }) }),
    foreign('the id of its approval', { body: json({ decision: 'reject', ids: [of.approval] }) }),
  ],
  'POST /v1/events/{id}/undo': (of) => [
    foreign('the id of its event', { path: { id: of.eventId }, body: json({ client: 'policy-enforcer' }) }),
  ],
  'POST /v1/endpoints': (of) => [
    alike('the same MAC', { body: json({ act: 'terminate', macs: [shared.mac] }) }),
    foreign('its MAC', { body: json({ act: 'clear', hold: 'all', macs: [of.mac] }) }),
    foreign('its address', { body: json({ act: 'block', ips: [of.ip] }) }),
  ],
  'POST /v1/approvals/{id}/approve': byId('approval', ({ mac }) => ({ mac })),
  'POST /v1/approvals/{id}/reject': byId('approval', () => ({})),
  'GET /v1/radius/changes': nothing,
  'POST /v1/radius/changes/{id}/result': byId('change', () => ({ result: 'ack', roundTripMs: 4 })),
  'GET /api/v1/auth': nothing,
  'POST /api/v1/realm_auth': body({ realm: shared.realm }, ({ realm }) => ({ realm })),
  'POST /v1/radius/authorize': radius(),
  'POST /v1/radius/post-auth': radius(),
  'POST /v1/radius/accounting': radius({ 'Acct-Status-Type': 'Stop' }),
  'POST /v1/templates/try': body(
    { templateName: 'JuniperNetworks-Policy Enforcer-HTTP-JSON', messages: ['{}'] },
    ({ template }) => ({ templateName: template, messages: ['infected host=192.0.2.50'] }),
  ),
  ...Object.fromEntries(
    ['authentication-servers', 'realms', 'roles', 'templates', 'clients', 'admission-policies', 'radius-clients', 'return-attributes', 'connectors'] // prettier-ignore
      .flatMap((name) => [[`GET /v1/${name}`, nothing] as const, [`PUT /v1/${name}`, edited] as const]),
  ),
  'POST /v1/connectors/test': (of) => [
    foreign('the name of its connector', { body: json({ name: of.connector }) }),
    alike('a draft that cannot be tried', { body: json({ connector: { name: 'campus' } }) }),
  ],
  'GET /api/v2/connector': nothing,
  'PUT /api/v2/connector/env': body({}, ({ tenant }) => ({ tenant })),
  'GET /api/v2/connector/instances': nothing,
  'POST /api/v2/connector/instances': () => [alike('an instance that cannot be', { body: json({ name: 'campus' }) })],
  'GET /api/v2/connector/instances/{id}': (of) => [
    foreign('the name of its connector', { path: { id: of.connector } }),
  ],
  'GET /api/v1/system/active-users': (of) => [
    alike('the same user', { query: { name: shared.user } }),
    foreign('its user', { query: { name: of.user } }),
  ],
  'GET /v1/tenants': list(),
  'POST /v1/tenants': (of) => [alike('its name', { body: json({ id: of.tenant, name: 'another' }) })],
  'GET /v1/tenants/{tenant}': (of) => [alike('its name', { path: { tenant: of.tenant } })],
  'PATCH /v1/tenants/{tenant}': (of, own) => [
    alike('its own name', { path: { tenant: own.tenant }, body: json({ name: `changed by ${of.tenant}` }) }),
  ],
  'DELETE /v1/tenants/{tenant}': (of, own) => [
    alike('its name as the confirmation', { path: { tenant: own.tenant }, query: { confirm: of.tenant } }),
    alike('a name that begins its own', { path: { tenant: 't1-' }, query: { confirm: 't1-' } }),
  ],
  'GET /v1/tenants/{tenant}/export': (of, own) => [
    alike('its own name', { path: { tenant: own.tenant } }),
    alike('a cursor of an export of it', { path: { tenant: own.tenant }, query: { cursor: exportCursor(of.tenant) } }),
    alike('a cursor before its first item', { path: { tenant: own.tenant }, query: { cursor: exportCursor(of.tenant, ' ') } }), // prettier-ignore
  ],
  'POST /v1/tenants/{tenant}/import': (of, own) => [
    foreign('a page with a line of it', { path: { tenant: nobodysName }, body: pageOf(nobodysName, itemOf(nobodysName), itemOf(of.tenant)) }), // prettier-ignore
    foreign('a page with a login of it', { path: { tenant: nobodysName }, body: pageOf(nobodysName, itemOf(nobodysName), loginOf(of.tenant)) }), // prettier-ignore
    foreign('a page of it under another name', { path: { tenant: nobodysName }, body: pageOf(of.tenant, itemOf(of.tenant)) }), // prettier-ignore
    foreign('a page with a line of it over its own', { path: { tenant: own.tenant }, body: pageOf(own.tenant, itemOf(of.tenant)) }), // prettier-ignore
    alike('a page of it over what it has', { path: { tenant: of.tenant }, body: pageOf(of.tenant, itemOf(of.tenant)) }),
  ],
  'GET /v1/tenants/{tenant}/credentials': (of) => [alike('its name', { path: { tenant: of.tenant } })],
  'POST /v1/tenants/{tenant}/credentials': (of, own) => [
    alike('its own name', {
      path: { tenant: own.tenant },
      body: json({ role: 'auditor', name: `made by ${of.tenant}` }),
    }),
  ],
  'PATCH /v1/tenants/{tenant}/credentials/{credential}': credential({ orderByArrival: true }),
  'POST /v1/tenants/{tenant}/credentials/{credential}/rotate': credential(),
  'POST /v1/tenants/{tenant}/credentials/{credential}/revoke': credential(),
  'GET /v1/health': nothing,
  'GET /openapi.json': nothing,
};
