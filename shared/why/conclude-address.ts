/**
 * The one sentence about an address that somebody needs first: who is there, or why nobody is. Rules in the order in
 * which they count; the first that has something to say says it. Codes are part of the API: add some, never rename one.
 */
import { entryIn, type Former, never, type State } from '../identity/entry.ts';
import { askingAbout } from './asking.ts';
import { type End, endIn, endWords, logoffWords } from './ends.ts';
import type { AddressFacts, Conclusion } from './facts.ts';
import { filtersOn } from './filters.ts';
import { finding } from './finding.ts';
import { isRefusal } from './refusals.ts';
import { searchTold } from './search-told.ts';
import { iso, minutesOf, moment, nameOf, originNames, silenceWords, tellerOf } from './words.ts';

export type AddressCode =
  | 'known'
  | 'not-read'
  | 'question-waiting'
  | 'question-open'
  | 'nobody-found'
  | 'question-failed'
  | 'answer-older-than-logoff'
  | 'address-excluded'
  | 'posts-refused'
  | 'logged-off'
  | 'barred'
  | 'deleted'
  | 'expired'
  | 'question-unanswered'
  | 'finding-expired'
  | 'too-many-queries'
  | 'never-heard-of';

/** A silence that changed what is found is named, unless the answer does so already. */
function silenceNamed(found: Conclusion<AddressCode>, { slots, reading }: AddressFacts): Conclusion<AddressCode> {
  const silence = reading.silenceAt(slots);
  const words = silence ? silenceWords(silence, reading.now) : '';
  return found.answer.includes(words) ? found : { ...found, answer: `${found.answer} ${words}` };
}

type Rule = (facts: AddressFacts) => Conclusion<AddressCode> | undefined;

export function concludeAddress(facts: AddressFacts): Conclusion<AddressCode> {
  for (const rule of rules) {
    const found = rule(facts);
    if (found) return silenceNamed(found, facts);
  }
  return neverHeardOf(facts);
}

const known: Rule = ({ ip, now, read: [first], reading }) => {
  const entry = first && entryIn(first.item);
  if (first === undefined || entry === undefined) return undefined;
  const endAt = reading.endOf(first.item);
  const latest = reading.silenceOf(first.item) ? ' at the latest' : '';
  const end = endAt === never ? 'It never expires.' : `It ends ${moment(endAt, now)}${latest} unless it is told again.`;
  const since = `${nameOf(entry)} has been at ${ip} since ${moment(entry.heldSince, now)}, told by ${tellerOf(entry)}`;
  return { code: 'known', answer: `${since}. ${end}${entry.before ? ` ${before(entry.before, now)}` : ''}` };
};

const before = ({ origin, end, until, ...who }: Former, now: number) =>
  `Before, ${originNames[origin]} told of ${nameOf(who)}; ${endWords[end]}, ${moment(until, now)}.`;

const notRead: Rule = ({ ip, slots, configuration, reading }) => {
  const unread = searchTold(slots, configuration, reading).find(({ result, state }) => result === 'not-read' && state === 'valid'); // prettier-ignore
  return unread && { code: 'not-read', answer: `Nobody is known at ${ip} for a look-up: ${unread.message}` };
};

const asking: Rule = ({ ip, now, read: [first] }) => {
  if (first === undefined) return undefined;
  const { state, mark, expiresAt } = first.item;
  const asIt = { init: ['question-waiting', 'will be asked about soon'], pending: ['question-open', 'is being asked about'] } as const; // prettier-ignore
  if (state === 'init' || state === 'pending') {
    const [code, what] = asIt[state];
    return { code, answer: `Nobody is known at ${ip} yet: it ${what}, and by ${moment(expiresAt, now)} that is over.` };
  }
  if (state !== 'invalid') return undefined;
  const { code, what } = finding(mark?.reason);
  const until = expiresAt === never ? 'for good' : `until ${moment(expiresAt, now)}`;
  const asked = mark?.frozenMinutes ? ` at ${moment(expiresAt - mark.frozenMinutes * 60_000, now)}` : '';
  return {
    code,
    answer: `Nobody is known at ${ip}: it was asked about${asked}, and ${what}. So it is invalid ${until}, or until somebody logs on there.`,
  };
};

const excluded: Rule = ({ ip, configuration }) => {
  const filter = filtersOn(ip, configuration).find(({ setting, effect }) => setting === 'webApi.excludeAddresses' && effect === 'keeps-out'); // prettier-ignore
  return filter && { code: 'address-excluded', answer: `Nobody is known at ${ip}: ${filter.message}` };
};

