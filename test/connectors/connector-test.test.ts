import { answerTest, tryDraft } from '../../shared/connectors/connector-test.ts';
import type { Answer, OpenConnector } from '../../shared/connectors/enforcer.ts';
import type { SecretReference } from '../../shared/outbound/secrets.ts';
import type { TenantId } from '../../shared/tenancy/tenant.ts';
import { fakeConnectorTests } from '../support/fake-connector-stores.ts';
import { fakeSecrets } from '../support/fake-secrets.ts';
import { fakeWorkQueues } from '../support/fake-work-queues.ts';
import { acme, globex, noon } from '../support/observations.ts';
import { aDraft } from './connector-stores.contract.ts';

const answers: Answer = { outcome: 'acknowledged', detail: '200', roundTripMs: 3 };

/** Somebody who waits, and a worker that answers when so many looks were in vain; never, where that is not said. */
function surroundings(answeredAfter = Infinity) {
  const clock = { now: noon };
  const secrets = fakeSecrets();
  const tests = fakeConnectorTests();
  const tested: OpenConnector[] = [];
  const enforcer = {
    test: async (connector: OpenConnector) => {
      tested.push(connector);
      return Promise.resolve(answers);
    },
    apply: async () => Promise.reject(new Error('A test changes nothing.')),
    read: async () => Promise.resolve('unknown' as const),
  };
  const queues = fakeWorkQueues({ 'clearpass.example.net:443': 1 });
  const work = {
    ...queues,
    secrets,
    tests,
    enforcers: { 'pulse-policy-secure': enforcer, clearpass: enforcer },
    now: () => clock.now,
  };
  let looks = 0;
  const wait = async (ms: number) => {
    clock.now += ms;
    looks += 1;
    if (looks === answeredAfter) await answerTest(work, { tenant: acme, test: 'test-1' }, { place: 'connectors' });
  };
  const asking = { ...queues, tests, newId: () => 'test-1', now: () => clock.now, wait };
  return { clock, secrets, tests, queues, work, asking, tested };
}

test('a draft is left for a worker, which tries it with the secret that came along, and its answer is told', async () => {
  const { asking, queues, tested, tests } = surroundings(3);

  expect(await tryDraft(asking, acme, aDraft(), noon + 29_000)).toEqual(answers);

  expect(queues.sent).toEqual([
    { place: 'connectors', message: { tenant: acme, work: 'test', test: 'test-1' }, delaySeconds: 0 },
  ]);
  expect(tested).toMatchObject([{ name: 'pps-1', password: 's3cret' }]);
  expect(await tests.read(acme, 'test-1', noon)).toBeUndefined();
});

test('without an answer within 20 seconds it has failed, and a worker that comes later tries nothing after ten minutes', async () => {
  const { asking, work, clock, tested } = surroundings();

  expect(await tryDraft(asking, acme, aDraft(), noon + 29_000)).toEqual({
    outcome: 'failed',
    detail: expect.stringContaining('no answer within 20 s') as string,
    roundTripMs: 20_000,
  });
  clock.now = noon + 600_000;
  await answerTest(work, { tenant: acme, test: 'test-1' }, { place: 'connectors' });

  expect(tested).toEqual([]);
});

test('whoever has less time than that is answered in time', async () => {
  const { asking } = surroundings();

  expect(await tryDraft(asking, acme, aDraft(), noon + 5_000)).toMatchObject({ outcome: 'failed', roundTripMs: 5_000 });
});

test('one with a kept secret is tried with that, of its own tenant alone', async () => {
  const { secrets, tests, work, tested } = surroundings();
  const reference = await secrets.keep({ tenant: acme, name: 'connector/pps-1' }, 'kept');
  const answer = async (tenant: TenantId, kept: SecretReference) => {
    await tests.leave(tenant, 'one', aDraft({ kept }), noon);
    await answerTest(work, { tenant, test: 'one' }, { place: 'connectors' });
    return tests.answered(tenant, 'one');
  };

  expect(await answer(acme, reference)).toEqual(answers);
  expect(await answer(globex, reference)).toMatchObject({ outcome: 'refused' });
  expect(tested.map(({ password }) => password)).toEqual(['kept']);
});

test('a ClearPass is tried from its query cell alone', async () => {
  const { tests, queues, work, tested } = surroundings();
  await tests.leave(acme, 'one', { ...aDraft(), type: 'clearpass', address: 'clearpass.example.net' }, noon);

  await answerTest(work, { tenant: acme, test: 'one' }, { place: 'connectors' });
  expect(tested).toEqual([]);
  expect(queues.sent).toMatchObject([{ place: 1, message: { work: 'test', test: 'one' } }]);

  await answerTest(work, { tenant: acme, test: 'one' }, { place: 1 });
  expect(tested).toHaveLength(1);
});

test('a message that comes twice tries it once', async () => {
  const { tests, work, tested } = surroundings();
  await tests.leave(acme, 'one', aDraft(), noon);

  await answerTest(work, { tenant: acme, test: 'one' }, { place: 'connectors' });
  await answerTest(work, { tenant: acme, test: 'one' }, { place: 'connectors' });

  expect(tested).toHaveLength(1);
});
