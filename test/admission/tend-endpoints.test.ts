import { tendEndpoints, type TendEndpoints } from '../../shared/admission/tend-endpoints.ts';
import { advanceEndpoint } from '../../shared/endpoints/endpoint-table.ts';
import type { EndpointEvent } from '../../shared/endpoints/events.ts';
import { accessOf } from '../../shared/endpoints/holds.ts';
import type { Mac } from '../../shared/endpoints/mac.ts';
import type { TenantId } from '../../shared/tenancy/tenant.ts';
import {
  aHold,
  aLogin,
  aMessage,
  aPending,
  aRecord,
  aSession,
  fullAccess,
  laptop,
  phone,
} from '../support/endpoints.ts';
import { fakeEndpointTable } from '../support/fake-endpoint-store.ts';
import { fakeEventLog } from '../support/fake-logs.ts';
import { acme, desk, globex, hours, minutes, noon } from '../support/observations.ts';
import { fakeMeasure } from '../support/fake-measure.ts';

let table: ReturnType<typeof fakeEndpointTable>;
let events: ReturnType<typeof fakeEventLog>;
let announced: string[];
let untended: TenantId[];
let numbers: ReturnType<typeof fakeMeasure>;
let deps: TendEndpoints;
beforeEach(() => {
  table = fakeEndpointTable();
  events = fakeEventLog(() => table.now());
  [announced, untended] = [[], []];
  numbers = fakeMeasure();
  deps = {
    ...table,
    events,
    measure: numbers.measure,
    notifier: { changed: async (tenant, mac) => Promise.resolve(void announced.push(`${tenant} ${mac}`)) },
    tenants: {
      list: async ({ after }) =>
        Promise.resolve(
          after === undefined
            ? { items: [{ id: acme, name: 'Acme', createdAt: noon }], next: 'acme' }
            : { items: [{ id: globex, name: 'Globex', createdAt: noon }] },
        ),
    },
    untended: (tenant) => void untended.push(tenant),
  };
});

const happens = async (event: EndpointEvent, tenant = acme, mac: Mac = laptop) =>
  advanceEndpoint(table, tenant, mac, event);
const tendAt = async (now: number) => {
  table.moveTo(now);
  await tendEndpoints(deps, { deadlineAt: now + minutes(1) });
};
const linesOf = async (tenant = acme) => (await events.find(tenant, {}, { limit: 100 })).lines.toReversed();
const endpointOf = async (tenant = acme, mac: Mac = laptop) => (await table.endpoints.read(tenant, [mac]))[0]?.endpoint;

const loggedIn = async (tenant = acme) => {
  await happens({ kind: 'authenticated', login: aLogin() }, tenant);
  await happens({ kind: 'accounted', record: aRecord() }, tenant);
};
const timed = aHold({ hold: 'quarantined', role: 'Quarantine', until: noon + minutes(20) });

test('a hold that ends by its time is told, and the switch is to let go of who was held', async () => {
  await loggedIn();
  await happens({ kind: 'authenticated', login: aLogin({ granted: { access: 'quarantined', role: 'Quarantine' } }) });
  await happens(timed);
  await tendAt(noon + minutes(19));
  expect(await linesOf()).toEqual([]);

  await tendAt(noon + minutes(20));
  expect(await linesOf()).toMatchObject([
    {
      at: noon + minutes(20),
      state: 'released',
      code: 'released-by-time',
      message: `${laptop} is no longer quarantined by the client "policy-enforcer": the time of that has passed.`,
      sender: { kind: 'postern', name: null },
      event: 'block-endpoint',
      mac: laptop,
      ip: desk,
      role: 'Quarantine',
      changes: [expect.any(String)],
    },
  ]);
  const endpoint = await endpointOf();
  expect(endpoint?.reasons).toEqual([]);
  expect(endpoint?.changes).toMatchObject([{ state: 'pending', wanted: fullAccess }, { state: 'superseded' }]);
  expect(announced).toEqual([`acme ${laptop}`]);
  expect(await table.endpoints.due(acme, Infinity, 9)).toEqual([]);
});

test('a tenant’s holds are told to no other, and each in its time', async () => {
  for (const tenant of [acme, globex]) await loggedIn(tenant);
  await happens(timed, globex);
  await tendAt(noon + minutes(30));

  expect(await linesOf()).toEqual([]);
  expect(await linesOf(globex)).toHaveLength(1);
});

test('a quarantine for a session that is over is told when nobody can go on with it any more', async () => {
  await loggedIn();
  await happens(aHold({ hold: 'quarantined', role: 'Quarantine', session: aSession().key }));
  const change = (await endpointOf())?.changes[0]?.id ?? '';
  await happens({ kind: 'change-taken', changeId: change, leaseMs: 30_000, detail: '' });
  table.moveTo(noon + 5_000);
  await happens({ kind: 'accounted', record: aRecord({ status: 'stop', instant: noon + 5_000 }) });

  await tendAt(noon + 124_000);
  expect(await linesOf()).toEqual([]);
  await tendAt(noon + 125_000);
  expect(await linesOf()).toMatchObject([{ code: 'released-with-session', user: 'alice', changes: [] }]);
});

test('one for a session that is lost is told within the hour', async () => {
  await loggedIn();
  await happens(aHold({ hold: 'quarantined', role: 'Quarantine', session: aSession().key }));

  for (let minute = 0; minute <= 60; minute += 1) await tendAt(noon + hours(24) + minutes(minute));
  expect(await linesOf()).toMatchObject([{ code: 'released-with-session', at: noon + hours(24) }]);
});

