/** The doors of endpoints: what they take, what they refuse, and that two tenants never meet. */
import type { RouteKey } from '../../shared/contract.ts';
import { advanceEndpoint } from '../../shared/endpoints/endpoint-table.ts';
import type { EndpointEvent } from '../../shared/endpoints/events.ts';
import { macAddress } from '../../shared/endpoints/mac.ts';
import { endpointDoors, endpointSettings, type Told } from '../support/endpoint-doors.ts';
import { aBlock, aHold, aLogin, anAccounting, theSwitch } from '../support/endpoint-steps.ts';
import { laptop } from '../support/log-lines.ts';
import type { IpAddress } from '../../shared/identity/address.ts';
import { aHost, aListing, anOperation } from '../support/hosts.ts';
import { acme, desk, globex, minutes, noon } from '../support/observations.ts';

let service: ReturnType<typeof endpointDoors>;
beforeEach(() => {
  service = endpointDoors();
});

type Body = Record<string, unknown>;
const send = async (route: RouteKey, body?: unknown, told?: Told) => service.send(route, body, told);

const happens = async (...events: readonly EndpointEvent[]) => {
  for (const event of events) await advanceEndpoint(service.deps, acme, laptop, event);
};
const block = 'POST /v1/endpoints/{mac}/block';
const quarantine = 'POST /v1/endpoints/{mac}/quarantine';
const clear = 'POST /v1/endpoints/{mac}/clear';
const terminate = 'POST /v1/endpoints/{mac}/terminate';
const why = 'GET /v1/endpoints/{mac}/why';

test('an endpoint is shown with its holds, session, address, and what its switch is told', async () => {
  await happens(aLogin(), anAccounting(), aHold());

  const { status, body } = await send('GET /v1/endpoints/{mac}', undefined, { mac: '0011.2233.CAFE' });

  expect(status).toBe(200);
  expect(body.endpoint).toMatchObject({
    mac: laptop,
    randomised: false,
    status: 'quarantined',
    role: 'Quarantine',
    address: desk,
    reasons: [{ hold: 'quarantined', sender: { kind: 'client', name: 'policy-enforcer' }, since: '2026-03-01T12:00:00.000Z', until: null, policy: 'quarantine-infected', severity: 'high', ip: desk }], // prettier-ignore
    addresses: [{ ip: desk, source: 'accounting' }],
    sessions: [{ user: 'alice', realm: 'Users', roles: ['Employee'], nas: theSwitch, port: 'ge-0/0/1', open: true }],
    changes: [{ wanted: { access: 'quarantined', role: 'Quarantine' }, state: 'pending', attempts: 0 }],
    enforcement: { state: 'pending' },
    investigation: 'open',
  });
});

test('without an address it says so', async () => {
  await happens(aLogin());

  const { body } = await send('GET /v1/endpoints/{mac}');

  expect(body.endpoint).toMatchObject({ address: 'address unknown', addresses: [] });
});

test('an operator teaches the address, and the log says who', async () => {
  await happens(aLogin());

  const { status, body } = await send('PUT /v1/endpoints/{mac}', { ip: desk });

  expect(status).toBe(200);
  expect(body.endpoint).toMatchObject({ address: desk, addresses: [{ source: 'operator' }] });
  expect(service.deps.events.all(acme)).toMatchObject([{ event: 'operator-address', state: 'applied', ip: desk, sender: { kind: 'operator', name: 'soc' } }]); // prettier-ignore
});

