import * as v from 'valibot';
import type { Api } from '../../shared/api/operation.ts';

export const api: Api<'describe-api'> = {
  'GET /openapi.json': {
    summary: 'This document',
    query: {},
    headers: {
      'If-None-Match': { says: 'The `ETag` of the document that the caller has.', schema: v.string() },
    },
    answers: {
      200: { says: 'OpenAPI 3.1.', schema: v.looseObject({ openapi: v.literal('3.1.0') }), headers: ['ETag'] },
      304: { says: 'The caller has it.', headers: ['ETag'] },
    },
    errors: [],
  },
};
