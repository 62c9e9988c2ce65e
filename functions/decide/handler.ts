/** POST /v1/decisions: an enforcement point asks what to do with flows. */
import { decideFlows, type DecideFlows } from '../../shared/decisions/decide-flows.ts';
import { readQuestion } from '../../shared/decisions/flow.ts';
import { http, type HttpRequest, json, readJson } from '../../shared/edge/http.ts';
import { readQuery } from '../../shared/edge/query.ts';
import { decisionTook } from '../../shared/journal/measure.ts';
import { dependencies } from './dependencies.ts';

export const doors = {
  'POST /v1/decisions': async (deps: DecideFlows, request: HttpRequest) => {
    readQuery(request, []);
    const question = readQuestion(readJson(request));
    return json(200, { decisions: await decideFlows(deps, request, question) });
  },
};

export const handler = http(dependencies, doors, { timed: decisionTook });
