/** Has a tenant hold one of each, through the API alone: what it is told here is what others must never hear. */
import { randomBytes } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { basic, call, type Service } from '../service.ts';
import { aSite } from '../site.ts';
import { configurationOf, type Surroundings } from './set-up.ts';
import { alikeUsers, type Identifiers, type Request, shared, speakerFor, type Tenant } from './tenants.ts';

type Bare = Omit<Tenant, 'holds'>;

const xml = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
const logon = (told: Readonly<Record<string, string>>, more = '') =>
  `<userfw-entry><operation>logon</operation>${Object.entries(told)
    .map(([name, value]) => `<${name}>${xml(value)}</${name}>`)
    .join('')}${more}</userfw-entry>`;
const posted = (...entries: readonly string[]) => `<userfw-entries>${entries.join('')}</userfw-entries>`;

export async function furnish(
  service: Service,
  tenant: Bare,
  { surroundings, number, lists }: { surroundings: Surroundings; number: number; lists: readonly string[] },
): Promise<Tenant> {
  const { marks } = tenant;
  const speak = speakerFor(service, tenant);
  const mark = marks.of;
  const own = {
    ip: marks.note('an address', `2001:db8:${hexGroup()}:${hexGroup()}::5`),
    missed: marks.note('an address that was asked about', `2001:db8:${hexGroup()}:${hexGroup()}::6`),
    mac: marks.note(
      'a MAC',
      `02:${randomBytes(5)
        .toString('hex')
        .replaceAll(/(..)(?=.)/g, '$1:')}`,
    ),
    nas: `203.0.113.${number}`,
    user: mark('a user'),
    domain: mark('a domain'),
    group: mark('a group'),
    session: `s-${mark('a session')}`,
    eventId: mark('the id of an event'),
  };

  const first = configurationOf(marks, surroundings, number);
  await speak('operator', `PUT /v1/configuration?message=${mark('the message of a change')}`, first);
  const { headers } = await speak('operator', 'PUT /v1/configuration', { ...first, defaultPolicy: 'permit' });
  await speak('operator', 'PUT /v1/debug-log', { minutes: 60 });
  service.runtime.advanceClock(11_000); // a switch of the debug log is heard of within ten seconds
  await entries();
  await devices();
  await speak('operator', 'POST /v1/connectors/test', { name: mark('a connector') });
  const feed = await fetch(`${service.url}/v1/feeds/infected-hosts.txt`, { headers: { Authorization: tenant.authorizations.operator } }); // prettier-ignore
  if (feed.status !== 200) throw new Error(`${tenant.id}: the feed for firewalls: ${feed.status}`);
  const issued = await credentials();
  const asked = await questions();
  await threatLogs();

  const holds: Identifiers = {
    tenant: tenant.id,
    ...own,
    realm: mark('a realm'),
    version: '2',
    etag: headers.get('etag') ?? '',
    template: mark('a template'),
    connector: mark('a connector'),
    key: mark('an Idempotency-Key'),
    ...asked,
    ...issued,
    cursors: await cursors(),
  };
  for (const what of ['receipt', 'approval', 'change', 'etag'] as const) marks.note(`the ${what}`, holds[what].replaceAll('"', '')); // prettier-ignore
  return { ...tenant, holds };

  /** Logons, one entry told by an operator, and a refused post with more remarks than a receipt holds. */
  async function entries() {
    const groups = `<role-list><role>staff</role><role>${own.group}</role></role-list><posture>${mark('a posture')}</posture>`;
    const device = `<end-user-attribute><device-category>${mark('a device category')}</device-category></end-user-attribute>`;
    const alike = alikeUsers.map((user, index) => logon({ IP: `10.1.0.${index + 1}`, domain: own.domain, user }, groups)); // prettier-ignore
    await speak('web-api', 'POST /api/userfw/v1/post-entry', posted(
      logon({ IP: shared.ip, domain: own.domain, user: shared.user }, groups + device),
      logon({ IP: shared.ipv6, domain: own.domain, user: shared.user }, groups),
      logon({ IP: own.ip, domain: 'corp', user: own.user }, groups),
      ...alike,
    )); // prettier-ignore
    await speak('operator', 'PUT /v1/entries/10.1.1.1', { source: 'local', user: own.user, domain: own.domain, groups: [own.group] }); // prettier-ignore
    const wrong = Array.from({ length: 40 }, (_, index) => logon({ IP: `no address ${index}`, user: mark('a refused user') })); // prettier-ignore
    await call(service.url, 'POST /api/userfw/v1/post-entry', tenant.authorizations['web-api'], posted(...wrong));
    await speak('operator', 'DELETE /v1/entries/10.1.0.1');
  }

  /** Logins, sessions, threat actions, holds, one approval, one message that waits, and changes that no switch was told. */
  async function devices() {
    const authorizations = { acme: tenant.authorizations, globex: tenant.authorizations };
    const site = aSite({ ...service, authorizations }, 'acme');
    const laptop = site.device(shared.mac, shared.user);
    const [phone, printer] = [
      site.device(own.mac, own.user),
      site.device('00:11:22:33:ca:03', mark('a user of a printer')),
    ];
    await laptop.joins('desk', { ip: shared.ip });
    await phone.joins('hall', { ip: '10.1.2.1' });
    await printer.joins('hall', { ip: '10.1.2.1', ssid: mark('an SSID') });
    const threat = { severity: 'high', threatName: mark('the name of a threat') };
    for (const [event, ip, more] of [
      ['quarantine-endpoint', shared.ip, { eventId: shared.eventId }],
      ['quarantine-endpoint', '10.1.2.1', { eventId: own.eventId }],
      ['block-endpoint', '10.1.2.9', {}],
      ['clear-blocked-endpoint', shared.ip, { occurredAt: new Date().toISOString() }],
    ] as const) {
      const { status, body } = await site.threat(event, ip, { ...threat, ...more });
      if (status !== 200) throw new Error(JSON.stringify(body));
    }
    // In no connector's subnet: nothing is told of them while we look.
    const infected = [shared.ip, own.ip].map((ip) => ({ ip, level: 9, threatName: mark('the name of what infects') }));
    await speak('operator', 'POST /v1/infected-hosts', { hosts: infected });
    const once = { 'Idempotency-Key': mark('an Idempotency-Key') };
    await speak('operator', `POST /v1/endpoints/${own.mac}/block`, { threatName: mark('a threat that an operator names'), note: mark('a note') }, once); // prettier-ignore
    await speak(
      'operator',
      `POST /v1/endpoints/${shared.mac}/block`,
      { note: mark('a note') },
      { 'Idempotency-Key': shared.key },
    );
    await speak('operator', `PUT /v1/endpoints/${own.mac}/investigation`, { state: 'in-progress' });
  }

  async function credentials() {
    const made = await call(
      service.url,
      `POST /v1/tenants/${tenant.id}/credentials`,
      tenant.authorizations.provider,
      JSON.stringify({ role: 'threat-sender', name: `sender-${mark('the name of a credential', 'known')}` }),
    );
    const { id, user, password } = made.body as Record<string, string>;
    const key = await call(service.url, 'GET /api/v1/auth', basic(user ?? '', password ?? ''));
    marks.note('an API key', String(key.body.api_key), 'secret');
    return { credential: marks.note('the id of a credential', id ?? '', 'known') };
  }

  /** Sessions, a question that ClearPass is asked, and what the walk needs to know of all this. */
  async function questions() {
    const flow = (sourceIp: string, sessionId?: string) => ({ sourceIp, destinationIp: '198.51.100.7', destinationPort: 443, protocol: 'tcp', fromZone: 'trust', toZone: 'untrust', ...(sessionId !== undefined && { sessionId }) }); // prettier-ignore
    await speak('enforcement-point', 'POST /v1/decisions', { flows: [flow(shared.ip, shared.session), flow(own.ip, own.session), flow(own.missed)] }); // prettier-ignore
    for (let settled = false; !settled; await wait(50)) {
      const { body } = await call(service.url, `GET /v1/entries/${own.missed}`, tenant.authorizations.operator);
      settled = ['valid', 'invalid'].includes(String((body.entry as { state?: string } | undefined)?.state));
    }
    const idOf = async (request: Request, role: 'operator' | 'radius' = 'operator') => {
      const { items } = (await speak(role, request)).body as { items: { id: string }[] };
      if (items[0] === undefined) throw new Error(`${tenant.id} has nothing in ${request}.`);
      return items[0].id;
    };
    return {
      receipt: await idOf('GET /v1/receipts?status=refused'),
      approval: await idOf('GET /v1/approvals?state=open'),
      change: await idOf('GET /v1/radius/changes', 'radius'),
    };
  }

  /** One of its firewall, which ClearPass has when this ends, as nothing is to happen by itself afterwards. */
  async function threatLogs() {
    const said = `source-address="${own.ip}" attack-name="${mark('the name of an attack')}"`;
    await speak('log-sender', 'POST /v1/threat-logs', `<14>1 ${new Date().toISOString()} ${mark('the name of a firewall')} RT_IDP - IDP_ATTACK_LOG_EVENT [junos@2636.1.1.1.2.86 ${said}]`); // prettier-ignore
    for (let sent = 0; sent === 0; await wait(50)) {
      const { body } = await speak('operator', 'GET /v1/threat-logs/status');
      ({ sent } = body.total as { sent: number });
    }
  }

  /** As the owner of each list is given them. */
  async function cursors() {
    const found = new Map<string, string>();
    for (const route of lists) {
      const path = route
        .replace('GET ', '')
        .replace('{ip}', shared.ip)
        .replace('{user}', shared.user)
        .replace('{mac}', own.mac)
        .replace('{version}', '2')
        .replace('{id}', await receiptWithRemarks());
      if (path.includes('{') || path.startsWith('/v1/tenants')) continue;
      const { body } = await speak('operator', `GET ${path as '/v1'}?limit=1${route.includes('/sessions') ? `&ip=${shared.ip}` : ''}`); // prettier-ignore
      if (typeof body.next === 'string') found.set(route, body.next);
    }
    return found;
  }

  async function receiptWithRemarks() {
    const { body } = await speak('operator', 'GET /v1/receipts?status=refused');
    return (body.items as { id: string }[])[0]?.id ?? '';
  }
}

/** Without a zero in front, so that every spelling of an address holds it. */
const hexGroup = () => (0x1000 + Math.floor(Math.random() * 0xefff)).toString(16);
