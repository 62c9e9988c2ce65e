/** The doors of connectors, with everything behind them in memory, and a worker that answers each test as it is told. */
import type { Dependencies } from '../../functions/manage-connectors/dependencies.ts';
import { entrance } from '../../functions/manage-connectors/entrance.ts';
import { doors } from '../../functions/manage-connectors/handler.ts';
import type { Answer } from '../../shared/connectors/enforcer.ts';
import type { Role, RouteKey } from '../../shared/contract.ts';
import { http } from '../../shared/edge/http.ts';
import { fakeAttemptStore } from './fake-attempt-store.ts';
import { fakeConfigurationStore } from './fake-configuration-store.ts';
import { fakeConnectorStates, fakeConnectorTests } from './fake-connector-stores.ts';
import { fakeEntryStore } from './fake-entry-store.ts';
import { fakeSecrets } from './fake-secrets.ts';
import { fakeWorkQueues } from './fake-work-queues.ts';
import { noon } from './observations.ts';
import { aCaller, aContext, anApiEvent } from './requests.ts';
import { aSalt } from './salt.ts';

interface Told {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly tenant?: string;
  readonly role?: Role;
  readonly query?: Readonly<Record<string, string>>;
  readonly id?: string;
}

export function connectorDoors() {
  const clock = { now: noon };
  const worker: { answer: Answer | undefined } = { answer: { outcome: 'acknowledged', detail: '200', roundTripMs: 3 } };
  const queues = fakeWorkQueues();
  const tests = fakeConnectorTests();
  const tried: unknown[] = [];
  let ids = 0;
  const deps = {
    ...queues,
    configurations: fakeConfigurationStore(),
    secrets: fakeSecrets(),
    entries: fakeEntryStore(),
    states: fakeConnectorStates(),
    tests,
    attempts: fakeAttemptStore(),
    salt: aSalt,
    newId: () => `test-${(ids += 1)}`,
    async wait(ms: number) {
      clock.now += ms;
      const { message } = queues.sent.at(-1) ?? {};
      if (message?.work !== 'test') throw new Error('Nobody was sent for.');
      tried.push(await tests.read(message.tenant, message.test, clock.now));
      if (worker.answer) await tests.answer(message.tenant, message.test, worker.answer);
    },
    now: () => clock.now,
  } satisfies Dependencies & Record<string, unknown>;

  async function send(route: RouteKey, told: Told = {}) {
    const { body, headers = {}, tenant = 'acme', role = 'operator', query = {}, id } = told;
    const event = anApiEvent({
      route,
      caller: aCaller(role, { tenant }),
      query: Object.fromEntries(Object.entries(query).map(([name, value]) => [name, [value]])),
      headers,
      ...(id !== undefined && { parameters: { id } }),
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const answer = await http(() => deps, doors, { ...entrance, now: () => clock.now })(event, aContext());
    return {
      status: answer.statusCode,
      headers: answer.headers ?? {},
      text: answer.body,
      body: JSON.parse(answer.body) as Record<string, unknown>,
    };
  }

  return { deps, clock, worker, queues, tried, send };
}
