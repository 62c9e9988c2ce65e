import * as v from 'valibot';
import { type Api, count, instant } from '../../shared/api/operation.ts';
import { closing } from '../../shared/sessions/session-view.ts';

const text = v.nullable(v.string());

export const api: Api<'close-session'> = {
  'POST /v1/sessions/{id}/close': {
    summary: 'A session is over',
    description:
      'What ended a session first says when and why. The same close again answers the same record, for a day.',
    path: {
      id: {
        says: 'The id that a decision of this credential named, percent-encoded.',
        schema: v.string(),
        example: '4711',
      },
    },
    query: {},
    body: {
      says: 'What went through the session, and why it is over; all of it may be left out.',
      schema: closing,
      needed: 'optional',
      example: { bytesIn: 1200, bytesOut: 34, reason: 'tcp-fin' },
    },
    answers: {
      200: {
        says: 'The close record.',
        schema: v.strictObject({
          sessionId: v.string(),
          ip: v.string(),
          user: text,
          domain: text,
          openedAt: instant,
          closedAt: instant,
          bytesIn: v.nullable(count),
          bytesOut: v.nullable(count),
          reason: v.string(),
          toldReason: text,
          managed: v.boolean(),
        }),
      },
    },
    errors: ['body-invalid', 'session-absent'],
  },
};
