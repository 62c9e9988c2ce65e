/** PUT /v1/configuration: a document that is to hold, or with `check=only` one of which is asked what it would do. */
import { checkConfiguration } from '../../shared/configuration/check-configuration.ts';
import { type Change, replaceConfiguration } from '../../shared/configuration/change-configuration.ts';
import { longestMessage } from '../../shared/configuration/versions.ts';
import { readIfMatch } from '../../shared/edge/etag.ts';
import { type Answer, type HttpRequest, json } from '../../shared/edge/http.ts';
import { readQuery } from '../../shared/edge/query.ts';
import { ServiceError } from '../../shared/service-error.ts';
import { answerOf } from './answers.ts';
import { readConfigurationBody } from './body.ts';
import type { Dependencies } from './dependencies.ts';

/** So much of the time is left for checking the document and writing the answer. */
const answerMs = 5_000;

export async function commit(deps: Dependencies, request: HttpRequest): Promise<Answer> {
  const { check, message } = readQuery(request, ['check', 'message']);
  const change = readChange(request, message);
  if (check === undefined) {
    const document = readConfigurationBody(request);
    return answerOf(await replaceConfiguration(deps, request.tenant, { document, ...change }));
  }
  if (check !== 'only') throw new ServiceError('parameter-invalid', '"check" is "only", or it is left out.');
  const document = readConfigurationBody(request);
  const untilAt = request.deadlineAt - answerMs;
  return json(200, await checkConfiguration(deps, request.tenant, { document, ...change, untilAt }));
}

/** Who changes what, and why. Throws `parameter-invalid`. */
export function readChange(request: HttpRequest, message: string | undefined): Change {
  if (message !== undefined && (message.length > longestMessage || /\p{Cc}|\p{Cs}/u.test(message))) {
    throw new ServiceError(
      'parameter-invalid',
      `"message" is at most ${longestMessage} characters on one line, without control characters.`,
    );
  }
  const onlyOver = readIfMatch(request);
  return {
    author: { id: request.credentialId, name: request.credentialName },
    ...(onlyOver && { onlyOver }),
    ...(message !== undefined && message !== '' && { message }),
  };
}
