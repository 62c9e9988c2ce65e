/** Sessions as answers show them: instants as ISO 8601 in UTC, what is absent as null. */
import * as v from 'valibot';
import { closed, readDocument, text, whole } from '../json-schema.ts';
import type { Closing } from './close-session.ts';
import type { Named } from './open-sessions.ts';
import type { ClosedSession, Session } from './session.ts';

const iso = (at: number) => new Date(at).toISOString();

/** What stays of a session that is over. */
export const closeRecord = (session: ClosedSession) => ({
  sessionId: session.id,
  ip: session.ip,
  user: session.tenure?.user ?? null,
  domain: session.tenure?.domain ?? null,
  openedAt: iso(session.openedAt),
  closedAt: iso(session.ending.at),
  bytesIn: session.bytesIn ?? null,
  bytesOut: session.bytesOut ?? null,
  reason: session.ending.reason,
  toldReason: session.toldReason ?? null,
  managed: session.tenure !== undefined,
});

export const sessionView = (session: Session | ClosedSession) => ({
  sessionId: session.id,
  credentialId: session.credentialId,
  ip: session.ip,
  state: 'ending' in session ? ('closed' as const) : ('open' as const),
  user: session.tenure?.user ?? null,
  domain: session.tenure?.domain ?? null,
  source: session.tenure?.origin ?? null,
  managed: session.tenure !== undefined,
  openedAt: iso(session.openedAt),
  heardAt: iso(session.heardAt),
  closedAt: 'ending' in session ? iso(session.ending.at) : null,
  reason: 'ending' in session ? session.ending.reason : null,
  bytesIn: ('ending' in session ? session.bytesIn : undefined) ?? null,
  bytesOut: ('ending' in session ? session.bytesOut : undefined) ?? null,
});

export const namedView = ({ id, managed, reason }: Named) => ({ id, managed: managed === 'managed', reason: reason ?? null }); // prettier-ignore

const untold = <Schema extends v.GenericSchema>(schema: Schema) => v.optional(v.nullable(schema), null);

const bytes = whole(0, Number.MAX_SAFE_INTEGER);

export const closing = v.pipe(
  closed({ bytesIn: untold(bytes), bytesOut: untold(bytes), reason: untold(text(1, 128)) }),
  v.transform(({ bytesIn, bytesOut, reason }): Closing => ({
    ...(bytesIn !== null && { bytesIn }),
    ...(bytesOut !== null && { bytesOut }),
    ...(reason !== null && { reason }),
  })),
);

/** Throws `body-invalid`. */
export const readClosing = (document: unknown): Closing => readDocument(closing, document, 'body-invalid');

/** Positions in a list of sessions are sort keys, which have an end. */
export const isSessionPosition = (value: unknown): value is string =>
  typeof value === 'string' && /^(OPEN|OVER)#/.test(value) && Buffer.byteLength(value) <= 1_024;
