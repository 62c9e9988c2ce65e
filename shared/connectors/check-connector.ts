/** Whether a connector answers and lets us in: its state, a line of the event log where that changes, and what it has compared with what it was told. */
import type { ConnectorType } from '../configuration/threat-response.ts';
import { bareLine, type EventLine, type EventLog } from '../journal/event-line.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import { afterCheck, connectorKey, type ConnectorState, type ConnectorStates, stateOf } from './connector-state.ts';
import type { ConnectorWorker } from './connector-work.ts';
import type { Answer, Enforcer } from './enforcer.ts';
import { type KeptConnector, openConnector, type OpenConnectors, secretMissing } from './open-connector.ts';
import { placeOf, sendTo, type WorkQueues } from './send-work.ts';

export interface CheckConnector extends OpenConnectors, WorkQueues {
  readonly settingsOf: (tenant: TenantId) => Promise<{ readonly connectors: readonly KeptConnector[] }>;
  /** Those of the types that are connected to from here. */
  readonly enforcers: Partial<Readonly<Record<ConnectorType, Enforcer>>>;
  readonly states: Pick<ConnectorStates, 'read' | 'replace'>;
  readonly events: Pick<EventLog, 'tell'>;
  /** Of a connector that answers: whether its hosts are what it was told, until this time. */
  readonly compareHosts: (tenant: TenantId, connector: string, deadlineAt: number) => Promise<unknown>;
}

/** A connector is checked every five minutes. */
const freshMs = 4 * 60_000;

/** What is not there any more is not checked; what is connected to from elsewhere is handed on. */
export async function checkConnector(
  deps: CheckConnector,
  message: { readonly tenant: TenantId; readonly connector: string },
  worker: ConnectorWorker,
): Promise<'done'> {
  const { tenant, connector: name } = message;
  const connector = (await deps.settingsOf(tenant)).connectors.find((each) => each.name === name);
  if (connector === undefined) return 'done';
  const place = await placeOf(deps, connector);
  if (place !== worker.place) {
    await sendTo(deps, { tenant, work: 'check', connector: name }, place, 0);
    return 'done';
  }
  const known = await deps.states.read(tenant, connectorKey(name));
  // Where the queue is behind, whoever wakes connectors has sent more than one for the same check.
  if (deps.now() - (stateOf(connector, known)?.checkedAt ?? -Infinity) < freshMs) return 'done';
  const answer = await tested(deps, tenant, connector);
  const state = afterCheck(connector, known, answer, deps.now());
  const outcome = await deps.states.replace(tenant, connectorKey(name), state, known);
  if (outcome === 'replaced' && isNews(stateOf(connector, known), state)) {
    await deps.events.tell(tenant, [changeLine(connector, state, worker.id)]);
  }
  if (state.state === 'active') await deps.compareHosts(tenant, name, worker.deadlineAt);
  return 'done';
}

async function tested(deps: CheckConnector, tenant: TenantId, connector: KeptConnector): Promise<Answer> {
  const enforcer = deps.enforcers[connector.type];
  if (enforcer === undefined) throw new Error(`A ${connector.type} is not connected to from here.`);
  const opened = await openConnector(deps, tenant, connector);
  return opened ? enforcer.test(opened) : { outcome: 'refused', detail: secretMissing, roundTripMs: 0 };
}

/** A connector that works from its first check on is what everybody expects. */
const isNews = (before: ConnectorState | undefined, { state }: ConnectorState) => (before?.state ?? 'active') !== state;

function changeLine({ name, type }: KeptConnector, { state, error, checkedAt }: ConnectorState, id: string): EventLine {
  const message =
    state === 'active'
      ? `The connector "${name}" answers again, and is told what it has missed.`
      : `The connector "${name}" cannot be used: ${error ?? ''} What it is to be told waits. Try it with POST /v1/connectors/test.`;
  return {
    ...bareLine,
    id: `connector-${name}-${id}`,
    at: checkedAt,
    state: 'applied',
    code: `connector-${state}`,
    message,
    event: 'connector-check',
    sender: { kind: 'postern', name },
    flags: [type],
  };
}
