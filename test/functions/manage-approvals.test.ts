/** What waits for an operator's word: two devices had the address, and nobody can say whom the message means. */
import { silent } from '../../shared/journal/debug.ts';
import { findApprovals } from '../../shared/admission/approvals.ts';
import { receiveEvent } from '../../shared/admission/receive.ts';
import { threatResponseDefaults } from '../../shared/configuration/threat-response.ts';
import type { RouteKey } from '../../shared/contract.ts';
import { advanceEndpoint } from '../../shared/endpoints/endpoint-table.ts';
import { aPolicy, policyEnforcerName } from '../support/admission.ts';
import { endpointDoors, endpointSettings, type Told } from '../support/endpoint-doors.ts';
import { aLogin, anAccounting } from '../support/endpoint-steps.ts';
import { laptop, printer } from '../support/log-lines.ts';
import { acme, desk, minutes, noon } from '../support/observations.ts';

const client = { name: 'pe', description: '', address: '203.0.113.9', template: policyEnforcerName, relays: [] };
const list = 'GET /v1/approvals';
const approve = 'POST /v1/approvals/{id}/approve';
const reject = 'POST /v1/approvals/{id}/reject';

let service: ReturnType<typeof endpointDoors>;
let id: string;
beforeEach(async () => {
  service = endpointDoors();
  const settings = { ...threatResponseDefaults, ...endpointSettings, clients: [client], admissionPolicies: [aPolicy({ role: 'Quarantine' })] }; // prettier-ignore
  service.deps.settingsOf = async () => Promise.resolve(settings);
  for (const mac of [printer, laptop]) {
    await advanceEndpoint(service.deps, acme, mac, aLogin({ port: mac }));
    await advanceEndpoint(service.deps, acme, mac, anAccounting({ port: mac }));
    service.clock.now += minutes(1);
  }
  const sent = { event: 'quarantine-endpoint', endpointIp: desk, threatName: 'Eicar' };
  const arrival = { credentialName: 'pe', clientAddress: client.address, requestId: 'request-0', receivedAt: service.clock.now }; // prettier-ignore
  await receiveEvent({ ...service.deps, debug: silent }, acme, arrival, Buffer.from(JSON.stringify(sent)));
  const [only] = (await service.deps.approvals.list(acme, { limit: 10 })).approvals;
  id = only?.id ?? 'none was opened';
});
const send = async (route: RouteKey, body?: unknown, told: Told = {}) => service.send(route, body, { id, ...told });
const statusOf = async (mac: string) => ((await send('GET /v1/endpoints/{mac}', undefined, { mac })).body.endpoint as { status: string }).status; // prettier-ignore

test('it is listed with whom it may mean, the likeliest first, and what was sent', async () => {
  const { body } = await send(list);

  expect(body).toMatchObject({
    items: [{ id, state: 'open', reason: 'ambiguous-address', macs: [laptop, printer], ip: desk, client: 'pe', event: 'quarantine-endpoint', threatName: 'Eicar' }], // prettier-ignore
    next: null,
  });
  expect([await statusOf(laptop), await statusOf(printer)]).toEqual(['free', 'free']);
  expect((await send('GET /v1/endpoints/{mac}/why')).body).toMatchObject({ code: 'held-for-approval' });
});

test('approved for the one that is named, it is done to that one, by the operator’s name', async () => {
  const { status, body } = await send(approve, { mac: '0011.2233.CAFF' });

  expect(status).toBe(200);
  expect(body).toMatchObject({ state: 'applied', approval: { state: 'approved', mac: printer, decidedBy: 'soc' } });
  expect([await statusOf(laptop), await statusOf(printer)]).toEqual(['free', 'quarantined']);
  expect(service.deps.events.all(acme)[0]).toMatchObject({ event: 'operator-approve', mac: printer, sender: { kind: 'operator', name: 'soc' } }); // prettier-ignore
});

test('approved without a name, it is done to the likeliest', async () => {
  expect((await send(approve)).body).toMatchObject({ approval: { mac: laptop } });
  expect([await statusOf(laptop), await statusOf(printer)]).toEqual(['quarantined', 'free']);
});

test('rejected, nothing is done, and it is no more among those that are open', async () => {
  expect((await send(reject, {})).body).toMatchObject({ state: 'ignored', code: 'approval-rejected', approval: { state: 'rejected' } }); // prettier-ignore

  expect([await statusOf(laptop), await statusOf(printer)]).toEqual(['free', 'free']);
  expect((await send(list, undefined, { query: { state: ['open'] } })).body).toEqual({ items: [], next: null });
  expect((await send(list, undefined, { query: { state: ['rejected'] } })).body).toMatchObject({ items: [{ id }] });
  expect(await send(reject, {})).toMatchObject({ status: 200, body: { code: 'repeated', approval: { state: 'rejected' } } }); // prettier-ignore
});

