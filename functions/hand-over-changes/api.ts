import * as v from 'valibot';
import { type Api, count, instant, listOf, word } from '../../shared/api/operation.ts';
import { changeResult, longestWait } from '../../shared/endpoints/change-view.ts';

const handed = v.strictObject({
  id: v.string(),
  mac: v.string(),
  client: v.pipe(v.string(), v.description('Name of the RADIUS client that the switch is.')),
  server: v.strictObject({ address: v.string(), port: count }),
  kind: v.pipe(word(['disconnect', 'coa']), v.description('A Disconnect-Request or a CoA-Request.')),
  attributes: v.array(
    v.strictObject({
      name: v.pipe(v.string(), v.description('As RADIUS dictionaries call it.')),
      value: v.string(),
    }),
  ),
  attempt: count,
  answerBy: v.pipe(instant, v.description('Without an answer it is handed over again after this.')),
});

export const api: Api<'hand-over-changes'> = {
  'GET /v1/radius/changes': {
    summary: 'What switches have to be told',
    description:
      'Changes of authorization that are due, each for 30 seconds: send it to its server, and tell the answer. Of an ' +
      'endpoint one at a time, and only the newest wanted state. Answers as soon as there is one, at most ten at once.',
    query: {
      wait: {
        says: 'How many seconds to wait where there is none; none unless told.',
        schema: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(longestWait)),
        example: '20',
      },
    },
    answers: {
      200: {
        says: 'Changes to send now, or none. `next` is always null: what is left comes with the next call.',
        schema: listOf(handed),
        example: {
          items: [
            {
              id: '00112233cafe-5f1c0a9e-4d1b-4c0e-9c53-7a1d2f3b4c5d',
              mac: '00:11:22:33:ca:fe',
              client: 'access-1',
              server: { address: '192.0.2.10', port: 3799 },
              kind: 'disconnect',
              attributes: [
                { name: 'Calling-Station-Id', value: '00-11-22-33-CA-FE' },
                { name: 'NAS-IP-Address', value: '192.0.2.10' },
                { name: 'Acct-Session-Id', value: '8O2.1x81bb0a3c' },
                { name: 'Event-Timestamp', value: '1700000000' },
              ],
              attempt: 1,
              answerBy: '2023-11-14T22:13:50.000Z',
            },
          ],
          next: null,
        },
      },
    },
    errors: ['changes-sent-directly'],
  },
  'POST /v1/radius/changes/{id}/result': {
    summary: 'What a switch said to a change',
    description:
      'A NAK with Error-Cause 503 says that the session is gone there. Any other, and silence, is handed over again, ' +
      'ever later. A second answer to the same attempt changes nothing.',
    path: {
      id: {
        says: 'The `id` that was handed over.',
        schema: v.string(),
        example: '00112233cafe-5f1c0a9e-4d1b-4c0e-9c53-7a1d2f3b4c5d',
      },
    },
    query: {},
    body: {
      says: 'The answer.',
      schema: changeResult,
      needed: 'required',
      example: { result: 'nak', errorCause: 503, roundTripMs: 12 },
    },
    answers: {
      200: {
        says: 'The change as it is now.',
        schema: v.strictObject({
          state: word(['pending', 'sent', 'acknowledged', 'refused', 'timed-out', 'superseded', 'session-over']),
          attempts: count,
          nextAt: v.pipe(v.nullable(instant), v.description('When it is handed over again.')),
        }),
      },
    },
    errors: ['body-invalid', 'change-absent'],
  },
};