/** What was refused after the last one there was gone, or where nobody ever was. */
const refused: Rule = (facts) => {
  const { ip, now, story, slots } = facts;
  const gone = lastEnd(facts);
  const line = slots.length === 0 ? story.find(({ kind }) => kind === 'post') : story.find(isRefusal);
  if (line === undefined || line.at < (gone?.at ?? 0)) return undefined;
  const count = story.filter((each) => isRefusal(each) && each.at >= (gone?.at ?? 0)).length;
  const more = count > 1 ? `, as ${count - 1} before it since` : '';
  const whom = line.user === undefined ? '' : ` of ${nameOf({ ...line, user: line.user })}`;
  return {
    code: 'posts-refused',
    answer: `Nobody is known at ${ip}: an entry${whom} was posted ${moment(line.at, now)} and not stored${more} (${line.code}): ${line.message}`,
  };
};

const over: Rule = (facts) => {
  const end = lastEnd(facts);
  return end && ends[end.how](end, facts);
};

const ends: Readonly<Record<End['how'], (end: End, facts: AddressFacts) => Conclusion<AddressCode>>> = {
  logoff: ({ at, entry, logoff }, { ip, now }) => ({
    code: 'logged-off',
    answer: `Nobody is known at ${ip}: ${nameOf(entry)}, told by ${tellerOf(entry)}, was logged off ${moment(at, now)} by ${logoffWords(logoff)}. Nobody has logged on there since.`,
  }),
  barred: ({ at, entry, logoff }, { ip, now }) => ({
    code: 'barred',
    answer: `Nobody is known at ${ip}: the logon of ${nameOf(entry)} of ${iso(Math.floor(entry.instant / 1_000))}, told ${moment(at, now)}, is older than ${logoffWords(logoff)}.`,
  }),
  delete: ({ at, entry }, { ip, now }) => ({
    code: 'deleted',
    answer: `Nobody is known at ${ip}: an operator deleted ${nameOf(entry)} ${moment(at, now)}. The posts from before bring nobody back; a newer logon does.`,
  }),
  expiry: ({ at, entry }, { ip, now }) => ({
    code: 'expired',
    answer: `Nobody is known at ${ip}: ${nameOf(entry)} expired ${moment(at, now)}, ${minutesOf(entry.timeoutMinutes)} after ${tellerOf(entry)} last told of the user, ${iso(entry.storedAt)}.`,
  }),
};

/** Of all slots, the one who was there last. */
export function lastEnd({ slots, reading }: Pick<AddressFacts, 'slots' | 'reading'>): End | undefined {
  const all = slots.flatMap(({ item }) => endIn(item, reading) ?? []);
  return all.sort((one, other) => other.at - one.at)[0];
}

/** Marks of a query that are over: the next flow for which it matters has the address asked about again. */
const lapsed: Rule = ({ ip, slots, now }) => {
  const marks: readonly State[] = ['init', 'pending', 'invalid'];
  const { item } = slots.find((each) => marks.includes(each.item.state) && each.item.expiresAt <= now) ?? {};
  if (item === undefined) return undefined;
  const { state, expiresAt, mark } = item;
  const again = 'The next flow for which it matters who is there has it asked about again.';
  if (state !== 'invalid') {
    const what = `a question about it was open until ${moment(expiresAt, now)}, and nothing came of it`;
    return { code: 'question-unanswered', answer: `Nobody is known at ${ip}: ${what}. ${again}` };
  }
  const what = `it was asked about, and ${finding(mark?.reason).what}; that held until ${moment(expiresAt, now)}`;
  return { code: 'finding-expired', answer: `Nobody is known at ${ip}: ${what}. ${again}` };
};

/** Of nobody who is told of: where as much is asked as may be, a look-up asks nothing more. */
const tooMany: Rule = ({ ip, configuration, openQuestions, mostOpenQuestions }) => {
  const isAsked = askingAbout(ip, configuration).some(({ code }) => code === 'asked');
  if (!isAsked || openQuestions < mostOpenQuestions) return undefined;
  const answer = `Nobody is known at ${ip}, and nobody is asked about it now: ${openQuestions} questions of the tenant are open, as many as may be.`;
  return { code: 'too-many-queries', answer };
};

/** Without an item, or with one that remembers logoffs only. */
const neverHeardOf = ({ ip, slots, configuration }: AddressFacts): Conclusion<AddressCode> => {
  const asked = askingAbout(ip, configuration).filter(({ code }) => code === 'asked');
  const told = slots.length > 0 ? `Only logoffs were told of ${ip}` : `Nobody ever told of ${ip}, as far as is remembered (24 hours)`; // prettier-ignore
  const next =
    asked.length > 0
      ? `No flow for which it matters who is there has come from it either: then ${asked.map(({ who }) => who).join(', then ')} would be asked.`
      : 'Nobody is asked about it either.';
  return { code: 'never-heard-of', answer: `${told}. ${next} See the hints for what to look at.` };
};

const rules: readonly Rule[] = [known, notRead, asking, excluded, refused, over, lapsed, tooMany];