test('what was decided is not decided again otherwise; the same once more does nothing, also to a device that was cleared since', async () => {
  await send(approve, { mac: laptop });
  await send('POST /v1/endpoints/{mac}/clear', { hold: 'all' }, { mac: laptop });
  const lines = service.deps.events.all(acme).length;

  expect(await send(approve, { mac: laptop })).toMatchObject({ status: 200, body: { state: 'ignored', code: 'repeated', approval: { state: 'approved', mac: laptop }, changes: [] } }); // prettier-ignore
  expect([await statusOf(laptop), service.deps.events.all(acme).length]).toEqual(['free', lines]);
  expect((await send(reject)).body).toMatchObject({ status: 409, code: 'approval-decided' });
  expect((await send(approve, { mac: printer })).body).toMatchObject({ code: 'approval-decided' });
  expect(await statusOf(printer)).toBe('free');
});

test('another tenant sees nothing of it, and decides nothing', async () => {
  expect((await send(list, undefined, { tenant: 'globex' })).body).toEqual({ items: [], next: null });
  expect((await send(approve, {}, { tenant: 'globex' })).body.code).toBe('approval-absent');
  expect((await send(reject, {}, { tenant: 'globex' })).body.code).toBe('approval-absent');
  expect(service.clock.now).toBe(noon + minutes(2));
});

test.each<[string, RouteKey, unknown, Told, number, string]>([
  ['an id that there is not', approve, {}, { id: 'nothing' }, 404, 'approval-absent'],
  ['an id that there is not, to reject', reject, {}, { id: 'nothing' }, 404, 'approval-absent'],
  ['a MAC that is none', approve, { mac: 'laptop' }, {}, 400, 'mac-invalid'],
  ['a MAC that did not have the address', approve, { mac: '00:11:22:33:00:01' }, {}, 400, 'body-invalid'],
  ['a MAC as a number', approve, { mac: 17 }, {}, 400, 'body-invalid'],
  ['an unknown member', approve, { role: 'Quarantine' }, {}, 400, 'body-invalid'],
  ['an unknown member, to reject', reject, { mac: laptop }, {}, 400, 'body-invalid'],
  ['no JSON', approve, '{', {}, 400, 'json-invalid'],
  ['a list for a body', reject, [], {}, 400, 'body-invalid'],
  ['a state that there is not', list, undefined, { query: { state: ['pending'] } }, 400, 'parameter-invalid'],
  ['a cursor of another list', list, undefined, { query: { cursor: ['bnVsbA'] } }, 400, 'cursor-invalid'],
  ['an unknown parameter', approve, {}, { query: { force: ['1'] } }, 400, 'parameter-unknown'],
  ['an auditor who decides', approve, {}, { role: 'auditor' }, 403, 'role-refused'],
  ['a sender of threats who reads', list, undefined, { role: 'threat-sender' }, 403, 'role-refused'],
])('%s is refused, and nothing is held', async (_, route, body, told, status, code) => {
  const answer = await send(route, body, told);

  expect({ status: answer.status, code: answer.body.code }).toEqual({ status, code });
  expect([await statusOf(laptop), await statusOf(printer)]).toEqual(['free', 'free']);
});

test('a page looks past those that were decided, no longer than there is time for, and goes on where it ended', async () => {
  const { approvals } = service.deps;
  const [known] = (await approvals.list(acme, { limit: 10 })).approvals;
  if (known === undefined) throw new Error('None was opened.');
  const named = (at: number) => `x${String(at).padStart(4, '0')}`;
  for (let at = 0; at < 450; at += 1) await approvals.open(acme, { ...known, id: named(at), state: at % 150 === 149 ? 'open' : 'rejected' }); // prettier-ignore
  const page = async (untilAt: number, after?: string, limit = 2) => findApprovals(service.deps, acme, { limit, untilAt, state: 'open', ...(after !== undefined && { after }) }); // prettier-ignore
  const ids = (found: Awaited<ReturnType<typeof page>>) => found.approvals.map((each) => each.id);

  const first = await page(service.clock.now + 1);
  expect(ids(first)).toEqual([id, named(149)]);
  expect(ids(await page(service.clock.now + 1, first.next))).toEqual([named(299), named(449)]);
  const ended = await page(service.clock.now, named(299));
  expect([ids(ended), ended.next]).toEqual([[named(449)], undefined]);
  const cut = await page(service.clock.now, id, 9);
  expect([ids(cut), cut.next]).toEqual([[named(149)], named(199)]);
  expect(ids(await page(service.clock.now, cut.next, 9))).toEqual([named(299)]);
});
