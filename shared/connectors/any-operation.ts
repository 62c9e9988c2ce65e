/**
 * Every action at another system as one thing: what a connector is told of a host, and what a switch is told of a session
 * are operations alike, with the same states and times.
 */
import { isUnsettled as isChangeUnsettled } from '../endpoints/changes.ts';
import type { Access, Change, Endpoint } from '../endpoints/endpoint.ts';
import { hopelessRepairs, howToMend } from '../endpoints/enforcement.ts';
import type { Mac } from '../endpoints/mac.ts';
import type { IpAddress } from '../identity/address.ts';
import { type InfectedHost, type Operation, type OperationState, type Wanted } from '../infected-hosts/host.ts';
import { isUnsettled } from '../infected-hosts/operations.ts';

export const operationKinds = ['connector', 'change-of-authorization'] as const;
export type OperationKind = (typeof operationKinds)[number];

export const operationReasons = ['listed', 'cleared', 'moved', 'drift', 'undone', 'held'] as const;

export interface AnyOperation {
  readonly id: string;
  readonly kind: OperationKind;
  readonly state: OperationState;
  readonly connector: string | null;
  readonly ip: IpAddress | null;
  readonly mac: Mac | null;
  /** Of a change of authorization: the key of the session. */
  readonly session: string | null;
  readonly wanted: Wanted;
  readonly role: string | null;
  readonly why: (typeof operationReasons)[number];
  /** Id of the poll, push, act or check that made it necessary. */
  readonly cause: string | null;
  readonly requestedAt: number;
  readonly sentAt: number | null;
  readonly answeredAt: number | null;
  /** When it is sent, or sent again; null: it is settled. */
  readonly nextAt: number | null;
  readonly attempts: number;
  readonly roundTripMs: number | null;
  readonly detail: string | null;
  /** What to do about it; null where there is nothing to do. */
  readonly mend: string | null;
}

/** What connectors were told of a host, the newest first. */
export const operationsOfHost = ({ ip, operations }: InfectedHost): readonly AnyOperation[] =>
  inOrder(operations.map((operation) => ofConnector(ip, operation)));

/** What switches were told of an endpoint, the newest first. */
export const operationsOfEndpoint = ({ mac, changes }: Endpoint): readonly AnyOperation[] =>
  inOrder(changes.map((change) => ofChange(mac, change)));

const inOrder = (operations: readonly AnyOperation[]) =>
  operations.toSorted((one, other) => other.requestedAt - one.requestedAt || (one.id < other.id ? -1 : 1));

const ofConnector = (ip: IpAddress, operation: Operation): AnyOperation => ({
  id: operation.id,
  kind: 'connector',
  state: operation.state,
  connector: operation.connector,
  ip,
  mac: operation.device.mac,
  session: null,
  wanted: operation.wanted,
  role: null,
  why: operation.why,
  cause: operation.cause,
  requestedAt: operation.requestedAt,
  sentAt: operation.sentAt,
  answeredAt: operation.answeredAt,
  nextAt: isUnsettled(operation) ? operation.nextAt : null,
  attempts: operation.attempts,
  roundTripMs: operation.roundTripMs,
  detail: operation.detail,
  mend: mendOf(operation),
});

/** What to do about it; null where there is nothing to do. */
export function mendOf({ state, connector }: Operation): string | null {
  if (state === 'failed') {
    return `It is sent again by itself, at least every 5 minutes. See that the system behind "${connector}" is reached and lets us in; POST /v1/connectors/test tries it.`;
  }
  if (state === 'abandoned') {
    return `Whatever "${connector}" was told of this host before may stand there still. Take it back there, or put the connector into the configuration again.`;
  }
  if (state !== 'refused') return null;
  return `The system behind "${connector}" will not. Mend what it says; it is told again when the next check finds that the connector lets us in, at most every 10 minutes.`;
}

/** A session that its switch does not know any more has been let go of. */
const stateOf: Readonly<Record<Change['state'], OperationState>> = {
  pending: 'requested',
  sent: 'sent',
  acknowledged: 'acknowledged',
  'session-over': 'acknowledged',
  refused: 'refused',
  'timed-out': 'failed',
  superseded: 'superseded',
};

const ofChange = (mac: Mac, change: Change): AnyOperation => ({
  id: change.id,
  kind: 'change-of-authorization',
  state: stateOf[change.state],
  connector: null,
  ip: null,
  mac,
  session: change.session,
  wanted: wantedBy(change.wanted),
  role: change.wanted.access === 'quarantined' ? change.wanted.role : null,
  why: change.repairs !== undefined ? 'drift' : change.wanted.access === 'full' ? 'cleared' : 'held',
  cause: null,
  requestedAt: change.requestedAt,
  sentAt: change.sentAt,
  answeredAt: change.answeredAt,
  nextAt: isChangeUnsettled(change) ? change.nextAt : null,
  attempts: change.attempts,
  roundTripMs: change.roundTripMs,
  detail: detailOf(change),
  mend: mendOfChange(change),
});

function mendOfChange(change: Change): string | null {
  if (change.state === 'refused' || change.state === 'timed-out') return howToMend[change.state];
  return isChangeUnsettled(change) && (change.repairs ?? 0) >= hopelessRepairs ? howToMend['goes-on'] : null;
}

const wantedBy = ({ access }: Access): Wanted => (access === 'full' ? 'free' : access);

function detailOf({ state, errorCause, detail, repairs }: Change): string | null {
  const told = [
    ...(repairs === undefined ? [] : ['the session went on after its switch had said that it is over']),
    ...(detail === null ? [] : [detail]),
    ...(state === 'session-over' ? ['session-over'] : []),
    ...(errorCause === null ? [] : [`Error-Cause ${errorCause}`]),
  ];
  return told.length === 0 ? null : told.join(', ');
}

const iso = (at: number) => new Date(at).toISOString();
const isoOr = (at: number | null) => (at === null ? null : iso(at));

/** As answers show it: instants as ISO 8601 in UTC. */
export const operationView = ({ requestedAt, sentAt, answeredAt, nextAt, ...operation }: AnyOperation) => ({
  ...operation,
  requestedAt: iso(requestedAt),
  sentAt: isoOr(sentAt),
  answeredAt: isoOr(answeredAt),
  nextAt: isoOr(nextAt),
});
