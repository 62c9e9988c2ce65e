import * as v from 'valibot';
import { type Api, instant, word } from '../../shared/api/operation.ts';
import { roles } from '../../shared/contract.ts';

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
        }),
      },
    },
    errors: [],
  },
};
