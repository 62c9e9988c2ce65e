/** An enforcement point tells that a session is over, and what went through it. */
import type { AuthenticationTable } from '../identity/authentication-table.ts';
import type { ReadingAt } from '../identity/reading.ts';
import { ServiceError } from '../service-error.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import { type ClosedSession, type EndingReason, endingOf, isTold, type Session, type SessionKey } from './session.ts';
import type { SessionStore } from './sessions.ts';

export interface CloseSession {
  readonly sessions: SessionStore;
  readonly table: AuthenticationTable;
  readonly readingOf: (tenant: TenantId) => Promise<ReadingAt>;
}

/** What an enforcement point tells of a session that it closes. */
export interface Closing {
  readonly bytesIn?: number;
  readonly bytesOut?: number;
  readonly reason?: string;
}

const attempts = 3;
const longestId = 128;

/**
 * The close record. What closed first says why: a session whose entry had ended is closed since then, whatever is told
 * now. A repeat answers what was answered first. Throws `session-absent`, `busy`.
 */
export async function closeSession(
  { sessions, table, readingOf }: CloseSession,
  tenant: TenantId,
  key: SessionKey,
  closing: Closing,
): Promise<ClosedSession> {
  if (key.id.length > longestId) throw absent(key); // no flow can name it
  const readingAt = readingOf(tenant);
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const [found] = await Promise.all([sessions.find(tenant, key), readingAt]);
    const now = table.now();
    if (found === undefined) throw absent(key);
    if ('ending' in found) {
      if (isTold(found.ending, now)) return found;
      throw absent(key);
    }
    const known = { slots: await table.entries.at(tenant, found.ip), reading: (await readingAt)(now) };
    const ended = endingOf(found, known);
    if (ended && !isTold(ended, now)) throw absent(key);
    const closed = closedBy(
      found,
      closing,
      ended ?? { at: Math.max(now, found.openedAt), reason: closing.reason ?? closedReason },
    );
    if ((await sessions.close(tenant, closed, ended ? {} : { place: 'free' })) === 'closed') return closed;
  }
  throw new ServiceError('busy', 'Decisions are naming this session at this moment. Repeat the request.');
}

const closedReason: EndingReason = 'closed';

const closedBy = (
  session: Session,
  { bytesIn, bytesOut, reason }: Closing,
  ending: ClosedSession['ending'],
): ClosedSession => ({
  ...session,
  ending,
  ...(bytesIn !== undefined && { bytesIn }),
  ...(bytesOut !== undefined && { bytesOut }),
  ...(reason !== undefined && { toldReason: reason }),
});

const absent = ({ id }: SessionKey) =>
  new ServiceError(
    'session-absent',
    `This credential has no session "${id.slice(0, 128)}", or it has been over for a day. Only a permitted flow of a known user opens one.`,
  );
