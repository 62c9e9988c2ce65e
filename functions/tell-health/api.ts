import * as v from 'valibot';
import { type Api, count, instant, word } from '../../shared/api/operation.ts';
import { roles } from '../../shared/contract.ts';

const credential = v.strictObject({ id: v.string(), name: v.string() });
const named = (says: string) => v.pipe(v.array(credential), v.description(says));

const sender = v.strictObject({
  credential,
  concerns: v.array(word(['deaf', 'silent', 'clock-off'])),
  advice: v.array(v.string()),
  clientAddress: v.string(),
  source: v.nullable(v.string()),
  sent: count,
  refused: count,
  lastSent: instant,
  lastAccepted: v.nullable(instant),
  lastRefused: v.nullable(v.strictObject({ time: instant, code: v.string() })),
  refusedInARow: v.nullable(v.strictObject({ count, since: instant, firstCode: v.string() })),
  usualGapSeconds: v.nullable(count),
  silentForSeconds: count,
  clockSkew: v.strictObject({ lastMs: v.nullable(v.number()), typicalMs: v.nullable(v.number()) }),
});

const senders = v.strictObject({
  deaf: named('All that they send is refused, and they do not notice.'),
  silent: named('They have sent nothing for three times their usual gap.'),
  clockOff: named('Their clocks are more than a minute off.'),
  items: v.array(sender),
});

export const api: Api<'tell-health'> = {
  'GET /v1/health': {
    summary: 'Whether Postern answers, and as whom it knows the caller',
    query: {},
    answers: {
      200: {
        says: 'It does.',
        schema: v.strictObject({
          status: word(['ok']),
          time: instant,
          tenant: v.string(),
          role: word(roles),
          credential: v.string(),
          clientAddress: v.string(),
          configurationVersion: v.string(),
          senders: v.exactOptional(
            v.pipe(senders, v.description('How it is with those who post; for operators and auditors.')),
          ),
        }),
      },
    },
    errors: [],
  },
};
