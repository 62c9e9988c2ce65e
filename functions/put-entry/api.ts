import * as v from 'valibot';
import { authenticationView } from '../../shared/api/entries.ts';
import { type Api, ip, remark } from '../../shared/api/operation.ts';
import { word } from './body.ts';

export const api: Api<'put-entry'> = {
  'PUT /v1/entries/{ip}': {
    summary: 'A source that does not post tells who is at an address, or that nobody is any more',
    description: 'It is held to the rules of posts: the instant orders it among others of its source.',
    path: { ip },
    query: {},
    body: {
      says: 'A logon; with `"operation": "logoff"` a logoff.',
      schema: word,
      needed: 'required',
      example: { source: 'local', user: 'alice', domain: 'acme', groups: ['staff'] },
    },
    answers: {
      200: {
        says: 'What became of it, and who is known at the address by this source now.',
        schema: v.strictObject({
          outcome: v.string(),
          entry: v.nullable(v.strictObject(authenticationView)),
          remarks: v.array(remark),
        }),
      },
    },
    errors: ['address-invalid', 'body-invalid', 'source-disabled', 'address-excluded'],
  },
};
