/** The logs of threat response: lines of a time, kept so many days, read the newest first and by what they are about. */
import { foldCase } from '../identity/fold-case.ts';
import type { AccessFilter, AccessLine } from './access-line.ts';
import type { DebugFilter, DebugLine } from './debug.ts';
import type { EventFilter, EventLine } from './event-line.ts';
import { forgottenUntil } from './receipt.ts';
import { isPositionInTime } from './story.ts';

/** The event log and the user access log are kept as long as receipts can be kept at most, whatever a tenant sets for those. */
export const logDays = 90;

/** Clocks of two functions may differ by a little: a line of the next minute is there already. */
const aheadMs = 60_000;

interface Line {
  readonly id: string;
  readonly at: number;
}

/** Where a line stands in its log: by time, and by its id within a millisecond. */
export const logPosition = ({ at, id }: Line): string => `${new Date(at).toISOString()}#${id}`;
export const isLogPosition = isPositionInTime;

/** The first and the last instant of which lines are told. */
export const logSpan = ({ from = 0, to = Infinity }: { from?: number; to?: number }, now: number, days = logDays) => ({
  from: Math.max(from, forgottenUntil(now, days) + 1),
  to: Math.min(to, now + aheadMs),
});

/** What a reading passes over beside what lies outside its time; nothing, where the filter names no more than that. */
export function narrowing<Told, Filter extends { readonly from?: number; readonly to?: number }>(
  filter: Filter,
  isWanted: (line: Told, filter: Filter) => boolean,
): { isWanted?: (line: Told) => boolean } {
  const narrows = Object.entries(filter).some(
    ([name, told]: [string, unknown]) => told !== undefined && name !== 'from' && name !== 'to',
  );
  return narrows ? { isWanted: (line) => isWanted(line, filter) } : {};
}

/** Names of users are compared as everywhere, without regard to case. */
const isUser = (told: string | null, asked: string) => told !== null && foldCase(told) === foldCase(asked);

/** `sender`: a client, feed or operator by its name, all of a kind, or whoever came with a credential of this name. */
export const isEventWanted = (line: EventLine, { mac, ip, user, state, event, sender }: EventFilter): boolean =>
  (mac ?? line.mac) === line.mac &&
  (ip ?? line.ip) === line.ip &&
  (user === undefined || isUser(line.user, user)) &&
  (state ?? line.state) === line.state &&
  (event ?? line.event) === line.event &&
  (sender === undefined || [line.sender.name, line.sender.kind, line.credentialName].includes(sender));

export const isAccessWanted = (line: AccessLine, { mac, ip, user, realm, result }: AccessFilter): boolean =>
  (mac ?? line.mac) === line.mac &&
  (ip ?? line.ip) === line.ip &&
  (user === undefined || isUser(line.user, user)) &&
  (realm ?? line.realm) === line.realm &&
  (result ?? line.result) === line.result;

export const isDebugWanted = (line: DebugLine, { part, mac, ip }: DebugFilter): boolean =>
  (part ?? line.part) === line.part && (mac ?? line.mac) === line.mac && (ip ?? line.ip) === line.ip;
