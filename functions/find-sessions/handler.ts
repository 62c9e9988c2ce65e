/** GET /v1/sessions?ip: the sessions of an address, those of the credential or, for operators and auditors, of all. */
import { http, type HttpRequest, json } from '../../shared/edge/http.ts';
import { cursorOf, readPage, readQuery } from '../../shared/edge/query.ts';
import { findSessions, type FindSessions, readAddressIn, sessionsOf } from '../../shared/sessions/find-sessions.ts';
import { isSessionPosition, sessionView } from '../../shared/sessions/session-view.ts';
import { dependencies } from './dependencies.ts';

export const doors = {
  'GET /v1/sessions': async (deps: FindSessions, request: HttpRequest) => {
    const { ip, limit, cursor } = readQuery(request, ['ip', 'limit', 'cursor']);
    const page = { ip: readAddressIn(ip), ...readPage({ limit, cursor }, isSessionPosition), ...sessionsOf(request) };
    const { items, next } = await findSessions(deps, request.tenant, page);
    return json(200, { items: items.map(sessionView), next: next === undefined ? null : cursorOf(next) });
  },
};

export const handler = http(dependencies, doors);
