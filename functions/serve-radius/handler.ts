/** POST /v1/radius/...: the FreeRADIUS of a site asks who may in where, and tells of sessions. */
import { type Answer, http, type HttpRequest } from '../../shared/edge/http.ts';
import { account, type Accounting } from '../../shared/radius/accounting.ts';
import { authorize, type Authorize } from '../../shared/radius/authorize.ts';
import { postAuth, type PostAuth } from '../../shared/radius/post-auth.ts';
import { accountedAnswer, verdictAnswer } from './answers.ts';
import { packetIn } from './body.ts';
import { dependencies } from './dependencies.ts';

export const doors = {
  'POST /v1/radius/authorize': async (deps: Authorize, request: HttpRequest): Promise<Answer> =>
    verdictAnswer(await authorize(deps, request.tenant, packetIn(request))),

  'POST /v1/radius/post-auth': async (deps: PostAuth, request: HttpRequest): Promise<Answer> =>
    verdictAnswer(await postAuth(deps, request.tenant, packetIn(request))),

  'POST /v1/radius/accounting': async (deps: Accounting, request: HttpRequest): Promise<Answer> =>
    accountedAnswer(await account(deps, request, packetIn(request))),
};

export const handler = http(dependencies, doors);
