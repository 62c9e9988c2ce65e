/**
 * A site as the service sees it: devices that log in at switches, the site's RADIUS server that speaks for them, and a
 * Policy Enforcer that sends threat actions. The switches do as they are told.
 */
import { simulators } from './needs.ts';
import { type Answered, call, type Service } from './service.ts';

type Tenant = 'acme' | 'globex';
type Body = Record<string, unknown>;
type Request = `${string} /${string}`;

export const switches = {
  desk: '198.51.100.2',
  hall: '198.51.100.3',
  wifi: '198.51.100.4',
  here: simulators,
} as const;
type Switch = keyof typeof switches;

const role = (name: string, quarantine: boolean) => ({ name, description: '', quarantine });
const policy = (name: string, event: string, action: string, more: Body = {}) => ({
  name,
  template: 'JuniperNetworks-Policy Enforcer-HTTP-JSON',
  event,
  severity: 'any',
  action,
  role: action === 'quarantine' ? 'quarantine' : null,
  assignment: 'permanent',
  releaseAfterMinutes: null,
  scope: { roles: 'all', names: [] },
  logOnly: false,
  ...more,
});
const radiusClient = (name: Switch, make: string, locationGroup: string) => ({
  name,
  address: switches[name],
  make,
  secret: 'written, never read back',
  locationGroup,
  changePort: 3799,
});

/** Whom the vendor's five steps need, with the client's template by its misspelt name. Low severity is for the session only. */
export const theSetUp = (callerAddress: string) => ({
  pendingMinutes: 10,
  authenticationServers: [{ name: 'site', type: 'delegated' }],
  realms: [
    {
      name: 'users',
      authenticationServer: 'site',
      locationGroups: [],
      domain: 'corp',
      roleMapping: [{ name: 'everybody', on: 'user', attribute: null, values: ['*'], roles: ['employee'], stop: true }],
    },
  ],
  roles: [role('employee', false), role('quarantine', true)],
  clients: [
    {
      name: 'policy-enforcer',
      description: '',
      address: callerAddress,
      template: 'JuniperNerworks-Policy Enforcer-HTTP-JSON',
      relays: [],
    },
  ],
  admissionPolicies: [
    policy('low-for-the-session', 'quarantine-endpoint', 'quarantine', { severity: 'low', assignment: 'session' }),
    policy('quarantine-infected', 'quarantine-endpoint', 'quarantine'),
    policy('block-infected', 'block-endpoint', 'block'),
    policy('clear-quarantined', 'clear-quarantine-endpoint', 'clear-quarantine'),
    policy('clear-blocked', 'clear-blocked-endpoint', 'clear-block'),
  ],
  radiusClients: [
    radiusClient('desk', 'juniper-ex', 'office'),
    radiusClient('hall', 'juniper-ex', 'office'),
    radiusClient('wifi', 'generic', 'wireless'),
  ],
  returnAttributes: [
    { name: 'quarantine-filter', locationGroups: ['office'], roles: ['quarantine'], return: { type: 'filter', filter: 'PERMIT-PULSE-ONLY' } }, // prettier-ignore
    { name: 'quarantine-vlan', locationGroups: ['wireless'], roles: ['quarantine'], return: { type: 'vlan', vlan: '666' } }, // prettier-ignore
    { name: 'employees', locationGroups: [], roles: ['employee'], return: { type: 'filter', filter: 'PERMIT-ALL' } },
  ],
});

/** What a login was let in with: a filter, a VLAN, or not at all. */
export type Granted = { readonly filter: string } | { readonly vlan: string } | 'nothing-told' | 'rejected';

