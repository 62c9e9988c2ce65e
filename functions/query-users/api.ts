import * as v from 'valibot';
import { type Api, count, instant, word } from '../../shared/api/operation.ts';
import { ask } from './answers.ts';

const server = v.strictObject({
  name: v.string(),
  server: v.pipe(v.string(), v.description('Host and port.')),
  state: word(['online', 'offline']),
  connectionsInUse: count,
  queries: count,
  responses: count,
  errors: count,
  lastResponseMs: v.nullable(v.number()),
  lastResponseAt: v.nullable(instant),
  lastReason: v.nullable(v.string()),
  tokenExpiresAt: v.nullable(instant),
});

const batch = v.strictObject({
  lastRunAt: v.nullable(instant),
  nextAt: v.nullable(instant),
  cookie: word(['present', 'absent']),
  lagSeconds: v.nullable(v.pipe(v.number(), v.description('How old what we know may be; null before all is known.'))),
  error: v.nullable(v.pipe(v.string(), v.description('Why the last run got no batch.'))),
  batches: count,
  records: count,
  changed: count,
  filtered: count,
  preserved: count,
  refused: count,
});

export const api: Api<'query-users'> = {
  'POST /v1/queries': {
    summary: 'Ask about an address now, also where it is known that nobody is there',
    query: {},
    body: { says: 'The address.', schema: ask, needed: 'required', example: { ip: '192.0.2.20' } },
    answers: {
      202: {
        says: '`known`: somebody is there, or the address is being asked about already.',
        schema: v.strictObject({
          ip: v.string(),
          outcome: word(['asked', 'known']),
          state: word(['valid', 'ended', 'init', 'pending', 'invalid', 'none']),
          user: v.nullable(v.string()),
        }),
        example: { ip: '192.0.2.20', outcome: 'asked', state: 'init', user: null },
      },
    },
    errors: ['body-invalid', 'address-invalid', 'query-disabled', 'too-many-queries'],
  },
  'GET /v1/queries/status': {
    summary: 'How the asking goes',
    query: {},
    answers: {
      200: {
        says: "The servers that are asked, as this tenant's questions found them.",
        schema: v.strictObject({
          enabled: v.boolean(),
          openQuestions: count,
          servers: v.array(server),
          identityManagement: v.strictObject({
            enabled: v.boolean(),
            ipQuery: v.boolean(),
            servers: v.array(server),
            batch,
          }),
        }),
      },
    },
    errors: [],
  },
};
