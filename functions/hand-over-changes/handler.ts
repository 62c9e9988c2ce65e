/** GET /v1/radius/changes, POST /v1/radius/changes/{id}/result: the site's RADIUS server tells switches in our name. */
import { http, type HttpRequest, json, readJson } from '../../shared/edge/http.ts';
import { readQuery } from '../../shared/edge/query.ts';
import { answerChange } from '../../shared/endpoints/answer-change.ts';
import { answeredBySwitch } from '../../shared/endpoints/change-debugging.ts';
import { answeredView, handedView, readResult, readWait } from '../../shared/endpoints/change-view.ts';
import { handOverChanges, type HandOverChanges } from '../../shared/endpoints/hand-over-changes.ts';
import { dependencies } from './dependencies.ts';

export const doors = {
  'GET /v1/radius/changes': async (deps: HandOverChanges, request: HttpRequest) => {
    const { wait } = readQuery(request, ['wait']);
    const handed = await handOverChanges(deps, request.tenant, readWait(wait));
    return json(200, { items: handed.map(handedView), next: null });
  },

  'POST /v1/radius/changes/{id}/result': async (deps: HandOverChanges, request: HttpRequest) => {
    readQuery(request, []);
    const answer = readResult(readJson(request));
    const change = await answerChange(deps, request.tenant, request.parameters.id ?? '', answer);
    await deps.debug.say(request.tenant, () => answeredBySwitch(change, answer));
    return json(200, answeredView(change));
  },
};

export const handler = http(dependencies, doors);
