/** `Idempotency-Key`: a request that acts may be repeated where its answer was lost, and acts once. */
import { type AttemptStore, once } from '../idempotency/once.ts';
import { ServiceError } from '../service-error.ts';
import { digestOf } from '../tenancy/secret.ts';
import { type Answer, type HttpRequest, problemJson } from './http.ts';
import { logger } from './log.ts';
import { problemOf } from './problems.ts';

/** A function is ended at its deadline, but its clock and another's may differ by as much. */
const graceMs = 5_000;

export interface ActsOnce {
  readonly attempts: AttemptStore;
}

/** For the entrance of a function whose routes act: held to every route of it but reads. */
export const onceByKey = {
  around: async ({ attempts }: ActsOnce, request: HttpRequest, act: () => Promise<Answer>): Promise<Answer> => {
    const key = request.headers.get('idempotency-key');
    if (key === undefined || request.route.startsWith('GET ')) return act();
    if (!/^[\x21-\x7e]{1,255}$/.test(key)) {
      throw new ServiceError(
        'idempotency-key-invalid',
        'An Idempotency-Key is 1 to 255 visible characters of ASCII, without blanks. A random UUID is a good one.',
      );
    }
    const { tenant, credentialId, requestId } = request;
    const { answer, replayed } = await once(
      {
        attempts,
        now: () => request.receivedAt,
        unkept: (error) => logger.error('answer-not-kept', { error: error as Error }),
      },
      {
        place: { tenant, credentialId, key },
        fingerprint: fingerprintOf(request),
        untilAt: request.deadlineAt + graceMs,
      },
      async () => act().catch(refusalOf(requestId)),
    );
    return replayed === 'no' ? answer : { ...answer, headers: { ...answer.headers, 'Idempotency-Replayed': 'true' } };
  },
};

/** The id of an act whose repeat with the same key is the same act, and goes on where the first one ended. */
export function actId(word: string, { headers, credentialId, requestId, body }: HttpRequest): string {
  const key = headers.get('idempotency-key');
  if (key === undefined) return `${word}-${requestId}`;
  return `${word}-${digestOf(JSON.stringify([credentialId, key, digestOf(body.toString('base64'))])).slice(0, 32)}`;
}

/** A refusal is an answer like any other: what it found may be otherwise when the request comes again. */
const refusalOf = (requestId: string) => (error: unknown) => {
  const problem = error instanceof ServiceError ? problemOf(error, requestId) : undefined;
  if (problem === undefined || problem.status >= 500) throw error;
  return problemJson(problem);
};

/** All that a request asks for, as it was sent. */
function fingerprintOf({ route, parameters, query, headers, body }: HttpRequest): string {
  const asked = [
    route,
    parameters,
    [...query].sort(),
    headers.get('if-match') ?? null,
    digestOf(body.toString('base64')),
  ];
  return digestOf(JSON.stringify(asked));
}
