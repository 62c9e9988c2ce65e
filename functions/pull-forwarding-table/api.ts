import * as v from 'valibot';
import { type Api, count, instant, pageParameters, word } from '../../shared/api/operation.ts';
import { liveStates } from '../../shared/identity/entry-filter.ts';

const standing = {
  state: word(liveStates),
  domain: v.nullable(v.string()),
  user: v.nullable(v.string()),
  groups: v.pipe(v.array(v.string()), v.description('The groups that some policy names.')),
  expiresAt: v.pipe(v.nullable(instant), v.description('null: it does not end by time.')),
};

const row = v.strictObject({
  ip: v.string(),
  ...standing,
  then: v.pipe(
    v.array(v.strictObject(standing)),
    v.description('Who stands there next, each when the one before has expired.'),
  ),
});

const closedSession = v.strictObject({
  sessionId: v.string(),
  ip: v.string(),
  user: v.nullable(v.string()),
  domain: v.nullable(v.string()),
  openedAt: instant,
  closedAt: instant,
  bytesIn: v.nullable(count),
  bytesOut: v.nullable(count),
  reason: v.string(),
  toldReason: v.nullable(v.string()),
  managed: v.boolean(),
});

export const api: Api<'pull-forwarding-table'> = {
  'GET /v1/forwarding-table': {
    summary: 'The whole forwarding table, then what changed since the last pull',
    description:
      'Begin without `since`; go on with the `cursor` of the answer before. Rows expire with whoever holds them: no pull tells of it.',
    query: {
      since: { says: '`cursor` of the answer before; nothing for the whole table.', schema: v.string() },
      limit: {
        ...pageParameters.limit,
        says: 'About how many rows are told at once; 1000 unless told. Only `more` says whether there is more.',
        example: '1000',
      },
    },
    answers: {
      200: {
        says: 'Rows that are new or changed, and addresses at which nobody is known now.',
        schema: v.strictObject({
          full: v.pipe(v.boolean(), v.description('Whether to forget all rows first.')),
          reason: v.pipe(v.nullable(v.string()), v.description('Why it is the whole table.')),
          rows: v.array(row),
          removed: v.array(v.string()),
          sessionsClosed: v.pipe(
            v.array(closedSession),
            v.description('Sessions of the credential at these addresses that are over and that it has not closed.'),
          ),
          cursor: v.string(),
          more: v.pipe(v.boolean(), v.description('Whether there is more to be had at once.')),
        }),
      },
    },
    errors: ['cursor-invalid'],
  },
};
