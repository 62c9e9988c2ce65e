/** Traces of a user in the authentication table: where he is, where he was, and who is there whose name is nearly his. */
import type { IpAddress } from '../identity/address.ts';
import type { Listed, Slot } from '../identity/authentication-table.ts';
import type { Entry, Former } from '../identity/entry.ts';
import { foldCase } from '../identity/fold-case.ts';
import { isThere, type Reading } from '../identity/reading.ts';
import { type End, endIn, logoffWords } from './ends.ts';
import type { Wanted } from './wanted.ts';
import { iso, millisOf, moment, nameOf, originNames, silenceWords, tellerOf } from './words.ts';

export type TraceCode =
  | 'is-here'
  | 'logged-off'
  | 'barred'
  | 'deleted'
  | 'expired'
  | 'replaced'
  | 'logoff-remembered'
  | 'other-domain'
  | 'name-carries-domain';

export interface Trace {
  readonly code: TraceCode;
  readonly ip: IpAddress;
  readonly slot: Slot;
  /** Epoch milliseconds: since when, or when it ended. */
  readonly at: number;
  readonly user: string;
  readonly domain: string | null;
  readonly message: string;
  /** Where it is told of the entry that is there, or was there last. */
  readonly entry?: Entry;
}

/** What one item tells of the one who is wanted. */
export function tracesIn(listed: Listed, wanted: Wanted, reading: Reading): readonly Trace[] {
  const { item } = listed;
  const { entry, order } = item;
  const logoffs = [...order.logoffs, ...(order.directory?.logoffs ?? [])].filter(({ user }) => user === wanted.user);
  const own = entry ? entryTraces(listed, entry, wanted, reading) : [];
  const former = entry?.before ? formerTraces(listed, entry, entry.before, wanted) : [];
  // A logoff says more than itself only where no entry remembers whom it ended.
  const alone = own.length + former.length > 0 ? [] : logoffs.filter(({ domain }) => isDomain(domain, wanted));
  return [
    ...own,
    ...former,
    ...alone.map((each) => {
      const at = millisOf(each.instant);
      const message = `${logoffWords(each)} was told of ${listed.ip}.`;
      return traceOf(listed, 'logoff-remembered', { at, user: each.user, domain: each.domain ?? null, message });
    }),
  ];
}

function entryTraces(listed: Listed, entry: Entry, wanted: Wanted, reading: Reading): Trace[] {
  const { now } = reading;
  const { user, domain, heldSince } = entry;
  const isHere = listed.item.state === 'valid' && isThere(listed.item, reading);
  const kinship = kinshipOf(entry, wanted);
  if (kinship === 'stranger') return [];
  if (kinship !== 'same') {
    if (!isHere) return [];
    const message = kinships[kinship](nameOf(entry), wanted, listed.ip);
    return [traceOf(listed, kinship, { at: heldSince, user, domain, message })];
  }
  if (isHere) {
    const silence = reading.silenceOf(listed.item);
    const silent = silence ? ` ${silenceWords(silence, now)}` : '';
    const message = `${nameOf(entry)} has been at ${listed.ip} since ${moment(heldSince, now)}, told by ${tellerOf(entry)}.${silent}`;
    return [{ ...traceOf(listed, 'is-here', { at: heldSince, user, domain, message }), entry }];
  }
  const end = endIn(listed.item, reading);
  if (end === undefined) return [];
  const { code, words } = endings[end.how];
  const message = `${nameOf(entry)} was at ${listed.ip}; ${words(end)}, ${moment(end.at, now)}.`;
  return [{ ...traceOf(listed, code, { at: end.at, user, domain, message }), entry }];
}

const endings: Readonly<Record<End['how'], { code: TraceCode; words: (end: End) => string }>> = {
  logoff: { code: 'logged-off', words: ({ logoff }) => `it was ended by ${logoffWords(logoff)}` },
  barred: { code: 'barred', words: ({ logoff }) => `no, the logon is older than ${logoffWords(logoff)}` },
  delete: { code: 'deleted', words: () => 'an operator deleted it' },
  expiry: {
    code: 'expired',
    words: ({ entry }) => `it expired, ${entry.timeoutMinutes} minutes after it was last told`,
  },
};

function formerTraces(listed: Listed, entry: Entry, before: Former, wanted: Wanted): Trace[] {
  if (kinshipOf(before, wanted) !== 'same') return [];
  const { user, domain, origin, since, until, end } = before;
  const codes = { replaced: 'replaced', logoff: 'logged-off', delete: 'deleted', expiry: 'expired' } as const;
  const then = end === 'replaced' ? `until ${nameOf(entry)} came` : `until ${iso(until)}`;
  const message = `${nameOf(before)} was at ${listed.ip} from ${iso(since)} ${then}, by the word of ${originNames[origin]}.`;
  return [traceOf(listed, codes[end], { at: until, user, domain, message })];
}

type Kinship = 'same' | 'other-domain' | 'name-carries-domain' | 'stranger';

function kinshipOf({ user, domain }: { user: string; domain: string }, wanted: Wanted): Kinship {
  if (user === wanted.user) return isDomain(domain, wanted) ? 'same' : 'other-domain';
  return bareOf(user) === bareOf(wanted.user) ? 'name-carries-domain' : 'stranger';
}

/** Domains are compared as they are stored: folded, but GLOBAL. */
const isDomain = (domain: string | undefined, wanted: Wanted): boolean =>
  wanted.domain === undefined || domain === undefined || foldCase(domain) === wanted.domain;

/** The name without the domain that some clients write into it: `acme\alice`, `alice@acme`. */
const bareOf = (user: string): string => user.slice(user.lastIndexOf('\\') + 1).replace(/@.*$/, '');

const kinships: Readonly<
  Record<'other-domain' | 'name-carries-domain', (name: string, wanted: Wanted, ip: IpAddress) => string>
> = {
  'other-domain': (name, { user, domain }, ip) =>
    `${name} is at ${ip}; you asked for ${nameOf({ user, ...(domain !== undefined && { domain }) })}.`,
  'name-carries-domain': (name, { user }, ip) =>
    `${name} is at ${ip}; the domain seems to be in the user, and you asked for ${user}.`,
};

const traceOf = (
  { ip, slot }: Listed,
  code: TraceCode,
  told: Pick<Trace, 'at' | 'user' | 'domain' | 'message'>,
): Trace => ({ code, ip, slot, ...told });
