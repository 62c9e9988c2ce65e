/** GET /v1/forwarding-table: the whole forwarding table, then what changed since the last pull. */
import { http, type HttpRequest, json } from '../../shared/edge/http.ts';
import { cursorOf, readCursor, readLimit, readQuery } from '../../shared/edge/query.ts';
import { isForwardingCursor } from '../../shared/identity/forwarding-cursor.ts';
import { showRow } from '../../shared/identity/forwarding-row.ts';
import { pullForwardingTable } from '../../shared/identity/pull-forwarding-table.ts';
import { closeRecord } from '../../shared/sessions/session-view.ts';
import { type Dependencies, dependencies } from './dependencies.ts';

/** So much of the time is left for writing the answer. */
const answerMs = 5_000;

/** Rows that are told at once where nothing else is asked for. */
const rowsAtOnce = 1_000;

export const doors = {
  'GET /v1/forwarding-table': async (deps: Dependencies, request: HttpRequest) => {
    const { since, limit } = readQuery(request, ['since', 'limit']);
    const pulled = await pullForwardingTable(deps, request.tenant, {
      limit: readLimit(limit, rowsAtOnce),
      untilAt: request.deadlineAt - answerMs,
      ...(since !== undefined && { since: readCursor(since, isForwardingCursor) }),
    });
    const closed = await deps.closedSessions(request.tenant, { credentialId: request.credentialId, ...pulled.changed });
    return json(200, {
      full: pulled.full === 'yes',
      reason: pulled.reason ?? null,
      rows: pulled.rows.map(showRow),
      removed: pulled.removed,
      sessionsClosed: closed.map(closeRecord),
      cursor: cursorOf(pulled.cursor),
      more: pulled.more === 'yes',
    });
  },
};

export const handler = http(dependencies, doors);
