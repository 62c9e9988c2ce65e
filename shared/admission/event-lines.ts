/** What the event log is told of a message. */
import { isUnsettled } from '../endpoints/changes.ts';
import type { Endpoint, Reason, ThreatMessage, WaitingMessage } from '../endpoints/endpoint.ts';
import { endOf } from '../endpoints/holds.ts';
import type { PendingMessage } from '../endpoints/endpoint-table.ts';
import { readMac } from '../endpoints/mac.ts';
import type { EventKey } from '../endpoints/traces.ts';
import { readAddress } from '../identity/address.ts';
import type { EventLine, EventLog } from '../journal/event-line.ts';
import { shortened } from '../journal/shown-text.ts';
import type { ServiceError } from '../service-error.ts';
import { digestOf } from '../tenancy/secret.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import { type Verdict, verdict } from './admission.ts';
import type { Approval } from './approval.ts';
import type { Told } from './template.ts';

/** How a message came. */
export interface Arrival {
  readonly credentialName: string;
  readonly clientAddress: string;
  readonly requestId: string;
  readonly receivedAt: number;
  /** Of the lines of one request: which. */
  readonly line?: number;
}

const lineId = ({ requestId, line }: Arrival) => (line === undefined ? requestId : `${requestId}.${line}`);

/** Of a message that was read. */
export const arrivedLine = (arrival: Arrival, received: WaitingMessage, told: Verdict): EventLine => ({
  ...lineOf(received, told),
  id: lineId(arrival),
  at: arrival.receivedAt,
  credentialName: arrival.credentialName,
  clientAddress: arrival.clientAddress,
  requestId: arrival.requestId,
});

/** Of a message that had waited. Told twice, it is one line. */
export const settledLine = (received: WaitingMessage, told: Verdict, at: number): EventLine => ({
  ...lineOf(received, told),
  id: idOf('settled', [received.client, received.message.eventId]),
  at,
});

/** Of a message that nobody had the address for in its time. */
export const expiredLine = ({ until, receivedAt, message, client, template }: PendingMessage): EventLine => {
  const minutes = Math.round((until - receivedAt) / 60_000);
  const sentence = `Nobody was known to have ${message.endpointIp} when the event occurred, nor within ${minutes} minutes: nothing was done. See that accounting, posts or an operator tell of the address.`;
  return {
    ...lineOf({ message, client, template }, verdict('expired-unmatched', 'expired-unmatched', sentence)),
    id: idOf('expired', [client, message.eventId, receivedAt]),
    at: until,
  };
};

/** Of a hold that has ended by itself. */
export function releasedLine(endpoint: Endpoint, reason: Reason): EventLine {
  const { hold, sender, session, threatName, since, until, role, policy } = reason;
  const { mac } = endpoint;
  const at = Math.max(since, endOf(endpoint, reason) ?? since);
  const isBySession = at !== until;
  const message = {
    event: reason.event,
    endpointIp: reason.ip,
    endpointMac: mac,
    userName: endpoint.sessions.find(({ key }) => key === session)?.user ?? null,
    severity: reason.severity,
    threatName,
    eventId: reason.eventId,
    occurredAt: null,
  };
  const what = `${mac} is no longer ${hold} by the ${sender.kind} "${sender.name}"`;
  const sentence = isBySession
    ? `${what}: that was for its session only, which is over.`
    : `${what}: the time of that has passed.`;
  const changes = endpoint.changes
    .filter((change) => isUnsettled(change) && change.requestedAt >= at)
    .map(({ id }) => id);
  const code = isBySession ? 'released-with-session' : 'released-by-time';
  return {
    ...lineOf({ message, client: sender.name, template: null }, verdict('released', code, sentence, { mac, changes })),
    id: idOf('released', [mac, sender.kind, sender.name, hold, threatName, session, since, role]),
    at,
    sender: { kind: 'postern', name: null },
    policy,
    role,
  };
}

const idOf = (what: string, of: readonly unknown[]) => `${what}-${digestOf(JSON.stringify(of)).slice(0, 16)}`;

/** Of a message that an operator has decided. */
export const decidedLine = (
  by: Arrival,
  approval: Pick<Approval, 'id' | 'state'>,
  received: WaitingMessage,
  told: Verdict,
): EventLine => ({
  ...arrivedLine(by, received, told),
  id: decisionId(by, approval),
  event: decisionOf(approval),
  sender: { kind: 'operator', name: by.credentialName },
});

