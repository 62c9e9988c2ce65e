/** Many in one call: endpoints acted on, approvals decided, and everything that one event did taken back. */
import type { RouteKey } from '../../shared/contract.ts';
import { openApproval, openHostApproval } from '../../shared/admission/approval.ts';
import { advanceEndpoint } from '../../shared/endpoints/endpoint-table.ts';
import { endpointFrom, endpointItem } from '../../shared/endpoints/endpoint-item.ts';
import type { Mac } from '../../shared/endpoints/mac.ts';
import type { IpAddress } from '../../shared/identity/address.ts';
import { policyEnforcerName } from '../support/admission.ts';
import { endpointDoors, type Told } from '../support/endpoint-doors.ts';
import { aHold, aLogin, anAccounting } from '../support/endpoint-steps.ts';
import { aMessage } from '../support/endpoints.ts';
import { laptop, printer } from '../support/log-lines.ts';
import { acme, desk, globex, noon } from '../support/observations.ts';

const many = 'POST /v1/endpoints';
const decide = 'POST /v1/approvals';
const undo = 'POST /v1/events/{id}/undo';

type Results = readonly Record<string, unknown>[];
let service: ReturnType<typeof endpointDoors>;
beforeEach(() => {
  service = endpointDoors();
});
const send = async (route: RouteKey, body?: unknown, told?: Told) => service.send(route, body, told);
const statusOf = async (mac: string, tenant = 'acme') =>
  ((await send('GET /v1/endpoints/{mac}', undefined, { mac, tenant })).body.endpoint as { status: string } | undefined)
    ?.status ?? 'unknown';
const macs = Array.from({ length: 25 }, (_, index) => `00:11:22:33:44:${(index + 16).toString(16)}` as Mac);

