/** POST /v1/threat-logs and GET /v1/threat-logs/status: firewalls' logs come in, and what became of them. */
import { http, type HttpRequest, json } from '../../shared/edge/http.ts';
import { inflatedBody } from '../../shared/edge/inflated.ts';
import { actId, onceByKey } from '../../shared/edge/once.ts';
import { readQuery } from '../../shared/edge/query.ts';
import { logStatus } from '../../shared/threat-logs/log-status.ts';
import { receiveLogs } from '../../shared/threat-logs/receive-logs.ts';
import { statusAnswer } from './answer.ts';
import { type Dependencies, dependencies } from './dependencies.ts';
import { hoursIn } from './query.ts';

export const doors = {
  'POST /v1/threat-logs': async (deps: Dependencies, request: HttpRequest) => {
    readQuery(request, []);
    const arrival = { ...request, actId: actId('logs', request) };
    return json(200, await receiveLogs(deps, request.tenant, arrival, inflatedBody(request)));
  },

  'GET /v1/threat-logs/status': async (deps: Dependencies, request: HttpRequest) => {
    const { hours } = readQuery(request, ['hours']);
    const now = deps.now();
    const since = hoursIn(hours, now);
    const { tenant } = request;
    const [settings, counted, { failure }] = await Promise.all([deps.settingsOf(tenant), deps.counts.since(tenant, since), deps.pace.read(tenant)]); // prettier-ignore
    return statusAnswer(settings, since, logStatus(counted, now), failure);
  },
};

export const handler = http(dependencies, doors, onceByKey);
