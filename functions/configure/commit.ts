/** PUT /v1/configuration: a document that is to hold, or with `check=only` one of which is asked what it would do. */
import { replaceConfiguration } from '../../shared/configuration/change-configuration.ts';
import { checkConfiguration } from '../../shared/configuration/check-configuration.ts';
import { readCommit, readConfigurationBody } from '../../shared/edge/change.ts';
import { type Answer, type HttpRequest, json } from '../../shared/edge/http.ts';
import { answerOf } from './answers.ts';
import type { Dependencies } from './dependencies.ts';

export async function commit(deps: Dependencies, request: HttpRequest): Promise<Answer> {
  const { asked, change, untilAt } = readCommit(request);
  const document = readConfigurationBody(request);
  return asked === 'commit'
    ? answerOf(await replaceConfiguration(deps, request.tenant, { document, ...change }))
    : json(200, await checkConfiguration(deps, request.tenant, { documentOver: () => document, ...change, untilAt }));
}