describe('one act on many endpoints', () => {
  test('is one event: each has its outcome and its line, and all of it is undone by one id', async () => {
    await advanceEndpoint(service.deps, acme, laptop, aHold());
    await advanceEndpoint(service.deps, globex, macs[0] ?? laptop, aHold());
    const { status, body } = await send(many, { act: 'block', macs: [...macs, laptop], note: 'ticket 1' });
    const eventId = String(body.eventId);

    expect(status).toBe(200);
    expect(body).toMatchObject({ counts: { applied: 26 }, left: 'none' });
    expect(service.deps.events.all(acme)).toHaveLength(26);
    expect(service.deps.events.all(acme)[0]).toMatchObject({ event: 'operator-block', cause: eventId, state: 'applied' }); // prettier-ignore
    expect([await statusOf(macs[3] ?? ''), await statusOf(laptop)]).toEqual(['blocked', 'blocked']);

    expect((await send(undo, {}, { id: eventId, tenant: 'globex' })).body).toMatchObject({ code: 'event-absent' });
    expect((await send(undo, { client: 'policy-enforcer' }, { id: 'x'.repeat(1_200) })).body).toMatchObject({ code: 'event-absent' }); // prettier-ignore
    const undone = await send(undo, { note: 'wrong list' }, { id: eventId });
    expect(undone.body).toMatchObject({ counts: { undone: 26 }, notUndone: [], left: 'none' });
    expect([await statusOf(macs[3] ?? ''), await statusOf(laptop)]).toEqual(['free', 'quarantined']);
    expect(await statusOf(macs[0] ?? '', 'globex')).toBe('quarantined');
    expect(service.deps.events.all(acme)[0]).toMatchObject({ event: 'operator-undo', code: 'undone', undo: eventId });

    expect((await send(undo, {}, { id: eventId })).body).toMatchObject({ counts: { gone: 26 }, undone: [] });
    expect(service.deps.events.all(acme)).toHaveLength(52);
    expect((await send('GET /v1/endpoints/{mac}/why', undefined, { mac: macs[3] ?? '' })).body).toMatchObject({ code: 'undone' }); // prettier-ignore
  });

  test('leaves reasons that are read again: nothing of the call but what a reason has', async () => {
    for (const told of [{ act: 'block' }, { act: 'quarantine', role: 'Quarantine' }]) await send(many, { ...told, macs: [laptop] }); // prettier-ignore
    const [stored] = await service.deps.endpoints.read(acme, [laptop]);
    if (stored === undefined) throw new Error('It was held.');

    expect(stored.endpoint.reasons.map(({ hold }) => hold)).toEqual(['blocked', 'quarantined']);
    expect(endpointFrom(endpointItem(acme, stored))).toEqual(stored);
  });

  test('names endpoints by the address that they have now; who has none, or shares it, is told', async () => {
    await advanceEndpoint(service.deps, acme, laptop, aLogin());
    await advanceEndpoint(service.deps, acme, laptop, anAccounting());
    const quarantine = { act: 'quarantine', role: 'Quarantine', ips: [desk, '203.0.113.5'] };

    expect((await send(many, quarantine)).body).toMatchObject({
      results: [{ ip: desk, outcome: 'applied' }, { ip: '203.0.113.5', outcome: 'address-absent', code: 'address-absent' }], // prettier-ignore
      left: 'none',
    });
    expect((await send(many, { ...quarantine, ips: [desk] }, { tenant: 'globex' })).body).toMatchObject({ counts: { 'address-absent': 1 } }); // prettier-ignore
  });

  test('clears and terminates, and an undo says that these cannot be taken back', async () => {
    await advanceEndpoint(service.deps, acme, laptop, aHold());
    const cleared = await send(many, { act: 'clear', hold: 'all', macs: [laptop, printer] });
    expect(cleared.body).toMatchObject({ counts: { cleared: 1, 'nothing-to-clear': 1 } });

    const undone = await send(undo, {}, { id: String(cleared.body.eventId) });
    expect(undone.body).toMatchObject({ undone: [], notUndone: [{ what: 'cleared', mac: laptop, outcome: 'impossible' }] }); // prettier-ignore
    expect(await statusOf(laptop)).toBe('free');
    expect((await send(many, { act: 'terminate', macs: [printer] })).body).toMatchObject({ results: [{ outcome: 'refused', code: 'endpoint-absent' }], left: 'none' }); // prettier-ignore
  });

  test('is refused whole where it is wrong, with all that is wrong', async () => {
    const wrong = await send(many, { act: 'block', macs: ['no mac', laptop, '01:00:00:00:00:01'] });
    expect(wrong.body).toMatchObject({ code: 'body-invalid', violations: [{ pointer: '/macs/0' }, { pointer: '/macs/2' }] }); // prettier-ignore
    for (const body of [
      { act: 'block' },
      { act: 'block', macs: [laptop], ips: [desk] },
      { act: 'quarantine', role: 'Employee', macs: [laptop] },
      { act: 'free', macs: [laptop] },
    ]) {
      expect((await send(many, body)).body).toMatchObject({ code: 'body-invalid' });
    }
    expect(await statusOf(laptop)).toBe('unknown');
    expect((await send(many, { act: 'block', macs: [laptop] }, { role: 'auditor' })).status).toBe(403);
  });

  test('is given up in time, and the same request goes on', async () => {
    const stalled = service.deps.endpoints.read;
    service.deps.endpoints = { ...service.deps.endpoints, read: async (tenant, all) => ((service.clock.now += 3_000), stalled(tenant, all)) }; // prettier-ignore
    const first = await send(many, { act: 'block', macs });
    const told = first.body.counts as Record<string, number>;

    expect(first.body).toMatchObject({ left: 'some' });
    expect((told.applied ?? 0) + (told.left ?? 0)).toBe(25);
    service.deps.endpoints = { ...service.deps.endpoints, read: stalled };
    expect((await send(many, { act: 'block', macs })).body).toMatchObject({ left: 'none' });
  });
});