describe('an operator', () => {
  test('blocks, and the switch of the open session is to be told', async () => {
    await happens(aLogin(), anAccounting());

    const { body } = await send(block, { threatName: 'W32', note: 'ticket 7', minutes: 30 });

    expect(body).toMatchObject({ outcome: 'applied', warnings: [], changes: ['id-1'] });
    expect(body.endpoint).toMatchObject({
      status: 'blocked',
      reasons: [{ event: 'operator', threatName: 'W32', note: 'ticket 7', until: '2026-03-01T12:30:00.000Z', ip: desk }], // prettier-ignore
    });
    expect(service.deps.notifier.told).toEqual([{ tenant: acme, mac: laptop }]);
    expect(service.deps.events.all(acme)).toMatchObject([{ id: body.eventId, event: 'operator-block', user: 'alice', changes: ['id-1'] }]); // prettier-ignore
  });

  test('blocks what nobody has seen yet, with an empty body; twice is once', async () => {
    expect((await send(block)).body).toMatchObject({ outcome: 'applied', endpoint: { status: 'blocked' } });
    expect((await send(block)).body).toMatchObject({ outcome: 'repeated', endpoint: { reasons: [{}] } });
  });

  test('blocks what is on the allow list, with a warning', async () => {
    service.deps.settingsOf = async () =>
      Promise.resolve({ ...endpointSettings, allowList: { ...endpointSettings.allowList, users: ['Alice'] } });
    await happens(aLogin());

    const { body } = await send(block);

    expect(body).toMatchObject({ warnings: [{ code: 'allow-list' }], endpoint: { status: 'blocked' } });
    expect(service.deps.events.all(acme)).toMatchObject([{ flags: ['allow-list'] }]);
  });

  test('is warned that a hold on a made-up MAC does not follow the device', async () => {
    expect((await send(block, {}, { mac: '02:11:22:33:ca:fe' })).body).toMatchObject({
      warnings: [{ code: 'mac-randomised' }],
      endpoint: { randomised: true },
    });
  });

  test('quarantines for good, whatever comes', async () => {
    const { body } = await send(quarantine, { role: 'Quarantine' });

    expect(body.endpoint).toMatchObject({ status: 'quarantined', role: 'Quarantine', reasons: [{ session: null }] });
  });

  test('quarantines for the session only', async () => {
    await happens(aLogin());

    const { body } = await send(quarantine, { role: 'Quarantine', session: 'session' });

    expect(body.endpoint).toMatchObject({ reasons: [{ session: `${theSwitch}/session-1` }] });
  });

  test('clears what others opened: one kind, then all', async () => {
    await happens(aLogin(), aHold(), aBlock());

    const one = (await send(clear, { hold: 'blocked' })).body;
    const all = (await send(clear, { hold: 'all', note: 'reinstalled' })).body;
    const nothing = (await send(clear, { hold: 'all' })).body;

    expect(one).toMatchObject({ outcome: 'cleared', endpoint: { status: 'quarantined' } });
    expect(one.message).toContain('It stays quarantined.');
    expect(all).toMatchObject({ outcome: 'cleared', endpoint: { status: 'free', reasons: [] } });
    expect(nothing).toMatchObject({ outcome: 'nothing-to-clear', changes: [] });
  });

  test('clears what nobody knows: that is no error, makes no endpoint, and is in the log', async () => {
    const { status, body } = await send(clear, { hold: 'all' });

    expect(status).toBe(200);
    expect(body).toMatchObject({ outcome: 'nothing-to-clear', endpoint: null });
    expect((await send('GET /v1/endpoints/{mac}')).status).toBe(404);
    expect(service.deps.events.all(acme)).toMatchObject([{ state: 'ignored', code: 'nothing-to-clear' }]);
  });

  test('clears or resolves, and the feeds let go of the addresses through which it was held', async () => {
    await happens(aLogin(), aHold(), aBlock({ ip: '192.0.2.77' as IpAddress }));

    await send(clear, { hold: 'blocked' });
    await send(clear, { hold: 'blocked' });
    await send('PUT /v1/endpoints/{mac}/investigation', { state: 'in-progress' });
    await send('PUT /v1/endpoints/{mac}/investigation', { state: 'resolved-fixed' });

    expect(service.said).toEqual([`acme lets go of 192.0.2.77 by soc`, `acme lets go of ${desk} by soc`]);
  });

  test('a clear that is killed at any step is finished by its repeat, the feeds’ part too', async () => {
    const { deps, said } = service;
    await happens(aLogin(), anAccounting({ ip: desk }), aBlock());
    const killed = async () => Promise.reject(new Error('The function is gone.'));
    const events = { ...deps.events };
    const hostActs = { ...deps.hostActs };

    Object.assign(deps.hostActs, { letGo: killed });
    expect(await send(clear, { hold: 'all' })).toMatchObject({ status: 503 });
    expect((await send('GET /v1/endpoints/{mac}')).body).toMatchObject({ endpoint: { status: 'blocked' } });
    Object.assign(deps.hostActs, hostActs);
    Object.assign(deps.events, { tell: killed });
    await send(clear, { hold: 'all' });
    Object.assign(deps.events, events);
    said.length = 0;
    expect(await send(clear, { hold: 'all' })).toMatchObject({ status: 200, body: { outcome: 'nothing-to-clear' } });

    expect((await send('GET /v1/endpoints/{mac}')).body).toMatchObject({ endpoint: { status: 'free' } });
    expect(said).toEqual([`acme lets go of ${desk} by soc`]);
  });

  test('terminates sessions, each once', async () => {
    await happens(aLogin(), aLogin({ acctSessionId: 'session-2', port: 'ge-0/0/2', loginId: 'login-2' }));

    expect((await send(terminate, { session: `${theSwitch}/session-2` })).body).toMatchObject({ changes: ['id-1'] });
    expect((await send(terminate)).body).toMatchObject({ outcome: 'applied', changes: ['id-2'] });
    expect((await send(terminate)).body).toMatchObject({ outcome: 'no-open-session', changes: [] });
  });

  test.each(['resolved-false-positive', 'resolved-fixed', 'resolved-ignored'])(
    'resolves an investigation as %s, and every hold is cleared',
    async (state) => {
      // prettier-ignore
      await happens(aHold(), aBlock());

      const { body } = await send('PUT /v1/endpoints/{mac}/investigation', { state });

      expect(body).toMatchObject({ outcome: 'cleared', endpoint: { status: 'free', investigation: state } });
    },
  );

  test('has an investigation in progress, and the holds stand', async () => {
    await happens(aHold());

    const { body } = await send('PUT /v1/endpoints/{mac}/investigation', { state: 'in-progress' });

    expect(body).toMatchObject({ outcome: 'updated', endpoint: { status: 'quarantined', investigation: 'in-progress' } }); // prettier-ignore
  });
});

