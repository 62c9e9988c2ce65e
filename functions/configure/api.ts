import { type Answered, type Api, ifMatch } from '../../shared/api/operation.ts';
import { configurationSchema } from '../../shared/configuration/configuration-schema.ts';

/** What is shown can be sent back as it is, so the schema of what is sent holds it, too. */
const shown: Answered = {
  says: 'The configuration, complete; of each secret only whether there is one.',
  schema: configurationSchema,
  headers: ['ETag'],
};

export const api: Api<'configure'> = {
  'GET /v1/configuration': {
    summary: 'What is set',
    query: {},
    answers: { 200: shown },
    errors: [],
  },
  'PUT /v1/configuration': {
    summary: 'Replace all that is set',
    description: 'What is left out takes its default; a client secret that is left out stays as it is.',
    query: {},
    headers: { 'If-Match': ifMatch },
    body: {
      says: 'The whole configuration, at most 4 MB.',
      schema: configurationSchema,
      needed: 'required',
      example: { clearpass: { entryTimeout: 60 }, defaultPolicy: 'deny' },
    },
    answers: { 200: shown },
    errors: ['configuration-invalid'],
  },
};
