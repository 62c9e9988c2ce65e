/** An endpoint as answers show it: instants as ISO 8601 in UTC, what is absent as null. */
import type { Access, Address, Change, Endpoint, EndpointSession, Reason, WaitingMessage } from './endpoint.ts';
import { isUnsettled } from './changes.ts';
import { enforcementOf } from './enforcement.ts';
import { accessOf, reasonsAt } from './holds.ts';
import { isRandomised } from './mac.ts';
import { addressesAt, isOpen } from './sessions.ts';

export const statuses = ['blocked', 'quarantined', 'free'] as const;
export type Status = (typeof statuses)[number];

/** Of the endpoint, whatever network it joins or is in. */
export function statusOf(endpoint: Endpoint, now: number): Status {
  const { access } = accessOf(endpoint, now);
  return access === 'full' ? 'free' : access;
}

/** The quarantine role that it is in, if it is quarantined and not blocked. */
export function quarantineRoleOf(endpoint: Endpoint, now: number): string | null {
  const access = accessOf(endpoint, now);
  return access.access === 'quarantined' ? access.role : null;
}

export const addressUnknown = 'address unknown';

export function endpointView(endpoint: Endpoint, now: number) {
  const addresses = addressesAt(endpoint, now);
  return {
    mac: endpoint.mac,
    randomised: isRandomised(endpoint.mac),
    status: statusOf(endpoint, now),
    role: quarantineRoleOf(endpoint, now),
    address: addresses[0]?.ip ?? addressUnknown,
    reasons: reasonsAt(endpoint, now).map(reasonView),
    addresses: addresses.map(addressView),
    formerAddresses: endpoint.addresses.filter((each) => !addresses.includes(each)).map(addressView),
    sessions: endpoint.sessions.map((session) => sessionView(session, now)),
    changes: endpoint.changes.map(changeView),
    enforcement: enforcementOf(endpoint, now),
    waiting: endpoint.waiting.map(waitingView),
    investigation: endpoint.investigation,
    firstSeenAt: iso(endpoint.firstSeenAt),
    changedAt: iso(endpoint.changedAt),
  };
}
export type EndpointView = ReturnType<typeof endpointView>;

const reasonView = ({ since, until, ...reason }: Reason) => ({
  hold: reason.hold,
  sender: reason.sender,
  threatName: reason.threatName,
  since: iso(since),
  until: isoOr(until),
  role: reason.role,
  session: reason.session,
  ip: reason.ip,
  event: reason.event,
  eventId: reason.eventId,
  severity: reason.severity,
  policy: reason.policy,
  note: reason.note,
});

const addressView = ({ ip, source, session, from, confirmedAt, until }: Address) => ({
  ip,
  source,
  session,
  from: iso(from),
  confirmedAt: iso(confirmedAt),
  until: isoOr(until),
});

function sessionView(session: EndpointSession, now: number) {
  const { key, user, realm, roles, nas, port, ssid, acctSessionId, granted, startedAt, heardAt, endedAt, endedBy } = session; // prettier-ignore
  const open = isOpen(session, now);
  return {
    key,
    user,
    realm,
    roles,
    nas,
    port,
    ssid,
    acctSessionId,
    granted: accessView(granted),
    since: iso(startedAt),
    heardAt: iso(heardAt),
    open,
    endedAt: isoOr(endedAt),
    endedBy: endedBy ?? (open ? null : 'lost'),
  };
}

const changeView = (change: Change) => ({
  id: change.id,
  session: change.session,
  wanted: accessView(change.wanted),
  state: change.state,
  attempts: change.attempts,
  requestedAt: iso(change.requestedAt),
  sentAt: isoOr(change.sentAt),
  nextAt: isUnsettled(change) ? iso(change.nextAt) : null,
  answeredAt: isoOr(change.answeredAt),
  errorCause: change.errorCause,
  roundTripMs: change.roundTripMs,
  detail: change.detail,
});

const waitingView = ({ message, client, template, receivedAt }: WaitingMessage) => ({
  event: message.event,
  eventId: message.eventId,
  client,
  template,
  ip: message.endpointIp,
  user: message.userName,
  severity: message.severity,
  threatName: message.threatName,
  occurredAt: isoOr(message.occurredAt),
  receivedAt: iso(receivedAt),
});

const accessView = (access: Access) => ({
  access: access.access,
  role: access.access === 'quarantined' ? access.role : null,
});

const iso = (at: number) => new Date(at).toISOString();
const isoOr = (at: number | null) => (at === null ? null : iso(at));
