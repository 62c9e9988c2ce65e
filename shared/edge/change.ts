/** How requests that change a configuration come in: who changes what, over which version, and why. */
import { type Change, maxConfigurationBytes } from '../configuration/change-configuration.ts';
import { longestMessage } from '../configuration/versions.ts';
import { ServiceError } from '../service-error.ts';
import { readIfMatch } from './etag.ts';
import { type HttpRequest, readJson } from './http.ts';
import { readQuery } from './query.ts';

/** So much of the time is left for checking a document and writing the answer. */
const answerMs = 5_000;

/** `check=only`, or that it is to hold. Throws `parameter-invalid`. */
export function readCommit(request: HttpRequest) {
  const { check, message } = readQuery(request, ['check', 'message']);
  if (check !== undefined && check !== 'only') {
    throw new ServiceError('parameter-invalid', '"check" is "only", or it is left out.');
  }
  const change = readChange(request, message);
  return { asked: check ?? 'commit', change, untilAt: request.deadlineAt - answerMs } as const;
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

/** The document of a PUT. Throws `body-too-large` before anything of it is read, and `json-invalid`. */
export function readConfigurationBody(request: HttpRequest): unknown {
  const { length } = request.body;
  if (length <= maxConfigurationBytes) return readJson(request);
  throw new ServiceError(
    'body-too-large',
    `The configuration has ${length} bytes; ${maxConfigurationBytes} (4 MB) are taken. Leave out what its defaults say, or name prefixes instead of single addresses.`,
  );
}
