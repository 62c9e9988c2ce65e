/** POST /v1/queries, GET /v1/queries/status: ask ClearPass about an address now, and see how the asking goes. */
import { http, type HttpRequest, json, readJson } from '../../shared/edge/http.ts';
import { onceByKey } from '../../shared/edge/once.ts';
import { readQuery } from '../../shared/edge/query.ts';
import { ipAddress } from '../../shared/identity/address.ts';
import { askNow, queryStatus, type QueryUsers } from '../../shared/user-query/query-users.ts';
import { askedView, readAsk, statusView } from './answers.ts';
import { dependencies } from './dependencies.ts';

export const doors = {
  'POST /v1/queries': async (deps: QueryUsers, request: HttpRequest) => {
    readQuery(request, []);
    const ip = ipAddress(readAsk(readJson(request)).ip);
    return json(202, askedView(ip, await askNow(deps, request.tenant, ip)));
  },

  'GET /v1/queries/status': async (deps: QueryUsers, request: HttpRequest) => {
    readQuery(request, []);
    return json(200, statusView(await queryStatus(deps, request.tenant)));
  },
};

export const handler = http(dependencies, doors, onceByKey);
