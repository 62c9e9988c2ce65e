/** Changes of authorization as they are handed over, and what comes back of them. */
import * as v from 'valibot';
import { closed, oneOf, readDocument, say, text, whole } from '../json-schema.ts';
import { ServiceError } from '../service-error.ts';
import { changeName } from './answer-change.ts';
import type { Change } from './endpoint.ts';
import type { ChangeAnswer } from './events.ts';
import type { TakenChange } from './take-change.ts';

const iso = (at: number) => new Date(at).toISOString();

/** Names and values are those of RADIUS dictionaries, in the order in which they are to be sent. */
export const handedView = ({ mac, change, client, server, request }: TakenChange) => ({
  id: changeName(mac, change),
  mac,
  client: client.name,
  server,
  kind: request.kind,
  attributes: request.attributes.map(({ name, value }) => ({ name, value })),
  attempt: change.attempts,
  answerBy: iso(change.nextAt),
});

export const answeredView = (change: Change) => ({
  state: change.state,
  attempts: change.attempts,
  /** When it is handed over again. */
  nextAt: change.state === 'refused' || change.state === 'timed-out' ? iso(change.nextAt) : null,
});

const untold = <Schema extends v.GenericSchema>(schema: Schema) => v.optional(v.nullable(schema), null);

const mostCause = 0xff_ff_ff_ff;
const mostRoundTripMs = 600_000;

export const changeResult = v.pipe(
  closed({
    result: oneOf(['ack', 'nak', 'timeout']),
    errorCause: untold(whole(0, mostCause)),
    roundTripMs: untold(whole(0, mostRoundTripMs)),
    /** Why it could not be sent. */
    detail: untold(text(1, 200)),
  }),
  v.check(
    ({ result, errorCause }) => errorCause === null || result === 'nak',
    say('one-of', 'Only "nak" has an "errorCause". Leave it out, or say "nak".'),
  ),
  v.check(
    ({ result, roundTripMs }) => roundTripMs === null || result !== 'timeout',
    say('one-of', 'What was not answered has no "roundTripMs". Leave it out, or say what was answered.'),
  ),
);

/** Throws `body-invalid`. */
export const readResult = (document: unknown): ChangeAnswer => readDocument(changeResult, document, 'body-invalid');

/** The longest wait in seconds: API Gateway gives up after 29. */
export const longestWait = 20;

/** Seconds as milliseconds; none unless told. Throws `parameter-invalid`. */
export function readWait(text = '0'): number {
  if (!/^\d{1,2}$/.test(text) || Number(text) > longestWait) {
    throw new ServiceError('parameter-invalid', `"wait" is a whole number of seconds from 0 to ${longestWait}.`);
  }
  return Number(text) * 1_000;
}
