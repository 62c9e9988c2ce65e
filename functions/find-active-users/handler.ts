/** GET /api/v1/system/active-users: who is logged in, as a Pulse Policy Secure tells it. */
import { http, type HttpRequest, json } from '../../shared/edge/http.ts';
import { pulseEntrance } from '../../shared/edge/pulse.ts';
import { readQuery } from '../../shared/edge/query.ts';
import { type FindActiveUsers, findActiveUsers } from '../../shared/endpoints/active-users.ts';
import { activeUsersAnswer } from '../../shared/wire/pulse/active-users.ts';
import { dependencies } from './dependencies.ts';
import { searchIn } from './query.ts';

/** So much of the time is left for writing the answer. */
const answerMs = 3_000;

export const doors = {
  'GET /api/v1/system/active-users': async (deps: FindActiveUsers, request: HttpRequest) => {
    const search = searchIn(readQuery(request, ['name', 'number', 'start']));
    const untilAt = request.deadlineAt - answerMs;
    const { users, matched } = await findActiveUsers(deps, request.tenant, { ...search, untilAt });
    return json(200, activeUsersAnswer(users, matched));
  },
};

export const handler = http(dependencies, doors, pulseEntrance);
