/**
 * The one sentence about a user that somebody needs first: where he is, or why he is nowhere. Codes are part of the
 * API: add some, never rename one.
 */
import type { StoryLine } from '../journal/story.ts';
import type { Conclusion } from './facts.ts';
import { isLate, isRefusal } from './refusals.ts';
import type { Trace, TraceCode } from './traces.ts';
import type { Wanted } from './wanted.ts';
import { moment, nameOf } from './words.ts';

export type UserCode =
  | 'known'
  | 'not-read'
  | 'posts-refused'
  | 'logged-off'
  | 'barred'
  | 'deleted'
  | 'expired'
  | 'replaced'
  | 'stale'
  | 'other-domain'
  | 'name-carries-domain'
  | 'not-found-yet'
  | 'never-heard-of';

export interface UserFacts {
  readonly wanted: Wanted;
  readonly now: number;
  /** The newest first. */
  readonly traces: readonly Trace[];
  /** Of the addresses where he is, those that a look-up finds him at. */
  readonly found: readonly Trace[];
  readonly story: readonly StoryLine[];
  /** Whether all of the table was looked through. */
  readonly complete: 'yes' | 'no';
}

type Rule = (facts: UserFacts) => Conclusion<UserCode> | undefined;

export function concludeUser(facts: UserFacts): Conclusion<UserCode> {
  for (const rule of rules) {
    const found = rule(facts);
    if (found) return found;
  }
  return nobody(facts);
}

const known: Rule = ({ found: [first, ...others] }) => {
  if (first === undefined) return undefined;
  const [more] = others.length > 0 ? [` Also at ${others.slice(0, 10).map(({ ip }) => ip).join(', ')}${others.length > 10 ? ` and ${others.length - 10} more` : ''}.`] : ['']; // prettier-ignore
  return { code: 'known', answer: `${first.message}${more}` };
};

const notRead: Rule = ({ traces }) => {
  const here = traces.find(({ code }) => code === 'is-here');
  return here && { code: 'not-read', answer: `${here.message} But a look-up of ${here.ip} goes by another word: see GET /v1/entries/${here.ip}/why.` }; // prettier-ignore
};

/** What ended him last, or what was refused in his name since. */
const gone: Rule = (facts) => {
  const { traces, story, now } = facts;
  const last = traces.find(({ code }) => code in ends);
  const line = story.find((each) => isRefusal(each) || isLate(each));
  if (line !== undefined && (last === undefined || line.at > last.at)) {
    const where = line.ip === undefined ? '' : ` at ${line.ip}`;
    const code = isRefusal(line) ? 'posts-refused' : 'stale';
    const what = code === 'stale' ? 'told too late' : 'not stored';
    const answer = `${whom(facts)} is nowhere: a logon or logoff${where} was posted ${moment(line.at, now)} and ${what} (${line.code}): ${line.message}`;
    return { code, answer };
  }
  const code = last && ends[last.code];
  return code && { code, answer: `${whom(facts)} is nowhere now. ${last.message}` };
};

const ends: Partial<Record<TraceCode, UserCode>> = {
  'logged-off': 'logged-off',
  'logoff-remembered': 'logged-off',
  barred: 'barred',
  deleted: 'deleted',
  expired: 'expired',
  replaced: 'replaced',
};

/** Somebody is there whose name is nearly his. */
const lookAlike: Rule = (facts) => {
  const { traces } = facts;
  const alike = traces.find(({ code }) => code === 'other-domain' || code === 'name-carries-domain');
  if (alike === undefined) return undefined;
  const code = alike.code === 'other-domain' ? 'other-domain' : 'name-carries-domain';
  return { code, answer: `${whom(facts)} is nowhere, but ${alike.message}` };
};

function nobody(facts: UserFacts): Conclusion<UserCode> {
  if (facts.complete === 'no') {
    return {
      code: 'not-found-yet',
      answer: `${whom(facts)} was not found yet, and the table was not looked through to its end: go on with "cursor".`,
    };
  }
  return {
    code: 'never-heard-of',
    answer: `Nobody ever told of ${whom(facts)}, as far as is remembered (24 hours), and nothing was refused in that name. See the hints for what to look at.`,
  };
}

const whom = ({ wanted: { user, domain } }: UserFacts) => nameOf({ user, ...(domain !== undefined && { domain }) });

const rules: readonly Rule[] = [known, notRead, gone, lookAlike];
