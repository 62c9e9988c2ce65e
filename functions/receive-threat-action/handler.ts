/** POST /api/v1/admission-control/events and /syslog: threat actions come in, as JSON or as lines of syslog. */
import { recordRefusal } from '../../shared/admission/event-lines.ts';
import type { Admission } from '../../shared/admission/admission.ts';
import { receiveEvent, receiveLines, type ReceiveThreatActions } from '../../shared/admission/receive.ts';
import { http, type HttpRequest } from '../../shared/edge/http.ts';
import { problemPulse } from '../../shared/edge/pulse.ts';
import { readQuery } from '../../shared/edge/query.ts';
import type { ServiceError } from '../../shared/service-error.ts';
import { eventAnswer, linesAnswer } from './answer.ts';
import { dependencies } from './dependencies.ts';

export const doors = {
  'POST /api/v1/admission-control/events': async (deps: ReceiveThreatActions, request: HttpRequest) => {
    readQuery(request, []);
    return eventAnswer(await receiveEvent(deps, request.tenant, request, request.body));
  },

  'POST /api/v1/admission-control/syslog': async (deps: ReceiveThreatActions, request: HttpRequest) => {
    readQuery(request, []);
    return linesAnswer(await receiveLines(deps, request.tenant, request, request.body));
  },
};

/** Every event that came has its line, whoever refused it. */
export async function refused(deps: Admission, request: HttpRequest, error: ServiceError) {
  await recordRefusal(deps, request.tenant, request, error);
}

export const handler = http(dependencies, doors, { refused, problem: problemPulse });
