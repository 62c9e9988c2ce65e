/** POST /v1/radius/...: the FreeRADIUS of a site asks who may in where, and tells of sessions. */
import { type Answer, http, type HttpRequest } from '../../shared/edge/http.ts';
import { account, type Accounting } from '../../shared/radius/accounting.ts';
import { authorize, type Authorize } from '../../shared/radius/authorize.ts';
import { debugged, type Debugged } from '../../shared/radius/debugging.ts';
import { postAuth, type PostAuth } from '../../shared/radius/post-auth.ts';
import { accountedAnswer, verdictAnswer } from './answers.ts';
import { packetIn } from './body.ts';
import { dependencies } from './dependencies.ts';

export const doors = {
  'POST /v1/radius/authorize': async (deps: Authorize & Debugged, request: HttpRequest): Promise<Answer> =>
    verdictAnswer(
      await debugged(deps, request, packetIn(request), async (packet) => authorize(deps, request.tenant, packet)),
    ),

  'POST /v1/radius/post-auth': async (deps: PostAuth & Debugged, request: HttpRequest): Promise<Answer> =>
    verdictAnswer(await debugged(deps, request, packetIn(request), async (packet) => postAuth(deps, request, packet))),

  'POST /v1/radius/accounting': async (deps: Accounting & Debugged, request: HttpRequest): Promise<Answer> =>
    accountedAnswer(await debugged(deps, request, packetIn(request), async (packet) => account(deps, request, packet))),
};

export const handler = http(dependencies, doors);
