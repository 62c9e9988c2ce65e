/** Entries as our API describes them: what is shown of one, and how those are named that are meant. */
import * as v from 'valibot';
import { filterNames, liveStates } from '../identity/entry-filter.ts';
import { origins } from '../identity/observation.ts';
import { count, instant, ip, type Parameter, word } from './operation.ts';
import { silence } from './silence.ts';

const text = v.nullable(v.string());
const at = v.nullable(instant);

const device = v.strictObject({
  identity: v.exactOptional(v.string()),
  groups: v.exactOptional(v.array(v.string())),
  category: v.exactOptional(v.string()),
  vendor: v.exactOptional(v.string()),
  model: v.exactOptional(v.string()),
  os: v.exactOptional(v.string()),
  osVersion: v.exactOptional(v.string()),
  custom: v.exactOptional(v.record(v.string(), v.string())),
});

const touching = v.pipe(
  v.nullable(silence),
  v.description('The silence of its source, where that changes how it is read.'),
);

/** The members of an entry in the view `authentication`. */
export const authenticationView = {
  ip: v.string(),
  state: word(liveStates),
  domain: text,
  user: text,
  groups: v.array(v.string()),
  referencedGroups: v.pipe(v.array(v.string()), v.description('The groups that some policy names.')),
  droppedGroupsNamedByPolicy: v.pipe(
    v.array(v.string()),
    v.description('Groups that some policy names, and that were beyond the limits: it matches nobody by them.'),
  ),
  posture: text,
  source: v.pipe(text, v.description('What the sender calls itself.')),
  origin: v.pipe(v.nullable(word(origins)), v.description('Whose word it is, as priorities name it.')),
  device,
  instant: v.pipe(at, v.description('When it happened, as its sender told.')),
  firstSeen: at,
  heldSince: v.pipe(at, v.description('Since when this user is here by this origin without a break.')),
  lastUpdated: at,
  timeoutMinutes: v.nullable(count),
  expiresAt: v.pipe(at, v.description('At the latest, where its source is silent. null: it does not end by time.')),
  reason: v.pipe(text, v.description('Why nobody is known, where that was asked.')),
  receipt: v.pipe(text, v.description('The receipt of the post that it is from.')),
  silence: touching,
};

/** Those in the view `forwarding`. */
export const forwardingView = {
  ip: v.string(),
  state: word(liveStates),
  domain: text,
  user: text,
  groups: v.pipe(v.array(v.string()), v.description('The groups that some policy names.')),
  silence: touching,
};

/** An entry in either view, with more members in front if there are any. */
export const entryWith = <const More extends v.ObjectEntries>(more: More) =>
  v.union([v.strictObject({ ...more, ...authenticationView }), v.strictObject({ ...more, ...forwardingView })]);

/** Texts are compared without regard to case. */
export const filterParameters = {
  ip,
  user: { says: 'The user, in any letters.', schema: v.string(), example: 'alice' },
  domain: { says: 'The domain, in any letters; GLOBAL where none was posted.', schema: v.string() },
  group: { says: 'A group that the user is in, in any letters.', schema: v.string() },
  source: {
    says: 'The source: what the sender calls itself, in any letters, or its name as priorities have it.',
    schema: v.string(),
    example: 'Aruba ClearPass',
  },
  state: { says: 'The state of the entry.', schema: word(liveStates) },
} satisfies Readonly<Record<(typeof filterNames)[number], Parameter>>;
