import { eventStates } from '../../shared/journal/event-line.ts';
import { eventView } from '../../shared/journal/event-view.ts';
import { detailTypes, publishedEvent } from '../../shared/journal/published-event.ts';
import { type EventBus, publishedEvents, restMs, type Unpublished } from '../../shared/journal/published-events.ts';
import type { TenantId } from '../../shared/tenancy/tenant.ts';
import { fakeEventBus } from '../support/fake-event-bus.ts';
import { fakeEventLog } from '../support/fake-logs.ts';
import { fakeMeasure } from '../support/fake-measure.ts';
import { anEventLine } from '../support/log-lines.ts';
import { acme, globex, noon } from '../support/observations.ts';

function aLogWith(bus: EventBus) {
  const { measure, measured } = fakeMeasure();
  const clock = { now: noon };
  const log = fakeEventLog(() => noon);
  const told: { readonly tenant: TenantId; readonly id: string; readonly error: unknown }[] = [];
  const unpublished = (tenant: TenantId, { event, error }: Unpublished) =>
    void told.push({ tenant, id: event.detail.id, error });
  const events = publishedEvents(log, { bus, measure, now: () => clock.now, unpublished });
  return { events, log, measured, clock, told };
}

test('a line goes out as the event log shows it, with whose it is and the version of its form', async () => {
  const { bus, published } = fakeEventBus();
  const { events, log, measured } = aLogWith(bus);
  const line = anEventLine();

  await events.tell(acme, [line]);
  await events.tell(globex, [line, anEventLine({ id: 'line-2', state: 'released' })]);

  expect(published.map(({ type, detail: { tenant, id } }) => [type, tenant, id])).toEqual([
    ['Hold Applied', acme, 'line-1'],
    ['Hold Applied', globex, 'line-1'],
    ['Hold Released', globex, 'line-2'],
  ]);
  expect(published[0]).toEqual({
    type: 'Hold Applied',
    at: noon,
    detail: { version: '1.0', tenant: acme, ...eventView(line) },
  });
  expect([log.all(acme), log.all(globex)].map((lines) => lines.length)).toEqual([1, 2]);
  expect(measured.map(({ tenant, measured: counts }) => [tenant, counts])).toEqual([
    [acme, { EventsPublished: 1 }],
    [globex, { EventsPublished: 2 }],
  ]);
});

test.each([
  ['block', 'Hold Applied'],
  ['quarantine', 'Hold Applied'],
  ['clear-block', 'Hold Cleared'],
  ['clear-quarantine', 'Hold Cleared'],
  ['clear', 'Hold Cleared'],
  ['terminate', 'Endpoint Changed'],
  ['address', 'Endpoint Changed'],
  [null, 'Endpoint Changed'],
])('what was done by the action %s is called %s', (action, type) => {
  expect(publishedEvent(acme, anEventLine({ state: 'applied', action })).type).toBe(type);
});

test.each([
  [{ event: 'infected-host', state: 'applied', action: 'quarantine' }, 'Hold Requested'],
  [{ event: 'infected-host-released', state: 'applied', action: 'block' }, 'Hold Requested'],
  [{ event: 'infected-host-missed', state: 'released', action: 'clear' }, 'Release Requested'],
  [{ event: 'infected-host-cleared', state: 'applied', action: 'clear' }, 'Release Requested'],
  [{ event: 'infected-host', state: 'ignored', action: null }, 'Threat Action Ignored'],
  [{ event: 'infected-host', state: 'held-for-approval', action: null }, 'Threat Action Waiting'],
  [{ event: 'infected-host-investigated', state: 'applied', action: null }, 'Endpoint Changed'],
  [{ event: 'infected-host-drift', state: 'applied', code: 'drift-repaired', action: 'block' }, 'Drift Repaired'],
  [{ event: 'radius-drift', state: 'applied', code: 'drift-repaired', action: 'quarantine' }, 'Drift Repaired'],
  [{ event: 'infected-host-operation', state: 'noted', code: 'operation-refused', action: 'block' }, 'Operation Refused'],
  [{ event: 'infected-host-operation', state: 'noted', code: 'operation-abandoned', action: 'clear' }, 'Operation Abandoned'],
  [{ event: 'infected-host-operation', state: 'noted', code: 'operation-acknowledged', action: 'clear' }, 'Operation Acknowledged'],
] as const)('what a connector is told of a host is not done yet: %j is called %s', (line, type) => {
  expect(publishedEvent(acme, anEventLine(line)).type).toBe(type);
}); // prettier-ignore

test('a connector that fails its checks, or answers again, is no endpoint that changed', () => {
  const line = anEventLine({ state: 'applied', event: 'connector-check', action: null });

  expect(publishedEvent(acme, line).type).toBe('Connector Changed');
});

test.each(['threat-log', 'threat-logs-untold', 'threat-logs-unacted'])('what a firewall saw (%s) is no feed that changed', (code) => {
  const line = anEventLine({ state: 'noted', event: 'IDP_ATTACK_LOG_EVENT', code, action: 'DROP' });

  expect(publishedEvent(acme, line).type).toBe('Threat Seen');
}); // prettier-ignore

test('whatever becomes of an event has one of the words of the list', () => {
  const types = eventStates.map((state) => publishedEvent(acme, anEventLine({ state })).type);

  expect(types.filter((type) => !detailTypes.includes(type))).toEqual([]);
});

test('a bus that fails fails nobody: it is told and counted, and the line is in the log', async () => {
  const { bus, fail } = fakeEventBus();
  const { events, log, measured, told } = aLogWith(bus);
  fail(new Error('away'));

  await events.tell(acme, [anEventLine({ id: '1' }), anEventLine({ id: '2' })]);

  expect(log.all(acme)).toHaveLength(2);
  expect(told.map(({ tenant, id, error }) => [tenant, id, (error as Error).message])).toEqual([
    [acme, '1', 'away'],
    [acme, '2', 'away'],
  ]);
  expect(measured).toEqual([{ tenant: acme, measured: { EventsUnpublished: 2 } }]);
});

test('a bus that has failed is left alone for ten seconds, and then asked again', async () => {
  const { bus, fail, asked, published } = fakeEventBus();
  const { events, clock, told } = aLogWith(bus);
  fail(new Error('away'));
  for (const id of ['1', '2', '3']) await events.tell(acme, [anEventLine({ id })]);
  expect([asked(), told.length]).toEqual([1, 3]);

  fail(undefined);
  clock.now += restMs;
  await events.tell(globex, [anEventLine({ id: '4' })]);

  expect(asked()).toBe(2);
  expect(published.map(({ detail }) => detail.id)).toEqual(['4']);
});

test('what could not be written does not go out', async () => {
  const { bus, asked } = fakeEventBus();
  const { measure } = fakeMeasure();
  const log = { ...fakeEventLog(() => noon), tell: async () => Promise.reject(new Error('away')) };
  const events = publishedEvents(log, { bus, measure, now: () => noon, unpublished: () => undefined });

  await expect(events.tell(acme, [anEventLine()])).rejects.toThrow('away');

  expect(asked()).toBe(0);
});
