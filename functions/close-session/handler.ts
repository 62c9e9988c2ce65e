/** POST /v1/sessions/{id}/close: an enforcement point tells that a session is over. */
import { http, type HttpRequest, json, readJsonIfAny } from '../../shared/edge/http.ts';
import { readQuery } from '../../shared/edge/query.ts';
import { closeSession, type CloseSession } from '../../shared/sessions/close-session.ts';
import { closeRecord, readClosing } from '../../shared/sessions/session-view.ts';
import { dependencies } from './dependencies.ts';

export const doors = {
  'POST /v1/sessions/{id}/close': async (deps: CloseSession, request: HttpRequest) => {
    readQuery(request, []);
    const closing = readClosing(readJsonIfAny(request));
    const key = { credentialId: request.credentialId, id: request.parameters.id ?? '' };
    return json(200, closeRecord(await closeSession(deps, request.tenant, key, closing)));
  },
};

export const handler = http(dependencies, doors);