test('a hold that was cleared in time is not told', async () => {
  await loggedIn();
  await happens(timed);
  await happens({ kind: 'cleared', hold: 'quarantined', sender: { kind: 'operator', name: 'desk' }, occurredAt: null });
  await tendAt(noon + minutes(20));

  expect(await linesOf()).toEqual([]);
  expect(await table.endpoints.due(acme, Infinity, 9)).toEqual([]);
});

test('what another event finds ended is told still', async () => {
  await loggedIn();
  await happens(timed);
  table.moveTo(noon + minutes(20) + 1);
  await happens({ kind: 'accounted', record: aRecord({ status: 'interim', instant: noon + minutes(20) }) });
  const endpoint = await endpointOf();
  expect(endpoint && accessOf(endpoint, table.now())).toEqual(fullAccess);

  await tendAt(noon + minutes(21));
  expect(await linesOf()).toHaveLength(1);
});

test('a message whose address nobody had is told and taken away when its time is over, and no sooner', async () => {
  const [one, late] = [aPending(), aPending({ message: aMessage({ eventId: 'event-2' }), until: noon + minutes(60) })];
  for (const pending of [one, late]) await table.endpoints.putPending(acme, pending);
  await table.endpoints.putPending(globex, late);
  await tendAt(noon + minutes(10));
  expect(await linesOf()).toEqual([]);

  await tendAt(noon + minutes(11));
  expect(await linesOf()).toMatchObject([
    {
      at: noon + minutes(10),
      state: 'expired-unmatched',
      eventId: 'event-1',
      sender: { kind: 'client', name: 'policy-enforcer' },
      ip: desk,
      mac: null,
      message: expect.stringContaining('nor within 10 minutes') as string,
    },
  ]);
  expect((await table.endpoints.at(acme, desk)).pending).toEqual([late]);
  expect(await linesOf(globex)).toEqual([]);
});

test('many that see to the same at once tell each once', async () => {
  await loggedIn();
  await happens(timed);
  await happens(aHold({ until: noon + minutes(20) }), acme, phone);
  await table.endpoints.putPending(acme, aPending());
  await Promise.all(Array.from({ length: 4 }, async () => tendAt(noon + minutes(20))));

  expect((await linesOf()).map(({ code }) => code).toSorted()).toEqual(['expired-unmatched', 'released-by-time', 'released-by-time']); // prettier-ignore
  expect(await table.endpoints.due(acme, Infinity, 9)).toEqual([]);
});

test('whoever is killed at any step leaves it to the next one, and nothing is untold or told twice', async () => {
  const steps = ['replace', 'removeDue', 'removePending', 'tell'] as const;
  for (const dying of steps) {
    table = fakeEndpointTable();
    events = fakeEventLog(() => table.now());
    await loggedIn();
    await happens(timed);
    await table.endpoints.putPending(acme, aPending());
    const die = async () => Promise.reject(new Error('killed'));
    const { endpoints } = table;
    const dead = dying === 'tell' ? endpoints : { ...endpoints, [dying]: die };
    deps = { ...deps, ...table, endpoints: dead, events: dying === 'tell' ? { ...events, tell: die } : events };
    await tendAt(noon + minutes(25));
    deps = { ...deps, endpoints, events };
    await tendAt(noon + minutes(26));

    expect((await linesOf()).map(({ code }) => code)).toEqual(['expired-unmatched', 'released-by-time']);
    expect((await endpointOf())?.reasons).toEqual([]);
    expect((await endpoints.at(acme, desk)).pending).toEqual([]);
    expect(await endpoints.due(acme, Infinity, 9)).toEqual([]);
  }
});

test('a tenant that cannot be seen to does not keep the others', async () => {
  await loggedIn(globex);
  await happens(timed, globex);
  const { due } = deps.endpoints;
  deps = {
    ...deps,
    endpoints: { ...deps.endpoints, due: async (tenant, ...of) => tenant === acme ? Promise.reject(new Error('no')) : due(tenant, ...of) },
  }; // prettier-ignore
  await tendAt(noon + minutes(20));

  expect(untended).toEqual([acme]);
  expect(await linesOf(globex)).toHaveLength(1);
});

test('more than a page at once is seen to, also where one of them fails', async () => {
  const macs = Array.from(
    { length: 230 },
    (_, index) => `00:11:22:33:44:${index.toString(16).padStart(2, '0')}` as Mac,
  );
  for (const mac of macs) await happens(aHold({ until: noon + minutes(5) }), acme, mac);
  const { read } = deps.endpoints;
  const [poison] = macs;
  deps = {
    ...deps,
    endpoints: { ...deps.endpoints, read: async (tenant, wanted) => wanted[0] === poison ? Promise.reject(new Error('no')) : read(tenant, wanted) },
  }; // prettier-ignore
  for (const minute of [5, 6, 7]) await tendAt(noon + minutes(minute));

  expect((await events.find(acme, {}, { limit: 500 })).lines).toHaveLength(229);
});

test('a change that was not announced, or got lost, is announced again while it waits', async () => {
  await loggedIn();
  await happens(aHold());
  await tendAt(noon + 30_000);
  expect(announced).toEqual([]);
  await tendAt(noon + 60_000);
  expect(announced).toEqual([`acme ${laptop}`]);
});

test('a change that its switch has not acknowledged for a minute is counted each minute, of its tenant alone', async () => {
  await loggedIn();
  await happens(timed);

  await tendAt(noon + minutes(0.5));
  await tendAt(noon + minutes(1));

  expect(numbers.measured.map(({ tenant, measured }) => [tenant, measured.ChangesOverdue])).toEqual([
    [acme, 0],
    [acme, 1],
  ]);
});
