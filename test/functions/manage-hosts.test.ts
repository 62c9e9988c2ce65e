import type { IpAddress } from '../../shared/identity/address.ts';
import { hostDoors } from '../support/host-doors.ts';
import { acme, desk, globex } from '../support/observations.ts';

const push = 'POST /v1/infected-hosts';
const investigate = 'PUT /v1/infected-hosts/{ip}';
const other = '2001:db8::7' as IpAddress;

test('hosts that are pushed are held to the rules, told to their connectors, and logged, each tenant its own', async () => {
  const { send, connectors, told, lines, deps } = hostDoors();
  connectors.set(desk, 'pps');
  const { status, body } = await send(
    push,
    { hosts: [{ ip: desk, level: 8, threatName: 'W32' }, { ip: '2001:DB8::7', level: 10 }, { ip: '192.0.2.99', level: 3 }] }, // prettier-ignore
    { role: 'threat-sender' },
  );

  expect(status).toBe(200);
  expect(body).toEqual({
    eventId: 'push-request-1',
    hosts: [
      { ip: desk, outcome: 'appeared', wanted: 'quarantined', connector: 'pps', heldBy: null, operations: ['operation-1'] }, // prettier-ignore
      { ip: other, outcome: 'appeared', wanted: 'blocked', connector: null, heldBy: null, operations: [] },
      { ip: '192.0.2.99', outcome: 'appeared', wanted: 'free', connector: null, heldBy: null, operations: [] },
    ],
  });
  expect(told).toEqual([{ tenant: acme, ip: desk }]);
  expect(lines.map(({ code, sender, eventId }) => `${code} ${sender.name ?? ''} ${eventId ?? ''}`).sort()).toEqual([
    'below-rules api push-request-1',
    'listed api push-request-1',
    'unmanaged api push-request-1',
  ]);
  expect(await deps.hosts.list(globex, { limit: 9 })).toEqual({ hosts: [] });
});

test('level 0 says that a host is clean, and of one that nobody lists nothing', async () => {
  const { send } = hostDoors();
  await send(push, { hosts: [{ ip: desk, level: 8 }] });
  const { body } = await send(push, { hosts: [{ ip: desk, level: 0 }, { ip: other, level: 0 }] }); // prettier-ignore
  expect(body.hosts).toMatchObject([{ outcome: 'freed' }, { outcome: 'unchanged' }]);
});

test('a push that is repeated under its key is one event, and one that only lets go is known to an undo', async () => {
  const { send, deps } = hostDoors();
  const hosts = { hosts: [{ ip: desk, level: 0 }] };
  const [first, again, other] = [await send(push, hosts, { key: 'k' }), await send(push, hosts, { key: 'k' }), await send(push, hosts)]; // prettier-ignore
  const id = String(first.body.eventId);

  expect(id).toMatch(/^push-[\w-]{32}$/);
  expect(again.body.eventId).toBe(id);
  expect(other.body.eventId).not.toBe(id);
  expect((await deps.traces.of(acme, { client: null, id }, { limit: 9 })).traces).toEqual([{ kind: 'let-go' }]);
  expect((await deps.traces.of(globex, { client: null, id }, { limit: 9 })).traces).toEqual([]);
});

test('a push that comes again changes nothing and says so', async () => {
  const { send, lines } = hostDoors();
  const hosts = { hosts: [{ ip: desk, level: 8 }] };
  await send(push, hosts);
  expect((await send(push, hosts)).body.hosts).toMatchObject([{ outcome: 'repeated', operations: [] }]);
  expect(lines).toHaveLength(1);
});