describe('a list', () => {
  const others = ['00:11:22:33:00:01', '00:11:22:33:00:02', '00:11:22:33:00:03'].map(macAddress);
  beforeEach(async () => {
    await happens(aLogin(), anAccounting(), aHold());
    for (const [index, mac] of others.entries()) {
      const login = aLogin({
        user: `user-${index}`,
        roles: ['Guest'],
        nas: `198.51.100.2${index}` as typeof theSwitch,
      });
      await advanceEndpoint(service.deps, acme, mac, login);
    }
    await advanceEndpoint(service.deps, acme, others[0] ?? laptop, aBlock());
  });
  const macsOf = (body: Body) => (body.items as { mac: string }[]).map(({ mac }) => mac);

  test.each([
    [{ mac: '00-11-22-33-CA-FE' }, [laptop]],
    [{ ip: desk }, [laptop]],
    [{ ip: '192.0.2.99' }, []],
    [{ user: 'ALICE' }, [laptop]],
    [{ status: 'blocked' }, [others[0]]],
    [{ status: 'quarantined' }, [laptop]],
    [{ status: 'held' }, [others[0], laptop]],
    [{ status: 'free' }, others.slice(1)],
    [{ role: 'Quarantine' }, [laptop]],
    [{ role: 'Guest', status: 'free' }, others.slice(1)],
    [{ nas: theSwitch }, [laptop]],
    [{ nas: theSwitch, status: 'free' }, []],
    [{}, [...others, laptop]],
  ])('of %j is those that are meant', async (filter, macs) => {
    const query = Object.fromEntries(Object.entries(filter).map(([name, value]) => [name, [value]]));
    const { body } = await send('GET /v1/endpoints', undefined, { query });

    expect({ macs: macsOf(body), next: body.next }).toEqual({ macs, next: null });
  });

  test.each([{}, { status: ['free'] }, { status: ['held'] }])('of %j is read whole by pages of one', async (filter) => {
    const read: string[] = [];
    let cursor: string | null = null;
    do {
      const query = { ...filter, limit: ['1'], ...(cursor !== null && { cursor: [cursor] }) };
      const { body } = await send('GET /v1/endpoints', undefined, { query });
      read.push(...macsOf(body));
      cursor = body.next as string | null;
    } while (cursor !== null);

    expect(read).toEqual(macsOf((await send('GET /v1/endpoints', undefined, { query: filter })).body));
  });

  test('of another tenant is empty, and so is what leads to one', async () => {
    for (const query of [{}, { ip: [desk] }, { mac: [laptop] }, { nas: [theSwitch] }]) {
      expect((await send('GET /v1/endpoints', undefined, { query, tenant: 'globex' })).body.items).toEqual([]);
    }
    expect((await send('GET /v1/endpoints/{mac}', undefined, { tenant: 'globex' })).body.code).toBe('endpoint-absent');
    expect((await send(clear, { hold: 'all' }, { tenant: 'globex' })).body.outcome).toBe('nothing-to-clear');
    expect((await send(why, undefined, { tenant: 'globex' })).body).toMatchObject({ code: 'never-heard-of' });
    expect((await send('GET /v1/endpoints/{mac}')).body.endpoint).toMatchObject({ status: 'quarantined' });
    expect(service.deps.events.all(globex)).toHaveLength(1);
  });
});

