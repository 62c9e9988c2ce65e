import * as v from 'valibot';
import { type Api, count, instant, ip, listOf, pageParameters, word } from '../../shared/api/operation.ts';
import { origins } from '../../shared/identity/observation.ts';

const text = v.nullable(v.string());

const session = v.strictObject({
  sessionId: v.string(),
  credentialId: v.pipe(v.string(), v.description('Whose id it is: ids are unique per credential.')),
  ip: v.string(),
  state: word(['open', 'closed']),
  user: text,
  domain: text,
  source: v.pipe(v.nullable(word(origins)), v.description('Whose word the user was.')),
  managed: v.pipe(v.boolean(), v.description('Sessions of an entry beyond 2,048 are not managed, and have no user.')),
  openedAt: instant,
  heardAt: v.pipe(instant, v.description('When a decision last named it.')),
  closedAt: v.nullable(instant),
  reason: v.pipe(text, v.description('Why it is closed: a word of ours, or what its enforcement point said.')),
  bytesIn: v.nullable(count),
  bytesOut: v.nullable(count),
});

export const api: Api<'find-sessions'> = {
  'GET /v1/sessions': {
    summary: 'The sessions of an address: the open ones, and those that ended in the last day',
    description: 'An enforcement point sees its own; operators and auditors see those of all credentials.',
    query: { ip: { ...ip, needed: 'required' }, ...pageParameters },
    answers: { 200: { says: 'A page of sessions, the open ones first.', schema: listOf(session) } },
    errors: ['filter-missing', 'address-invalid'],
  },
};
