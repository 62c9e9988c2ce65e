/** Lines of the event log as answers show them: instants as ISO 8601 in UTC. */
import type { EventLine } from './event-line.ts';

const iso = (at: number) => new Date(at).toISOString();

export const eventView = ({ at, occurredAt, ...line }: EventLine) => ({
  id: line.id,
  at: iso(at),
  state: line.state,
  code: line.code,
  message: line.message,
  event: line.event,
  sender: line.sender,
  credentialName: line.credentialName,
  clientAddress: line.clientAddress,
  template: line.template,
  eventId: line.eventId,
  occurredAt: occurredAt === null ? null : iso(occurredAt),
  mac: line.mac,
  ip: line.ip,
  user: line.user,
  severity: line.severity,
  threatName: line.threatName,
  policy: line.policy,
  action: line.action,
  role: line.role,
  flags: line.flags,
  changes: line.changes,
  requestId: line.requestId,
  cause: line.cause ?? null,
  undo: line.undo ?? null,
});
