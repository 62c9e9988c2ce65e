/**
 * Where the edge is otherwise than its switch said. What a session was granted is compared with what it is to have whenever
 * anything is heard of it, and by time (`changes.ts`); what comes of that is told here.
 */
import type { EventLine } from '../journal/event-line.ts';
import type { Access, Change, Endpoint } from './endpoint.ts';
import { sessionOf } from './sessions.ts';

/** Changes that are there to repair, and were not before. */
export function newRepairs(before: Endpoint | undefined, { changes }: Endpoint): readonly Change[] {
  const known = new Set(before?.changes.map(({ id }) => id));
  return changes.filter(({ id, repairs }) => repairs !== undefined && !known.has(id));
}

const actions: Readonly<Record<Access['access'], string>> = { full: 'clear', quarantined: 'quarantine', blocked: 'block' }; // prettier-ignore

/** Told twice, it is one line. */
export function repairLine(endpoint: Endpoint, { id, session, wanted, requestedAt, nextAt }: Change): EventLine {
  const found = sessionOf(endpoint, session);
  const at = nextAt > requestedAt ? `at ${new Date(nextAt).toISOString()}` : 'now';
  return {
    id: `${id}-drift-repaired`,
    at: requestedAt,
    state: 'applied',
    code: 'drift-repaired',
    message: `The switch ${found?.nas ?? session} said that this session of ${endpoint.mac} is over, and it goes on with ${found?.granted.access ?? 'what it was granted'} access where it is to have ${wanted.access}: it is told again ${at}.`, // prettier-ignore
    event: 'radius-drift',
    sender: { kind: 'postern', name: null },
    credentialName: null,
    clientAddress: null,
    template: null,
    eventId: null,
    occurredAt: null,
    mac: endpoint.mac,
    ip: null,
    user: found?.user ?? null,
    severity: null,
    threatName: null,
    policy: null,
    action: actions[wanted.access],
    role: wanted.access === 'quarantined' ? wanted.role : null,
    flags: [],
    changes: [id],
    requestId: null,
  };
}
