/** POST /api/userfw/v1/post-entry: ClearPass tells who came and who left, in XML. */
import { http, type HttpRequest } from '../../shared/edge/http.ts';
import { type PostEntries, postEntries, recordRefusal } from '../../shared/identity/post-entries.ts';
import { postTook } from '../../shared/journal/measure.ts';
import type { ServiceError } from '../../shared/service-error.ts';
import { problem, resultAnswer } from './answer.ts';
import { dependencies } from './dependencies.ts';

export async function answer(deps: PostEntries, request: HttpRequest) {
  return resultAnswer(await postEntries(deps, request), request);
}

/** Whoever refused a post, be it the role table, leaves a receipt: most clients never read the answer. */
export async function refused(deps: PostEntries, request: HttpRequest, error: ServiceError) {
  await recordRefusal(deps, request, error);
}

export const handler = http(
  dependencies,
  { 'POST /api/userfw/v1/post-entry': answer },
  { refused, problem, timed: postTook },
);
