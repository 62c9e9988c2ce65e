/** Who was at an address when a firewall saw a threat there, as far as the items of that address remember. */
import type { Listed } from '../identity/authentication-table.ts';
import { type Entry, entryIn, type Former, formerIn, type Item } from '../identity/entry.ts';
import type { Reading } from '../identity/reading.ts';
import { search } from '../identity/search.ts';

export type WhoWasThere =
  /** And is so still. */
  | { readonly was: 'there'; readonly entry: Entry }
  | Gone
  /** Somebody is there who came later; who was there then nobody remembers. */
  | { readonly was: 'later' }
  | { readonly was: 'nobody' };

interface Gone {
  readonly was: 'gone';
  readonly former: Former;
  /** Until another came the whole entry is remembered. */
  readonly entry?: Entry;
}

/** Clocks of firewalls and ours differ a little. */
const clocksDifferMs = 60_000;

/** `at`: by the firewall's clock; null where it does not say, and then it is who is there now. */
export function whoWasThere(slots: readonly Listed[], reading: Reading, at: number | null): WhoWasThere {
  const entry = entryIn(search(slots, reading)[0]?.item);
  if (entry && (at === null || entry.heldSince <= at)) return { was: 'there', entry };
  const gone = at === null ? undefined : goneSince(slots, reading, at);
  if (gone) return gone;
  if (entry === undefined) return { was: 'nobody' };
  return at === null || entry.heldSince <= at + clocksDifferMs ? { was: 'there', entry } : { was: 'later' };
}

/** Of several it is the one whose word stands before the others'. */
function goneSince(slots: readonly Listed[], { now, order }: Reading, at: number): Gone | undefined {
  const placeOf = ({ former }: Gone) => order.get(former.origin) ?? 0;
  const [found] = slots
    .flatMap(({ item }) => formersOf(item, now))
    .filter(({ former: { origin, since, until } }) => order.has(origin) && since <= at && at <= until)
    .sort((one, other) => placeOf(one) - placeOf(other));
  return found;
}

function formersOf(item: Item, now: number): readonly Gone[] {
  const { entry } = item;
  const last = formerIn(item, now);
  const own: readonly Gone[] = entry && last?.since === entry.heldSince ? [{ was: 'gone', former: last, entry }] : []; // prettier-ignore
  return entry?.before ? [...own, { was: 'gone', former: entry.before }] : own;
}