test('whatever is wrong with a push is named at once, and nothing of it is done', async () => {
  const { send, deps } = hostDoors();
  const { status, body } = await send(push, {
    hosts: [
      { ip: desk, level: 8 },
      { ip: '192.0.2.0/24', level: 8 },
      { ip: '127.0.0.1', level: 8 },
      { ip: other, level: 11 },
      { ip: other, level: '7' },
      { ip: '192.0.2.7' },
      { ip: '192.0.2.8', level: 7.5, name: 'x' },
    ],
  });
  expect(status).toBe(400);
  expect(body.code).toBe('body-invalid');
  expect((body.violations as { pointer: string; rule: string }[]).map(({ pointer, rule }) => `${pointer} ${rule}`)).toEqual([
    '/hosts/1/ip form',
    '/hosts/2/ip form',
    '/hosts/3/level range',
    '/hosts/4/level type',
    '/hosts/5/level required',
    '/hosts/6/name unknown-key',
    '/hosts/6/level range',
  ]); // prettier-ignore
  expect(await deps.hosts.list(acme, { limit: 9 })).toEqual({ hosts: [] });
});

test.each([
  ['no hosts', { hosts: [] }, '/hosts count'],
  ['more than a thousand', { hosts: Array.from({ length: 1_001 }, (_, at) => ({ ip: `10.0.${String(at >> 8)}.${String(at & 255)}`, level: 7 })) }, '/hosts count'], // prettier-ignore
  ['one host twice, written otherwise', { hosts: [{ ip: '2001:db8::7', level: 7 }, { ip: '2001:DB8:0::7', level: 9 }] }, '/hosts/1 form'], // prettier-ignore
  ['no list', { hosts: 'desk' }, '/hosts type'],
])('a push of %s is refused', async (_what, body, expected) => {
  const answer = await hostDoors().send(push, body);
  expect(answer.status).toBe(400);
  const [first] = answer.body.violations as { pointer: string; rule: string }[];
  expect(`${first?.pointer ?? ''} ${first?.rule ?? ''}`).toBe(expected);
});

test('a push that there is no time for says how far it came', async () => {
  const { send, deps, clock } = hostDoors();
  clock.stepMs = 1_500;
  const hosts = Array.from({ length: 20 }, (_, at) => ({ ip: `192.0.2.${String(at + 1)}`, level: 8 }));
  const { status, body } = await send(push, { hosts });
  expect([status, body.code]).toEqual([503, 'busy']);
  expect((await deps.hosts.list(acme, { limit: 99 })).hosts).toHaveLength(8);
});

test('an operator resolves the investigation of a host, and it is let go until it has left and returned', async () => {
  const { send, lines } = hostDoors();
  await send(push, { hosts: [{ ip: desk, level: 8 }] });
  const open = await send(investigate, { investigation: 'in-progress' });
  expect(open.body).toMatchObject({ outcome: 'updated', host: { wanted: 'quarantined', investigation: 'in-progress' } }); // prettier-ignore
  const { body } = await send(investigate, { investigation: 'resolved-false-positive' });

  expect(body).toMatchObject({
    outcome: 'cleared',
    eventId: 'operator-request-1',
    host: { wanted: 'free', listings: [{ feed: 'api', silencedAt: '2026-03-01T12:00:00.000Z' }] },
  });
  expect((await send(push, { hosts: [{ ip: desk, level: 9 }] })).body.hosts).toMatchObject([{ outcome: 'silenced', wanted: 'free' }]); // prettier-ignore
  expect(lines.map(({ code, sender }) => [code, sender.kind])).toEqual([
    ['unmanaged', 'feed'],
    ['investigation', 'operator'],
    ['cleared', 'operator'],
  ]);
});

test.each([
  ['of a host that nobody lists', {}, 404, 'host-absent'],
  ['of another tenant’s host', { tenant: 'globex' }, 404, 'host-absent'],
  ['of what is no address', { ip: 'desk' }, 400, 'address-invalid'],
  ['by an auditor', { role: 'auditor' }, 403, 'role-refused'],
  ['by a threat sender', { role: 'threat-sender' }, 403, 'role-refused'],
] as const)('an investigation %s is refused', async (_what, told, status, code) => {
  const { send } = hostDoors();
  if ('tenant' in told) await send(push, { hosts: [{ ip: desk, level: 8 }] });
  const answer = await send(investigate, { investigation: 'open' }, told);
  expect([answer.status, answer.body.code]).toEqual([status, code]);
});
