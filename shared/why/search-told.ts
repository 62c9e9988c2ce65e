/** Whose word a look-up of an address reads, in which order, and why a word that is there is not read. */
import type { Configuration } from '../configuration/configuration.ts';
import type { Listed, Slot } from '../identity/authentication-table.ts';
import type { State } from '../identity/entry.ts';
import { type Origin, origins } from '../identity/observation.ts';
import { isThere, type Reading } from '../identity/reading.ts';
import { search } from '../identity/search.ts';
import { slotOf } from '../identity/slots.ts';
import { nameOf, originNames, silenceWords } from './words.ts';

export interface SearchTold {
  readonly slot: Slot;
  readonly origin: Origin;
  readonly priority: number;
  /** `chosen`: the look-up goes by it. `behind`: read, but something stands before it. */
  readonly result: 'chosen' | 'behind' | 'nothing-there' | 'not-read';
  readonly state: State | null;
  readonly code: 'chosen' | 'lower-priority' | 'nothing-there' | 'priority-zero' | 'source-silent' | 'user-query-on';
  readonly message: string;
}

type Settings = Pick<Configuration, 'priorities' | 'clearpass'>;

export const priorityOf = ({ priorities }: Settings, origin: Origin): number =>
  priorities[origin === 'identity-management' ? 'aruba-clearpass' : origin];

/** Every origin, in the order in which a look-up would read them; those that it does not read come last. */
export function searchTold(slots: readonly Listed[], configuration: Settings, reading: Reading): readonly SearchTold[] {
  const { order } = reading;
  const [chosen] = search(slots, reading);
  const placed = origins.toSorted((one, other) => (order.get(one) ?? 99) - (order.get(other) ?? 99));
  return placed.map((origin) => {
    const slot = slotOf[origin];
    const there = slots.find((each) => each.slot === slot && isThere(each.item, reading) && originOf(each) === origin);
    const told = { slot, origin, priority: priorityOf(configuration, origin), state: there?.item.state ?? null };
    if (!order.has(origin)) return { ...told, ...unread(there, origin, configuration, reading) };
    if (there === undefined) {
      return {
        ...told,
        result: 'nothing-there',
        code: 'nothing-there',
        message: `${originNames[origin]} tells of nobody.`,
      };
    }
    const message = `${originNames[origin]} tells of ${whoIn(there)}`;
    if (there === chosen) return { ...told, result: 'chosen', code: 'chosen', message: `${message}, and is believed.` };
    return { ...told, result: 'behind', code: 'lower-priority', message: `${message}, but another stands before it.` };
  });
}

/** Marks of a query stand where ClearPass's word would. */
const originOf = ({ item }: Listed): Origin =>
  item.state === 'valid' && item.entry ? item.entry.origin : 'aruba-clearpass';

const whoIn = ({ item }: Listed): string =>
  item.state === 'valid' && item.entry ? nameOf(item.entry) : `nobody yet (${item.state})`;

function unread(there: Listed | undefined, origin: Origin, configuration: Settings, { silences, now }: Reading) {
  const whom = there === undefined ? 'is not read' : `tells of ${whoIn(there)}, but is not read`;
  const isZero = priorityOf(configuration, origin) === 0;
  const silence = silences.find(({ source, action }) => source === origin && action === 'fall-back');
  if (!isZero && silence) {
    const message = `${originNames[origin]} ${whom}. ${silenceWords(silence, now)}`;
    return { result: 'not-read', code: 'source-silent', message } as const;
  }
  const why = isZero
    ? `its priority is 0 (priorities.${origin === 'identity-management' ? 'aruba-clearpass' : origin})`
    : 'user query is on (clearpass.userQuery.enabled), so ClearPass and JIMS alone are believed';
  return {
    result: 'not-read',
    code: isZero ? 'priority-zero' : 'user-query-on',
    message: `${originNames[origin]} ${whom}: ${why}.`,
  } as const;
}
