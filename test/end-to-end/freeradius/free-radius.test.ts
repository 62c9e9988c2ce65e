/**
 * A switch (radclient), a real FreeRADIUS with the configuration that we ship, and the running service: who is let in as
 * what, what accounting teaches, and what the site does while the service does not answer.
 */
import type { Realm, ReturnAttributePolicy } from '../../../shared/configuration/threat-response.ts';
import { call, type Service, startService } from '../service.ts';
import {
  type Attributes,
  type FreeRadius,
  missing,
  type Reply,
  startFreeRadius,
  type TunnelledLogin,
} from './free-radius.ts';
import { type Way, wayTo } from './way-to-service.ts';

const lacking = missing();
const story = lacking === undefined ? describe : describe.skip;

const realm: Realm = {
  name: 'Wired',
  authenticationServer: 'Staff',
  locationGroups: [],
  domain: 'acme',
  roleMapping: [
    { name: 'staff', on: 'group', attribute: null, values: ['staff'], roles: ['Employee'], stop: false },
    { name: 'night', on: 'user', attribute: null, values: ['nina'], roles: ['Night shift'], stop: false },
  ],
};
const returned = (name: string, roles: string[], to: ReturnAttributePolicy['return']): ReturnAttributePolicy => ({
  name,
  locationGroups: ['Floor 1'],
  roles,
  return: to,
});
const role = (name: string, quarantine = false) => ({ name, description: '', quarantine });
const client = (name: string, address: string, locationGroup: string) => ({
  name,
  address,
  make: 'juniper-ex',
  secret: 'a-long-random-secret',
  locationGroup,
  changePort: 3799,
});
const threatResponse = {
  authenticationServers: [
    {
      name: 'Staff',
      type: 'local',
      users: [
        { name: 'alice', password: 'wonderländ €', groups: ['staff'] },
        { name: 'nina', password: 'moon', groups: [] },
      ],
    },
  ],
  realms: [realm],
  roles: [
    role('Employee'),
    role('Night shift'),
    role('Quarantine', true),
    role('Limited', true),
    role('Nowhere', true),
  ],
  radiusClients: [client('sw-1', '198.51.100.2', 'Floor 1'), client('sw-2', '198.51.100.3', 'Floor 2')],
  returnAttributes: [
    returned('staff', ['Employee'], { type: 'vlan', vlan: '10' }),
    returned('quarantine', ['Quarantine'], { type: 'vlan', vlan: 'quarantine' }),
    returned('limited', ['Limited'], { type: 'filter', filter: 'PERMIT-PULSE-ONLY' }),
  ],
};

