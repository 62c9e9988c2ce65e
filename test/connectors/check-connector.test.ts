import { checkConnector } from '../../shared/connectors/check-connector.ts';
import { checkedAt, connectorKey, statusOf } from '../../shared/connectors/connector-state.ts';
import type { Answer, OpenConnector } from '../../shared/connectors/enforcer.ts';
import type { KeptConnector } from '../../shared/connectors/open-connector.ts';
import type { WorkPlace } from '../../shared/connectors/send-work.ts';
import type { TenantId } from '../../shared/tenancy/tenant.ts';
import { aConnector } from '../support/connectors.ts';
import { fakeConnectorStates } from '../support/fake-connector-stores.ts';
import { fakeEventLog } from '../support/fake-logs.ts';
import { fakeSecrets } from '../support/fake-secrets.ts';
import { fakeWorkQueues } from '../support/fake-work-queues.ts';
import { acme, globex, minutes, noon } from '../support/observations.ts';

const answers: Answer = { outcome: 'acknowledged', detail: '200', roundTripMs: 3 };
const refuses: Answer = { outcome: 'refused', detail: '401: the password is wrong.', roundTripMs: 3 };
const instant = (ms: number) => new Date(noon + ms).toISOString();

async function surroundings(told: Partial<KeptConnector> = {}) {
  const clock = { now: noon };
  const secrets = fakeSecrets();
  const password = await secrets.keep({ tenant: acme, name: 'connector/pps-1' }, 's3cret');
  const settings = { connector: aConnector({ password, ...told }), answer: answers };
  const tested: OpenConnector[] = [];
  const compared: string[] = [];
  const enforcer = {
    test: async (connector: OpenConnector) => {
      tested.push(connector);
      return Promise.resolve(settings.answer);
    },
    apply: async () => Promise.reject(new Error('A check changes nothing.')),
    read: async () => Promise.resolve('unknown' as const),
  };
  const deps = {
    ...fakeWorkQueues({ 'clearpass.example.net:443': 1 }),
    secrets,
    now: () => clock.now,
    settingsOf: async (tenant: TenantId) =>
      Promise.resolve({ connectors: tenant === acme ? [settings.connector] : [] }),
    enforcers: { 'pulse-policy-secure': enforcer, clearpass: enforcer },
    states: fakeConnectorStates(),
    events: fakeEventLog(() => clock.now),
    compareHosts: async (tenant: TenantId, connector: string) => {
      compared.push(`${tenant} ${connector}`);
      return Promise.resolve();
    },
  };
  let count = 0;
  const check = async (ms: number, place: WorkPlace = 'connectors', connector = 'pps-1', tenant = acme) => {
    clock.now = noon + ms;
    count += 1;
    return checkConnector(deps, { tenant, connector }, { place, id: `check-${count}`, deadlineAt: clock.now + 30_000 });
  };
  const status = async () => statusOf(settings.connector, await deps.states.read(acme, connectorKey('pps-1')));
  const events = () => deps.events.all(acme).map(({ code }) => code);
  return { deps, settings, check, status, events, tested, compared };
}

test('a connector that answers is active, is tried with its secret, and has its hosts compared', async () => {
  const { check, status, events, tested, compared } = await surroundings();
  expect((await status()).state).toBe('unknown');

  await check(0);
  await check(minutes(5));

  expect(await status()).toEqual({ state: 'active', since: instant(0), checkedAt: instant(minutes(5)), error: null });
  expect(tested.map(({ password }) => password)).toEqual(['s3cret', 's3cret']);
  expect(compared).toEqual(['acme pps-1', 'acme pps-1']);
  expect(events()).toEqual([]);
});

test('one that does not is inactive with the reason, and each change is one line of the event log', async () => {
  const { deps, settings, check, status, events, compared } = await surroundings();

  settings.answer = refuses;
  await check(0);
  await check(minutes(5));
  expect(await status()).toEqual({
    state: 'inactive',
    since: instant(0),
    checkedAt: instant(minutes(5)),
    error: '401: the password is wrong.',
  });
  expect(compared).toEqual([]);
  settings.answer = answers;
  await check(minutes(10));
  await check(minutes(15));

  expect(await status()).toMatchObject({ state: 'active', since: instant(minutes(10)), error: null });
  expect(events()).toEqual(['connector-active', 'connector-inactive']);
  expect(deps.events.all(acme).at(-1)).toMatchObject({
    sender: { kind: 'postern', name: 'pps-1' },
    message: expect.stringContaining('401: the password is wrong.') as string,
  });
  expect(deps.events.all(globex)).toEqual([]);
});

test('what was found of one system is not said of another that has taken its name', async () => {
  const { settings, check, status } = await surroundings();
  await check(0);

  settings.connector = { ...settings.connector, address: 'other.example.net' };
  expect(await status()).toEqual({ state: 'unknown', since: null, checkedAt: null, error: null });

  await check(minutes(5));
  expect(await status()).toMatchObject({ state: 'active', since: instant(minutes(5)) });
});

test('one without a secret is inactive, and is connected to by nobody', async () => {
  const { check, status, tested } = await surroundings({ password: null });

  await check(0);

  expect(await status()).toMatchObject({ state: 'inactive', error: expect.stringContaining('password') as string });
  expect(tested).toEqual([]);
});

test('a ClearPass is checked from its query cell alone, and the rest from the queue of connectors', async () => {
  const { deps, check, tested } = await surroundings({ type: 'clearpass', address: 'clearpass.example.net' });

  await check(0);
  expect(tested).toEqual([]);
  expect(deps.sent).toEqual([
    { place: 1, message: { tenant: acme, work: 'check', connector: 'pps-1' }, delaySeconds: 0 },
  ]);

  await check(0, 1);
  expect(tested).toHaveLength(1);
});

test('what is not there any more, or another tenant’s, is checked by nobody', async () => {
  const { deps, check, tested } = await surroundings();

  await check(0, 'connectors', 'gone');
  await check(0, 'connectors', 'pps-1', globex);

  expect(tested).toEqual([]);
  expect((await deps.states.all(globex)).size).toBe(0);
});

test('when each was checked is known by its name', async () => {
  const { deps, check } = await surroundings();
  await check(7);

  expect(await checkedAt(deps.states)(acme)).toEqual(new Map([['pps-1', noon + 7]]));
  expect(await checkedAt(deps.states)(globex)).toEqual(new Map());
});

test('one that was checked a moment ago is not checked again, however many messages ask for it', async () => {
  const { check, tested, compared } = await surroundings();
  for (const ms of [0, 0, minutes(1), minutes(3)]) expect(await check(ms)).toBe('done');
  expect([tested.length, compared.length]).toEqual([1, 1]);

  await check(minutes(5));
  expect(tested).toHaveLength(2);
});