describe('why', () => {
  test('an endpoint is held: the sentence, each reason, and the events, page by page', async () => {
    await happens(aLogin(), aHold());
    await send(block, { threatName: 'W32' });
    service.clock.now += minutes(1);
    await send(terminate);

    const { body } = await send(why, undefined, { query: { limit: ['1'] } });

    expect(body).toMatchObject({ mac: laptop, code: 'blocked', because: [/policy-enforcer/, /soc/].map((told) => expect.stringMatching(told) as string), endpoint: { status: 'blocked' }, events: [{ event: 'operator-terminate' }] }); // prettier-ignore
    const more = await send(why, undefined, { query: { cursor: [String(body.next)] } });
    expect(more.body).toMatchObject({ code: 'blocked', events: [{ event: 'operator-block', at: '2026-03-01T12:00:00.000Z' }], next: null }); // prettier-ignore
  });

  test('a feed has a connector hold it: what the feed says, also of an address that it had when it was told of', async () => {
    await happens(aLogin(), anAccounting());
    const { hosts } = service.deps;
    const told = { at: noon, mac: laptop };
    const another = '192.0.2.99' as IpAddress;
    await hosts.replace(acme, desk, aHost({ listings: { 'atp-cloud': aListing({ heldBy: 'blast-radius' }) } }), undefined); // prettier-ignore
    await hosts.replace(acme, another, aHost({ ip: another, operations: [anOperation({ device: told, state: 'acknowledged', detail: '204' })] }), undefined); // prettier-ignore
    await hosts.replace(globex, desk, aHost(), undefined);

    const { body } = await send(why);

    expect(body).toMatchObject({ endpoint: { status: 'free' }, infectedHosts: [
      { ip: desk, wanted: 'free', listings: [{ feed: 'atp-cloud', heldBy: 'blast-radius' }] },
      { ip: another, wanted: 'quarantined', enforcement: { state: 'acknowledged', reason: 'pps (quarantined): 204' } },
    ] }); // prettier-ignore
    expect((await send(why, undefined, { tenant: 'globex' })).body.infectedHosts).toEqual([]);
  });

  test('it is not: who cleared it, and when', async () => {
    await happens(aHold());
    await send(clear, { hold: 'all' });

    expect((await send(why)).body).toMatchObject({ code: 'cleared', answer: expect.stringContaining('the operator "soc" cleared it 2026-03-01T12:00:00.000Z') as string }); // prettier-ignore
  });
});

