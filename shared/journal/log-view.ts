/** Lines of the logs as answers and files show them: instants as ISO 8601 in UTC. Those of events: `event-view.ts`. */
import type { AccessLine } from './access-line.ts';
import type { DebugLine } from './debug.ts';

const iso = (at: number) => new Date(at).toISOString();

export const accessView = ({ at, ...line }: AccessLine) => ({
  id: line.id,
  at: iso(at),
  result: line.result,
  code: line.code,
  message: line.message,
  user: line.user,
  realm: line.realm,
  roles: line.roles,
  quarantineRole: line.quarantineRole,
  mac: line.mac,
  ip: line.ip,
  nas: line.nas,
  port: line.port,
  returnAttributes: line.returnAttributes,
});

export const debugView = ({ at, ...line }: DebugLine) => ({
  id: line.id,
  at: iso(at),
  part: line.part,
  message: line.message,
  mac: line.mac,
  ip: line.ip,
  user: line.user,
  requestId: line.requestId,
  details: line.details,
});

/** Columns of files, each with the place of its value in what is shown. */
export const eventColumns = {
  time: 'at',
  state: 'state',
  code: 'code',
  message: 'message',
  event: 'event',
  'sender kind': 'sender.kind',
  sender: 'sender.name',
  credential: 'credentialName',
  'client address': 'clientAddress',
  template: 'template',
  'event id': 'eventId',
  'occurred at': 'occurredAt',
  'MAC address': 'mac',
  'IP address': 'ip',
  user: 'user',
  severity: 'severity',
  'threat name': 'threatName',
  policy: 'policy',
  action: 'action',
  role: 'role',
  flags: 'flags',
  changes: 'changes',
  'request id': 'requestId',
  id: 'id',
} as const;

export const accessColumns = {
  time: 'at',
  result: 'result',
  code: 'code',
  message: 'message',
  user: 'user',
  realm: 'realm',
  roles: 'roles',
  'quarantine role': 'quarantineRole',
  'MAC address': 'mac',
  'IP address': 'ip',
  switch: 'nas',
  port: 'port',
  'return attributes': 'returnAttributes',
  id: 'id',
} as const;

export const debugColumns = {
  time: 'at',
  part: 'part',
  message: 'message',
  'MAC address': 'mac',
  'IP address': 'ip',
  user: 'user',
  'request id': 'requestId',
  details: 'details',
  id: 'id',
} as const;