story('a site with a real FreeRADIUS', () => {
  let service: Service;
  let way: Way;
  let site: FreeRadius;

  beforeAll(async () => {
    service = await startService();
    for (const tenant of ['acme', 'globex'] as const) {
      const stored = await operate('PUT /v1/configuration', { threatResponse }, tenant);
      expect([stored.status, stored.body.violations]).toEqual([200, undefined]);
    }
  });
  beforeAll(async () => {
    way = await wayTo(service.url);
    site = await startFreeRadius({ url: way.url, token: service.authorizations.acme.radius.replace('Bearer ', '') });
  });
  afterAll(async () => {
    await site.stop();
    await way.close();
    await service.stop();
  });
  beforeEach(() => {
    way.state = 'open';
  });

  const operate = async (request: `${string} /${string}`, body?: object, tenant: 'acme' | 'globex' = 'acme') =>
    call(service.url, request, service.authorizations[tenant].operator, body && JSON.stringify(body));
  const quarantine = async (mac: string, as: string) => {
    const { status } = await operate(`POST /v1/endpoints/${mac}/quarantine`, { role: as });
    expect(status).toBe(200);
  };
  /**
   * As a switch asks, which asks again until it is answered: on a busy machine the service may answer later than FreeRADIUS
   * waits for it.
   */
  async function heard(ask: () => Promise<Reply>): Promise<Reply> {
    for (;;) {
      const reply = await ask();
      if (reply.code !== 'silence') return reply;
    }
  }
  const logIn = async (attributes: Attributes) => heard(async () => site.logIn(attributes));
  const logInByTunnel = async (login: TunnelledLogin) => heard(async () => site.logInByTunnel(login));
  const account = async (attributes: Attributes) => heard(async () => site.account(attributes));
  const aLogin = (told: Attributes = {}): Attributes => ({
    'User-Name': 'alice',
    'User-Password': 'wonderländ €',
    'NAS-IP-Address': '198.51.100.2',
    'NAS-Port-Id': 'ge-0/0/7',
    'Calling-Station-Id': '00-11-22-33-CA-FE',
    ...told,
  });
  const aDevice = (last: string) => ({ 'Calling-Station-Id': `00-11-22-33-CA-${last}` });

  test('lets a local user in with the VLAN of the mapped role, and a Class', async () => {
    const { code, attributes } = await logIn(aLogin());

    expect(code).toBe('Access-Accept');
    expect(attributes).toMatchObject({
      'Tunnel-Type': 'VLAN',
      'Tunnel-Medium-Type': 'IEEE-802',
      'Tunnel-Private-Group-Id': '10',
      'User-Name': 'alice',
      Class: expect.stringMatching(/^0x/) as string,
    });
  });

  test('rejects a wrong password, a user that is not there, and a switch that nobody knows', async () => {
    const wrong = await logIn(aLogin({ 'User-Password': 'wonderland' }));
    const nobody = await logIn(aLogin({ 'User-Name': 'mallory' }));
    const elsewhere = await logIn(aLogin({ 'NAS-IP-Address': '203.0.113.9' }));
    const { body } = await operate('GET /v1/user-access?result=rejected');

    expect([wrong.code, nobody.code, elsewhere.code]).toEqual(['Access-Reject', 'Access-Reject', 'Access-Reject']);
    const lines = (body.items as { code: string; user: string }[]).map(({ code, user }) => `${code} ${user}`);
    // Who asked again has a line for each time.
    expect([...new Set(lines)]).toEqual(['nas-unknown alice', 'credentials-wrong mallory', 'credentials-wrong alice']);
  });

  test('puts a quarantined device into the quarantine VLAN, and another one behind a filter', async () => {
    await quarantine('00:11:22:33:ca:01', 'Quarantine');
    await quarantine('00:11:22:33:ca:02', 'Limited');
    const vlan = await logIn(aLogin(aDevice('01')));
    const filter = await logIn(aLogin(aDevice('02')));

    expect(vlan).toMatchObject({ code: 'Access-Accept', attributes: { 'Tunnel-Private-Group-Id': 'quarantine' } });
    expect(filter).toMatchObject({ code: 'Access-Accept', attributes: { 'Filter-Id': 'PERMIT-PULSE-ONLY' } });
    expect(filter.attributes).not.toHaveProperty('Tunnel-Private-Group-Id');
  });

  test('rejects a quarantined device that nothing would keep in, and lets it in once it is free', async () => {
    await quarantine('00:11:22:33:ca:03', 'Nowhere');
    await quarantine('00:11:22:33:ca:04', 'Quarantine');

    expect((await logIn(aLogin(aDevice('03')))).code).toBe('Access-Reject');
    expect((await logIn(aLogin({ ...aDevice('04'), 'NAS-IP-Address': '198.51.100.3' }))).code).toBe('Access-Reject');
    await operate('POST /v1/endpoints/00:11:22:33:ca:03/clear', { hold: 'quarantined' });
    expect((await logIn(aLogin(aDevice('03')))).code).toBe('Access-Accept');
  });

  test('rejects a blocked device, and no other tenant’s', async () => {
    await operate('POST /v1/endpoints/00:11:22:33:ca:05/block', {});
    await operate('POST /v1/endpoints/00:11:22:33:ca:06/block', {}, 'globex');

    expect((await logIn(aLogin(aDevice('05')))).code).toBe('Access-Reject');
    expect((await logIn(aLogin(aDevice('06')))).code).toBe('Access-Accept');
  });

  test('learns from accounting who is where, and that he has left', async () => {
    const { attributes } = await logIn(aLogin(aDevice('07')));
    const record = (status: string, told: Attributes = {}): Attributes => ({
      'Acct-Status-Type': status,
      'Acct-Session-Id': '8O2.1x07',
      'User-Name': 'anonymous',
      'NAS-IP-Address': '198.51.100.2',
      'NAS-Port-Id': 'ge-0/0/7',
      'Event-Timestamp': Math.floor(Date.now() / 1_000),
      Class: attributes.Class ?? '',
      ...aDevice('07'),
      ...told,
    });
    const there = async () => (await operate('GET /v1/entries/192.0.2.70')).body;

    expect((await account(record('Start', { 'Framed-IP-Address': '0.0.0.0' }))).code).toBe('Accounting-Response');
    expect(await there()).toMatchObject({ code: 'entry-absent' });
    expect((await account(record('Interim-Update', { 'Framed-IP-Address': '192.0.2.70' }))).code).toBe('Accounting-Response'); // prettier-ignore
    expect(await there()).toMatchObject({ entry: { user: 'alice', domain: 'acme', groups: ['employee'] } });
    const listed = await operate('GET /v1/entries?source=unified-access-control');
    expect(listed.body.items).toMatchObject([{ ip: '192.0.2.70', user: 'alice' }]);
    const endpoint = (await operate('GET /v1/endpoints/00:11:22:33:ca:07')).body.endpoint;
    expect(endpoint).toMatchObject({ sessions: [{ user: 'alice' }], addresses: [{ ip: '192.0.2.70' }] });
    expect((await operate('GET /v1/entries/192.0.2.70', undefined, 'globex')).body.code).toBe('entry-absent');

    const later = Math.floor(Date.now() / 1_000) + 1;
    await account(record('Stop', { 'Framed-IP-Address': '192.0.2.70', 'Event-Timestamp': later }));
    expect(await there()).toMatchObject({ code: 'entry-absent' });
  });

  test('lets a local user in through a tunnel, and tells the switch the name inside it', async () => {
    const login = { outer: 'anonymous@acme.example', inner: 'nina', password: 'moon', mac: '00:11:22:33:ca:0b', nas: '198.51.100.2' }; // prettier-ignore

    const right = await logInByTunnel(login);
    const wrong = await logInByTunnel({ ...login, password: 'sun' });
    expect(right).toMatchObject({ code: 'Access-Accept', attributes: { 'User-Name': 'nina' } });
    expect(wrong.code).toBe('Access-Reject');
    await operate('POST /v1/endpoints/00:11:22:33:ca:0b/block', {});
    expect((await logInByTunnel(login)).code).toBe('Access-Reject');
    const { endpoint } = (await operate('GET /v1/endpoints/00:11:22:33:ca:0b')).body;
    expect(endpoint).toMatchObject({ sessions: [{ user: 'nina', roles: ['Night shift'] }] });
  });

  test('says nothing while the service does not answer, and rejects whom it knows to be blocked', async () => {
    await operate('POST /v1/endpoints/00:11:22:33:ca:08/block', {});
    expect((await logIn(aLogin(aDevice('08')))).code).toBe('Access-Reject');
    way.state = 'hanging';

    const [known, unknown] = await Promise.all([
      site.logIn(aLogin(aDevice('08')), 20),
      site.logIn(aLogin(aDevice('09'))),
    ]);
    expect([known.code, unknown.code]).toEqual(['Access-Reject', 'silence']);
    way.state = 'open';
    expect((await logIn(aLogin(aDevice('09')))).code).toBe('Access-Accept');

    // Freed, and let in: from then on nobody rejects it from memory.
    await operate('POST /v1/endpoints/00:11:22:33:ca:08/clear', { hold: 'blocked' });
    expect((await logIn(aLogin(aDevice('08')))).code).toBe('Access-Accept');
    way.state = 'hanging';
    expect((await site.logIn(aLogin(aDevice('08')), 4)).code).toBe('silence');
  });

  test('says nothing of a device that names itself alone either, and rejects it where it is known to be blocked', async () => {
    const named = (name: string) => aLogin({ 'User-Name': name, 'User-Password': name, 'Calling-Station-Id': '' });
    await operate('POST /v1/endpoints/00:11:22:33:ca:0c/block', {});
    expect((await logIn(named('00112233ca0c'))).code).toBe('Access-Reject');
    way.state = 'hanging';
    way.asked.length = 0;

    const [known, unknown] = await Promise.all([
      site.logIn(named('00112233ca0c'), 20),
      site.logIn(named('00112233ca0d')),
    ]);
    expect([known.code, unknown.code]).toEqual(['Access-Reject', 'silence']);
    expect(way.asked).toEqual(['/v1/radius/authorize', '/v1/radius/authorize']);
  });

  test('says nothing where the service stops to answer while somebody is in the tunnel', async () => {
    const login = { outer: 'anonymous@acme.example', inner: 'nina', password: 'moon', mac: '00:11:22:33:ca:0e', nas: '198.51.100.2' }; // prettier-ignore
    way.asked.length = 0;
    way.state = 'open-once';

    expect((await site.logInByTunnel(login, 8)).code).toBe('silence');
    expect(way.asked).toEqual(['/v1/radius/authorize', '/v1/radius/authorize']);
  });

  test('does not answer accounting while the service does not, so that the switch tells it again', async () => {
    way.state = 'hanging';
    const stop = {
      'Acct-Status-Type': 'Stop',
      'Acct-Session-Id': 'x',
      'NAS-IP-Address': '198.51.100.2',
      ...aDevice('09'),
    };

    expect((await site.account(stop, 4)).code).toBe('silence');
  });

  test('is silent where its token opens nothing: a 401 of the gateway is no rejection', async () => {
    const other = await startFreeRadius({ url: way.url, token: 'revoked' });

    const [login, record] = await Promise.all([
      other.logIn(aLogin(aDevice('0a')), 3),
      other.account({ ...aLogin(aDevice('0a')), 'Acct-Status-Type': 'Start', 'Acct-Session-Id': 'x' }, 3),
    ]);
    await other.stop();
    expect([login.code, record.code]).toEqual(['silence', 'silence']);
  });
});