const anIp = { ip: desk };
test.each<[string, RouteKey, unknown, Told, number, string]>([
  ['a MAC of eleven digits', block, {}, { mac: '00112233caf' }, 400, 'mac-invalid'],
  ['a multicast MAC', block, {}, { mac: '01:00:5e:00:00:01' }, 400, 'mac-invalid'],
  ['the MAC zero', 'PUT /v1/endpoints/{mac}', anIp, { mac: '00:00:00:00:00:00' }, 400, 'mac-invalid'],
  ['a MAC of words', 'GET /v1/endpoints/{mac}', undefined, { mac: 'laptop' }, 400, 'mac-invalid'],
  ['a MAC of words in why', why, undefined, { mac: 'laptop' }, 400, 'mac-invalid'],
  ['a percent sign in the path', block, {}, { mac: '%' }, 400, 'path-invalid'],
  ['no JSON', block, '{', {}, 400, 'json-invalid'],
  ['no body where one is needed', quarantine, '', {}, 400, 'json-invalid'],
  ['a list for a body', block, [], {}, 400, 'body-invalid'],
  ['an unknown member', block, { threat: 'W32' }, {}, 400, 'body-invalid'],
  ['minutes as text', block, { minutes: '30' }, {}, 400, 'body-invalid'],
  ['no minutes', block, { minutes: 0 }, {}, 400, 'body-invalid'],
  ['half a minute', block, { minutes: 0.5 }, {}, 400, 'body-invalid'],
  ['more than a year', block, { minutes: 525_601 }, {}, 400, 'body-invalid'],
  ['a line end in a note', block, { note: 'a\nb' }, {}, 400, 'body-invalid'],
  ['a quarantine without a role', quarantine, {}, {}, 400, 'body-invalid'],
  ['a role that the configuration does not have', quarantine, { role: 'Nowhere' }, {}, 400, 'body-invalid'],
  ['a role that is none of quarantine', quarantine, { role: 'Employee' }, {}, 400, 'body-invalid'],
  ['another kind of assignment', quarantine, { role: 'Quarantine', session: 'both' }, {}, 400, 'body-invalid'],
  ['a session of an endpoint without one', quarantine, { role: 'Quarantine', session: 'session' }, {}, 404, 'session-absent'], // prettier-ignore
  ['a clear of nothing named', clear, {}, {}, 400, 'body-invalid'],
  ['a clear of another hold', clear, { hold: 'throttled' }, {}, 400, 'body-invalid'],
  ['sessions of an unknown endpoint', terminate, {}, {}, 404, 'endpoint-absent'],
  ['an investigation of an unknown endpoint', 'PUT /v1/endpoints/{mac}/investigation', { state: 'open' }, {}, 404, 'endpoint-absent'], // prettier-ignore
  ['a state that investigations do not have', 'PUT /v1/endpoints/{mac}/investigation', { state: 'resolved' }, {}, 400, 'body-invalid'], // prettier-ignore
  ['no address', 'PUT /v1/endpoints/{mac}', {}, {}, 400, 'body-invalid'],
  ['an address that is none', 'PUT /v1/endpoints/{mac}', { ip: '192.0.2' }, {}, 400, 'address-invalid'],
  ['the address zero', 'PUT /v1/endpoints/{mac}', { ip: '0.0.0.0' }, {}, 400, 'address-invalid'],
  ['an address that devices give themselves', 'PUT /v1/endpoints/{mac}', { ip: '169.254.3.4' }, {}, 400, 'address-invalid'], // prettier-ignore
  ['an unknown endpoint', 'GET /v1/endpoints/{mac}', undefined, {}, 404, 'endpoint-absent'],
  ['a status that there is not', 'GET /v1/endpoints', undefined, { query: { status: ['sick'] } }, 400, 'parameter-invalid'], // prettier-ignore
  ['an empty user', 'GET /v1/endpoints', undefined, { query: { user: [''] } }, 400, 'parameter-invalid'],
  ['an unknown parameter', 'GET /v1/endpoints', undefined, { query: { vlan: ['7'] } }, 400, 'parameter-unknown'],
  ['two MACs', 'GET /v1/endpoints', undefined, { query: { mac: [laptop, laptop] } }, 400, 'parameter-invalid'],
  ['a cursor of another list', 'GET /v1/endpoints', undefined, { query: { cursor: ['bnVsbA'] } }, 400, 'cursor-invalid'], // prettier-ignore
  ['a parameter of an act', block, {}, { query: { force: ['1'] } }, 400, 'parameter-unknown'],
  ['an auditor who acts', block, {}, { role: 'auditor' }, 403, 'role-refused'],
  ['an enforcement point that reads', 'GET /v1/endpoints', undefined, { role: 'enforcement-point' }, 403, 'role-refused'], // prettier-ignore
])('%s is refused, and nothing is held', async (_, route, body, told, status, code) => {
  const answer = await send(route, body, told);

  expect({ status: answer.status, code: answer.body.code }).toEqual({ status, code });
  expect((await service.deps.endpoints.list(acme, { limit: 10 })).endpoints).toEqual([]);
  expect(service.deps.events.all(acme)).toEqual([]);
});

test('an open session of another name is not terminated', async () => {
  await happens(aLogin());

  expect((await send(terminate, { session: 'nothing' })).body).toMatchObject({ code: 'session-absent' });
});