export function aSite(service: Service, tenant: Tenant) {
  const as = service.authorizations[tenant];
  const send = async (request: Request, authorization: string, body?: Body) =>
    call(service.url, request, authorization, body && JSON.stringify(body));
  const operator = async (request: Request, body?: Body) => send(request, as.operator, body);
  const radius = async (request: Request, attributes: Body) => {
    const members = Object.entries(attributes).filter(([, value]) => value !== undefined);
    const packet = Object.fromEntries(members.map(([name, value]) => [name, { type: 'string', value: [value] }]));
    return send(request, as.radius, packet);
  };
  let sessions = 0;

  /** A device that logs in as a user at one switch at a time. */
  function device(mac: string, user: string) {
    let at:
      | { readonly nas: string; readonly port: string; readonly session: string; readonly loginClass: string }
      | undefined;
    const about = () => ({
      'User-Name': user,
      'Calling-Station-Id': mac.replaceAll(':', '-').toUpperCase(),
      'NAS-IP-Address': at?.nas,
      'NAS-Port-Id': at?.port,
      'Acct-Session-Id': at?.session,
    });
    const account = async (status: string, ip?: string) => {
      const record = { ...about(), 'Acct-Status-Type': status, 'Framed-IP-Address': ip, Class: at?.loginClass };
      const { status: answered } = await radius('POST /v1/radius/accounting', record);
      return answered;
    };

    return {
      mac,
      /** Logs in; with an address, accounting has told it. */
      async joins(
        where: Switch,
        { ip, port = 'ge-0/0/1', ssid }: { ip?: string; port?: string; ssid?: string } = {},
      ): Promise<Granted> {
        // prettier-ignore
        sessions += 1;
        at = { nas: switches[where], port, session: `session-${sessions}`, loginClass: '' };
        const login = { ...about(), ...(ssid !== undefined && { 'Called-Station-Id': `00-11-22-00-00-01:${ssid}` }) };
        if ((await radius('POST /v1/radius/authorize', login)).status === 401) return 'rejected';
        const answer = await radius('POST /v1/radius/post-auth', login);
        if (answer.status === 401) return 'rejected';
        at = { ...at, loginClass: valueOf(answer, 'reply:Class') ?? '' };
        await account('Start', ip);
        return grantedIn(answer);
      },
      tells: async (ip: string) => account('Interim-Update', ip),
      leaves: async () => account('Stop'),
      looked: async () => (await operator(`GET /v1/endpoints/${mac}`)).body.endpoint as Body,
      why: async () => (await operator(`GET /v1/endpoints/${mac}/why`)).body,
      act: async (act: string, body: Body) => (await operator(`POST /v1/endpoints/${mac}/${act}`, body)).body,
    };
  }

  return {
    operator,
    device,
    setUp: async (more: Body = {}) =>
      operator('PUT /v1/configuration', { threatResponse: { ...theSetUp(service.callerAddress), ...more } }),
    threat: async (event: string, endpointIp: string, more: Body = {}) =>
      send('POST /api/v1/admission-control/events', as['threat-sender'], { event, endpointIp, ...more }),
    /** ClearPass posts a logon that names the MAC of the device. */
    post: async (ip: string, user: string, mac: string) =>
      call(
        service.url,
        'POST /api/userfw/v1/post-entry',
        as['web-api'],
        `<userfw-entries><userfw-entry><operation>logon</operation><IP>${ip}</IP><user>${user}</user><end-user-attribute><MAC-Address>${mac}</MAC-Address></end-user-attribute></userfw-entry></userfw-entries>`,
      ),
    /** The site's RADIUS server asks what switches have to be told, and each of them says yes. Which sessions were ended. */
    async switchesAreTold(answer: Body = { result: 'ack', roundTripMs: 4 }): Promise<readonly string[]> {
      const { body } = await send('GET /v1/radius/changes', as.radius);
      const handed = body.items as { id: string; mac: string; attributes: { name: string; value: string }[] }[];
      for (const { id } of handed) await send(`POST /v1/radius/changes/${id}/result`, as.radius, answer);
      return handed.map(({ mac }) => mac);
    },
  };
}

function valueOf({ body }: Answered, name: string): string | undefined {
  const { value } = (body[name] ?? {}) as { value?: readonly string[] };
  return value?.[0];
}

function grantedIn(answer: Answered): Granted {
  const vlan = valueOf(answer, 'reply:Tunnel-Private-Group-Id') ?? valueOf(answer, 'reply:Tunnel-Private-Group-Id:0');
  const filter = valueOf(answer, 'reply:Filter-Id');
  if (vlan !== undefined) return { vlan };
  return filter === undefined ? 'nothing-told' : { filter };
}
