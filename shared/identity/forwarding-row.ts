/**
 * The forwarding table: what an enforcement point needs of an address. One row an address that anybody is known at: who
 * the search order picks, with the interested groups only, until when, and who takes over then. So rows need no other
 * word when time passes; whoever holds them lets them expire.
 */
import type { IpAddress } from './address.ts';
import type { Listed } from './authentication-table.ts';
import { entryIn, type State } from './entry.ts';
import { type Interested, isoOrNever, referencedGroups } from './entry-view.ts';
import type { Reading, ReadingAt } from './reading.ts';
import { search } from './search.ts';

/** All that rows depend on beside entries and time. */
export interface ForwardingSettings {
  readonly readingAt: ReadingAt;
  readonly interested: Interested;
  /** The same where all rows are the same, whichever version of the configuration it is. */
  readonly digest: string;
}

export interface Standing {
  readonly state: State;
  readonly domain: string | null;
  readonly user: string | null;
  readonly groups: readonly string[];
  /** Epoch milliseconds. */
  readonly expiresAt: number;
}

export interface ForwardingRow extends Standing {
  readonly ip: IpAddress;
  /** Who stands there next, each when the one before has expired. */
  readonly then: readonly Standing[];
}

/** The row of an address from the items of its slots; none where nobody is known. */
export function forwardingRow(ip: IpAddress, slots: readonly Listed[], interested: Interested, reading: Reading) {
  const standing: Standing[] = [];
  for (const { item } of search(slots, reading)) {
    const expiresAt = reading.endOf(item);
    // Who ends no later than the one before never comes to stand there.
    if (expiresAt <= (standing.at(-1)?.expiresAt ?? 0)) continue;
    const entry = entryIn(item);
    const [domain, user] = [entry?.domain ?? null, entry?.user ?? null];
    standing.push({ state: item.state, domain, user, groups: referencedGroups(entry, interested), expiresAt });
  }
  const [first, ...then] = standing;
  return first && ({ ip, ...first, then } satisfies ForwardingRow);
}

export const showRow = ({ ip, then, ...first }: ForwardingRow) => ({
  ip,
  ...showStanding(first),
  then: then.map(showStanding),
});

const showStanding = (standing: Standing) => ({ ...standing, expiresAt: isoOrNever(standing.expiresAt) });
