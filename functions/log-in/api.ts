import * as v from 'valibot';
import type { Answered, Api } from '../../shared/api/operation.ts';
import { login } from './body.ts';

const key: Answered = {
  says: 'An API key: the user of later calls, with an empty password, for twelve hours.',
  schema: v.strictObject({ api_key: v.pipe(v.string(), v.regex(/^[A-Za-z0-9+/]{43}=$/)) }),
};

const description =
  'The vendor’s way to log in: Basic user and password for an API key, which dies with them. Errors of everything under `/api/v1` stand in the vendor’s envelope: `{"result":{"warnings":[{"message"}]},"code"}`.';

export const api: Api<'log-in'> = {
  'GET /api/v1/auth': {
    summary: 'Log in as at a Pulse Policy Secure',
    description,
    query: {},
    answers: { 200: key },
    errors: ['rest-access-off', 'password-needed'],
  },
  'POST /api/v1/realm_auth': {
    summary: 'Log in to a realm as at a Pulse Policy Secure',
    description,
    query: {},
    body: { says: 'The realm.', schema: login, needed: 'required', example: { realm: 'Admin Users' } },
    answers: { 200: key },
    errors: ['body-invalid', 'rest-access-off', 'password-needed', 'realm-unknown'],
  },
};