describe('many approvals', () => {
  const received = (index: number) => ({ message: aMessage({ endpointIp: `192.0.2.${index}` as IpAddress, eventId: `e-${index}` }), client: index % 2 ? 'pe' : 'scanner', template: policyEnforcerName, receivedAt: noon + index }); // prettier-ignore
  const opened = async (count: number, tenant = acme) => {
    for (let index = 0; index < count; index += 1) {
      await service.deps.approvals.open(tenant, openApproval(received(index), [macs[index] ?? laptop], 'blast-radius'));
    }
  };
  const states = async (tenant = acme) => (await service.deps.approvals.list(tenant, { limit: 100 })).approvals.map(({ state }) => state); // prettier-ignore

  test('are rejected by what they have in common, those of others stay', async () => {
    await opened(20);
    await opened(3, globex);
    const filter = { reason: 'blast-radius', client: 'pe', openedBefore: new Date(noon + 10).toISOString() };

    expect((await send(decide, { decision: 'reject', filter })).body).toMatchObject({ counts: { decided: 5 }, left: 'none' }); // prettier-ignore
    expect((await states()).filter((each) => each === 'rejected')).toHaveLength(5);
    expect((await send(decide, { decision: 'reject', filter: { reason: 'blast-radius' } })).body).toMatchObject({ counts: { decided: 15 } }); // prettier-ignore
    expect((await send(decide, { decision: 'reject', filter: { reason: 'blast-radius' } })).body).toMatchObject({ results: [], left: 'none' }); // prettier-ignore
    expect(await states(globex)).toEqual(['open', 'open', 'open']);
    expect(service.deps.events.all(acme)).toHaveLength(20);
  });

  test('are approved by their ids, each with what came of it, and hosts of feeds with them', async () => {
    await opened(1);
    const host = openHostApproval({ ip: desk, feed: 'atp-cloud', wanted: 'quarantined', level: 8, cause: 'poll-7' }, 'blast-radius', noon); // prettier-ignore
    await service.deps.approvals.open(acme, host);
    const [first, second] = (await service.deps.approvals.list(acme, { limit: 10 })).approvals.map(({ id }) => id);
    await advanceEndpoint(service.deps, acme, macs[0] ?? laptop, aLogin());
    const body = { decision: 'approve', ids: [first, second, 'nothing', first] };

    const results = (await send(decide, body)).body.results as Results;
    expect(results.map(({ outcome }) => outcome)).toEqual(['decided', 'decided', 'absent']);
    expect(results.filter(({ state }) => state === 'applied')).toHaveLength(2);
    expect(await statusOf(macs[0] ?? '')).toBe('quarantined');
    expect((await send(decide, { decision: 'reject', ids: [first] })).body).toMatchObject({ counts: { 'decided-already': 1 } }); // prettier-ignore
    expect((await send(decide, body, { tenant: 'globex' })).body).toMatchObject({ counts: { absent: 3 } });
  });

  test('are finished by the same filter once more where one failed midway, and not done again where it did not', async () => {
    await opened(3);
    for (const mac of macs.slice(0, 3)) await advanceEndpoint(service.deps, acme, mac, aLogin());
    const { traces } = service.deps;
    let left = 0;
    const leave: typeof traces.leave = async (...told) => ((left += 1) === 2 ? Promise.reject(new Error('broken')) : traces.leave(...told)); // prettier-ignore
    service.deps.traces = { ...traces, leave };
    const body = { decision: 'approve', filter: { reason: 'blast-radius' } };
    expect((await send(decide, body)).body).toMatchObject({ counts: { decided: 2, failed: 1 }, left: 'some' });
    expect(await states()).toEqual(['approved', 'approved', 'approved']);

    expect((await send(decide, { ...body, decision: 'reject' })).body).toMatchObject({ results: [], left: 'none' });
    expect((await send(decide, body)).body).toMatchObject({ counts: { decided: 1 }, left: 'none' });
    expect((await send(decide, body)).body).toMatchObject({ results: [], left: 'none' });
    for (const mac of macs.slice(0, 3)) expect(await statusOf(mac)).toBe('quarantined');
    expect((await send(decide, body, { tenant: 'globex' })).body).toMatchObject({ results: [] });
  });

  test('are never approved for a device that was guessed: the others are, and these say what they need', async () => {
    await opened(2);
    await service.deps.approvals.open(acme, openApproval(received(7), [laptop, printer]));
    const body = (await send(decide, { decision: 'approve', filter: { client: 'pe' } })).body;

    expect(body).toMatchObject({ counts: { decided: 1, refused: 1 }, left: 'none' });
    expect((body.results as Results).find(({ outcome }) => outcome === 'refused')).toMatchObject({ code: 'mac-needed', state: null, approval: null }); // prettier-ignore
    expect((await states()).sort()).toEqual(['approved', 'open', 'open']);
    expect((await send(decide, { decision: 'reject', filter: { client: 'pe' } })).body).toMatchObject({ counts: { decided: 1 } }); // prettier-ignore
  });

  test('are not decided all at once without a word of which', async () => {
    await opened(1);
    for (const body of [
      { decision: 'reject', filter: {} },
      { decision: 'reject' },
      { decision: 'reject', ids: ['a'], filter: { client: 'pe' } },
      { decision: 'perhaps', ids: ['a'] },
    ]) {
      expect((await send(decide, body)).body).toMatchObject({ code: 'body-invalid' });
    }
    expect(await states()).toEqual(['open']);
  });
});