/** Of what a feed says and an operator has decided. */
export function decidedHostLine(by: Arrival, approval: Approval, told: Verdict): EventLine {
  const { subject } = approval;
  const ip = subject.kind === 'host' ? subject.ip : null;
  const feed = subject.kind === 'message' ? null : subject.feed;
  const message = { ...nothingSaid, endpointIp: ip, eventId: subject.kind === 'feed-loss' ? subject.pollId : null };
  return {
    ...lineOf({ message, client: '', template: null }, told),
    id: decisionId(by, approval),
    at: by.receivedAt,
    event: decisionOf(approval),
    sender: { kind: 'operator', name: by.credentialName },
    message: feed === null ? told.message : `${told.message} It was held for the feed "${feed}".`,
    credentialName: by.credentialName,
    clientAddress: by.clientAddress,
    requestId: by.requestId,
  };
}

/** Of what an undo took back on one endpoint, of one address or of one question. */
export const undoneLine = (
  by: Arrival,
  event: EventKey,
  told: Pick<EventLine, 'mac' | 'ip' | 'message'> & { readonly changes?: readonly string[]; readonly note: string | null; readonly at: number }, // prettier-ignore
): EventLine => {
  const { mac, ip, changes = [], message, note, at } = told;
  const said = { ...nothingSaid, endpointIp: ip, endpointMac: mac, eventId: event.id };
  const noted = note === null ? message : `${message} ${by.credentialName} notes: ${note}`;
  return {
    ...lineOf({ message: said, client: '', template: null }, verdict('applied', 'undone', noted, { mac, changes })),
    id: idOf(`undo-${by.requestId}`, [event, mac, ip, message]),
    at,
    event: 'operator-undo',
    sender: { kind: 'operator', name: by.credentialName },
    action: 'undo',
    credentialName: by.credentialName,
    clientAddress: by.clientAddress,
    requestId: by.requestId,
    undo: event.id,
  };
};

/** One request may decide many. */
const decisionId = (by: Arrival, { id }: Pick<Approval, 'id'>) => `${lineId(by)}.${id}`;
const decisionOf = ({ state }: Pick<Approval, 'state'>) =>
  state === 'approved' ? 'operator-approve' : 'operator-reject';

const nothingSaid = {
  event: null,
  endpointIp: null,
  endpointMac: null,
  userName: null,
  severity: null,
  threatName: null,
  eventId: null,
  occurredAt: null,
};

/** A message, or what a reason remembers of the one that opened it. */
interface Said {
  readonly message: { readonly [Field in keyof ThreatMessage]: ThreatMessage[Field] | null };
  readonly client: string;
  readonly template: string | null;
}

const lineOf = ({ message, client, template }: Said, told: Verdict) => ({
  state: told.state,
  code: told.code,
  message: told.message,
  event: message.event,
  sender: { kind: 'client' as const, name: client },
  credentialName: null,
  clientAddress: null,
  template,
  eventId: message.eventId,
  occurredAt: message.occurredAt,
  mac: told.mac ?? message.endpointMac,
  ip: message.endpointIp,
  user: told.user ?? message.userName,
  severity: message.severity,
  threatName: message.threatName,
  policy: told.policy?.name ?? null,
  action: told.policy?.action ?? null,
  role: told.policy?.role ?? null,
  flags: told.flags,
  changes: told.changes,
  requestId: null,
});

/** Who sent it and by which template it was read, as far as that was found out. */
export interface Sender {
  readonly client: string | null;
  readonly template: string | null;
}

/** Of a message that was refused: with what could be read of it. */
export const refusedLine = (
  arrival: Arrival,
  { client, template }: Sender,
  { code, message, told = {} }: { readonly code: string; readonly message: string; readonly told?: Told },
): EventLine => ({
  id: lineId(arrival),
  at: arrival.receivedAt,
  state: 'refused',
  code,
  message,
  event: shown(told.event),
  sender: { kind: 'client', name: client },
  credentialName: arrival.credentialName,
  clientAddress: arrival.clientAddress,
  template,
  eventId: shown(told.eventId),
  occurredAt: null,
  mac: told.endpointMac === undefined ? null : (readMac(told.endpointMac).mac ?? null),
  ip: told.endpointIp === undefined ? null : (readAddress(told.endpointIp).address ?? null),
  user: shown(told.userName),
  severity: shown(told.severity),
  threatName: shown(told.threatName),
  policy: null,
  action: null,
  role: null,
  flags: [],
  changes: [],
  requestId: arrival.requestId,
});

/** Of what was refused before its message was looked at, and of what failed on our side. */
export async function recordRefusal(
  { events }: { readonly events: EventLog },
  tenant: TenantId,
  { credentialName, clientAddress, requestId, receivedAt }: Arrival,
  error: ServiceError,
): Promise<void> {
  const arrival = { credentialName, clientAddress, requestId, receivedAt };
  await events.tell(tenant, [refusedLine(arrival, { client: null, template: null }, error)]);
}

const shown = (text: string | undefined) => (text === undefined ? null : shortened(text));
