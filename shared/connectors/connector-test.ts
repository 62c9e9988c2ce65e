/**
 * A draft of a connector is tried before anybody saves it. Only workers connect to systems of tenants: they have the
 * addresses that the other side lets in, and a ClearPass is connected to from its query cell alone. So the draft is left
 * for a worker, and its answer is waited for.
 */
import type { Connector, ConnectorType } from '../configuration/threat-response.ts';
import type { SecretReference } from '../outbound/secrets.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import type { ConnectorWorker } from './connector-work.ts';
import type { Answer, Enforcer, OpenConnector } from './enforcer.ts';
import { openConnector, type OpenConnectors, secretMissing } from './open-connector.ts';
import { placeOf, sendTo, sendWork, type WorkQueues } from './send-work.ts';

/** With the secret that was sent along, or with the one that is kept for the connector of this name. */
export type Draft = Connector<{ readonly sent: string } | { readonly kept: SecretReference }>;

export interface ConnectorTests {
  readonly leave: (tenant: TenantId, id: string, draft: Draft, now: number) => Promise<void>;
  /** `undefined` where it is not there, is too old or has been answered. */
  readonly read: (tenant: TenantId, id: string, now: number) => Promise<Draft | undefined>;
  /** The secret goes with it. */
  readonly answer: (tenant: TenantId, id: string, answer: Answer) => Promise<void>;
  readonly answered: (tenant: TenantId, id: string) => Promise<Answer | undefined>;
}

/** A test that nobody has answered by then is over. */
export const testKeptMs = 10 * 60 * 1_000;

export interface TryDraft extends WorkQueues {
  readonly tests: Pick<ConnectorTests, 'leave' | 'answered'>;
  readonly newId: () => string;
  readonly now: () => number;
  readonly wait: (ms: number) => Promise<void>;
}

const longestWaitMs = 20_000;
const lookEveryMs = 250;

export type Connection =
  Answer | { readonly outcome: 'not-tried'; readonly detail: string; readonly roundTripMs: null };

/** By this time at the latest (epoch milliseconds) there is an answer. */
export async function tryDraft(deps: TryDraft, tenant: TenantId, draft: Draft, deadlineAt: number): Promise<Answer> {
  const { tests, newId, now, wait } = deps;
  const id = newId();
  const begunAt = now();
  await tests.leave(tenant, id, draft, begunAt);
  await sendWork(deps, { tenant, work: 'test', test: id }, draft);
  const untilAt = Math.min(begunAt + longestWaitMs, deadlineAt);
  do {
    await wait(lookEveryMs);
    const answer = await tests.answered(tenant, id);
    if (answer) return answer;
  } while (now() < untilAt);
  const seconds = Math.round((now() - begunAt) / 1_000);
  const detail = `There was no answer within ${seconds} s. The system is slow or silent, or much waits before it: try again.`; // prettier-ignore
  return { outcome: 'failed', detail, roundTripMs: now() - begunAt };
}

export interface AnswerTest extends OpenConnectors, WorkQueues {
  readonly tests: Pick<ConnectorTests, 'read' | 'answer'>;
  /** Those of the types that are connected to from here. */
  readonly enforcers: Partial<Readonly<Record<ConnectorType, Enforcer>>>;
}

/** Tries a draft that was left. Nobody waits for one that is answered or too old. */
export async function answerTest(
  deps: AnswerTest,
  { tenant, test }: { readonly tenant: TenantId; readonly test: string },
  worker: Pick<ConnectorWorker, 'place'>,
): Promise<'done'> {
  const draft = await deps.tests.read(tenant, test, deps.now());
  if (draft === undefined) return 'done';
  const place = await placeOf(deps, draft);
  if (place !== worker.place) {
    await sendTo(deps, { tenant, work: 'test', test }, place, 0);
    return 'done';
  }
  const enforcer = deps.enforcers[draft.type];
  if (enforcer === undefined) throw new Error(`A ${draft.type} is not connected to from here.`);
  const opened = await openDraft(deps, tenant, draft);
  const answer = opened ? await enforcer.test(opened) : { outcome: 'refused' as const, detail: secretMissing, roundTripMs: 0 }; // prettier-ignore
  await deps.tests.answer(tenant, test, answer);
  return 'done';
}

async function openDraft(deps: OpenConnectors, tenant: TenantId, draft: Draft): Promise<OpenConnector | undefined> {
  const { password } = draft;
  if ('kept' in password) return openConnector(deps, tenant, { ...draft, password: password.kept });
  return { ...draft, tenant, password: password.sent, formerSecrets: noSecrets };
}

async function* noSecrets(): AsyncGenerator<string> {
  // One that was just given stands alone.
}
