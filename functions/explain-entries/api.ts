import * as v from 'valibot';
import { authenticationView } from '../../shared/api/entries.ts';
import { type Api, count, instant, ip, pageParameters, word } from '../../shared/api/operation.ts';
import { silence } from '../../shared/api/silence.ts';
import { policyActions } from '../../shared/configuration/configuration.ts';
import { origins } from '../../shared/identity/observation.ts';

const text = v.nullable(v.string());
const entry = v.strictObject(authenticationView);

const hint = v.strictObject({ code: v.string(), message: v.string() });
const told = { at: instant, kind: v.string(), code: v.string(), message: v.string(), user: text, domain: text };
const event = v.strictObject({ ...told, receipt: text });
/** What is remembered of one entry of a post, one answer to a query and the like. */
const line = v.strictObject({ ...told, ip: text, receipt: text, entry: v.nullable(v.unknown()) });

/** What of a logon the limits left out; without a time, of the entry that is there. */
const cap = v.strictObject({
  at: v.nullable(instant),
  code: v.string(),
  message: v.string(),
  groups: v.array(v.string()),
});

const policy = v.strictObject({ policy: v.string(), action: word(policyActions), because: v.array(v.string()) });
const policies = v.strictObject({
  evaluatedAs: v.string(),
  matching: v.array(policy),
  ifKnown: v.pipe(v.array(policy), v.description('Those that would match if it were known who is there.')),
  leftOut: count,
});

const hold = v.strictObject({
  mac: v.string(),
  hold: word(['blocked', 'quarantined']),
  through: v.pipe(
    word(['has-the-address', 'held-through-the-address']),
    v.description('Whether the endpoint has the address, or was held through it and nobody has had it since.'),
  ),
  message: v.string(),
});

const conclusion = {
  code: v.pipe(v.string(), v.description('Stable, as the codes of errors are.')),
  answer: v.pipe(v.string(), v.description('The reason in one sentence.')),
};
const next = v.pipe(text, v.description('The `cursor` of what is older or further on; null at the end.'));

const addressStory = v.strictObject({
  ip: v.string(),
  ...conclusion,
  state: text,
  entry: v.nullable(entry),
  holds: v.pipe(
    v.array(hold),
    v.description('How endpoints that have the address, or were held through it, are held: decisions go by it.'),
  ),
  silence: v.pipe(v.nullable(silence), v.description('The silence that changed what is found.')),
  hints: v.array(hint),
  expiry: v.nullable(
    v.strictObject({
      state: v.string(),
      expiresAt: v.nullable(instant),
      timeoutMinutes: v.nullable(count),
      settingNow: v.nullable(count),
      message: v.string(),
    }),
  ),
  search: v.array(
    v.strictObject({
      slot: v.string(),
      origin: word(origins),
      priority: count,
      result: word(['chosen', 'behind', 'nothing-there', 'not-read']),
      state: text,
      code: v.string(),
      message: v.string(),
    }),
  ),
  filters: v.array(v.strictObject({ setting: v.string(), effect: v.string(), by: text, message: v.string() })),
  caps: v.array(cap),
  asking: v.array(v.strictObject({ who: v.string(), code: v.string(), message: v.string(), server: text })),
  queries: v.array(line),
  policies,
  timeline: v.array(event),
  next,
});

const userStory = v.strictObject({
  user: v.string(),
  domain: text,
  ...conclusion,
  entries: v.array(entry),
  silences: v.pipe(v.array(silence), v.description('The silences that change what is read now.')),
  traces: v.array(
    v.strictObject({
      at: instant,
      code: v.string(),
      ip: v.string(),
      slot: v.string(),
      user: v.string(),
      domain: text,
      message: v.string(),
    }),
  ),
  hints: v.array(hint),
  caps: v.array(cap),
  policies,
  timeline: v.array(event),
  leftOut: v.strictObject({ traces: count, timeline: word(['nothing', 'older']) }),
  complete: v.pipe(v.boolean(), v.description('false: the table was not looked through whole; `next` goes on.')),
  next,
});

export const api: Api<'explain-entries'> = {
  'GET /v1/entries/{ip}/why': {
    summary: 'Why somebody is known at this address, or nobody',
    path: { ip },
    query: pageParameters,
    answers: { 200: { says: 'The reason, and all that it rests on.', schema: addressStory } },
    errors: ['address-invalid'],
  },
  'GET /v1/users/{user}/why': {
    summary: 'Why this user is where he is, or nowhere',
    path: { user: { says: 'The user, in any letters.', schema: v.string(), example: 'alice' } },
    query: {
      domain: { says: 'The domain; any, if it is left out.', schema: v.string(), example: 'acme' },
      ...pageParameters,
    },
    answers: { 200: { says: 'The reason, and all that it rests on.', schema: userStory } },
    errors: [],
  },
};
