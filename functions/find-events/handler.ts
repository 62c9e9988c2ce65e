/** The logs and reports of threat response: what came, who logged in, which hosts are held, and the debug log. */
import { http, type HttpRequest, json, readJson } from '../../shared/edge/http.ts';
import { readQuery } from '../../shared/edge/query.ts';
import { reportAnswer } from '../../shared/edge/report.ts';
import { readDocument } from '../../shared/json-schema.ts';
import { debugTime } from './body.ts';
import { dependencies } from './dependencies.ts';
import {
  accessFilter,
  accessNames,
  debugFilter,
  debugNames,
  eventFilter,
  eventNames,
  hostFilter,
  hostNames,
  pageNames,
} from './query.ts';
import { accessReport, debugReport, eventReport, hostReport, type Reports, switchView } from './reports.ts';

const minuteMs = 60_000;

export const doors = {
  'GET /v1/events': async (deps: Reports, request: HttpRequest) => {
    const { limit, cursor, format, ...asked } = readQuery(request, [...eventNames, ...pageNames]);
    return reportAnswer(request, { limit, cursor, format }, eventReport(deps, request.tenant, eventFilter(asked)));
  },

  'GET /v1/user-access': async (deps: Reports, request: HttpRequest) => {
    const { limit, cursor, format, ...asked } = readQuery(request, [...accessNames, ...pageNames]);
    return reportAnswer(request, { limit, cursor, format }, accessReport(deps, request.tenant, accessFilter(asked)));
  },

  'GET /v1/infected-hosts': async (deps: Reports, request: HttpRequest) => {
    const { limit, cursor, format, ...asked } = readQuery(request, [...hostNames, ...pageNames]);
    return reportAnswer(request, { limit, cursor, format }, hostReport(deps, request.tenant, hostFilter(asked)));
  },

  'GET /v1/debug-log': async (deps: Reports, request: HttpRequest) => {
    const { limit, cursor, format, ...asked } = readQuery(request, [...debugNames, ...pageNames]);
    const filter = debugFilter(asked);
    const until = await deps.debugSwitch.until(request.tenant);
    return reportAnswer(request, { limit, cursor, format }, debugReport(deps, request.tenant, filter, until));
  },

  'PUT /v1/debug-log': async (deps: Reports, request: HttpRequest) => {
    readQuery(request, []);
    const { minutes } = readDocument(debugTime, readJson(request), 'body-invalid');
    const until = deps.now() + minutes * minuteMs;
    await deps.debugSwitch.set(request.tenant, until);
    return json(200, switchView(until, deps.now()));
  },
};

export const handler = http(dependencies, doors);
