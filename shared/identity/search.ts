/**
 * Whose word stands at an address. Each origin has a priority: the lowest is looked at first, 0 leaves it out, and of
 * equal ones the default order decides. The first valid entry stands; where there is none, a mark of a user query does.
 */
import type { Configuration } from '../configuration/configuration.ts';
import type { Listed } from './authentication-table.ts';
import type { Origin } from './observation.ts';
import { isThere, type Reading } from './reading.ts';

/** The origins that a look-up reads, each with its place in the order of the search. */
export type SearchOrder = ReadonlyMap<Origin, number>;

/** Where priorities are equal. */
const defaultOrder: readonly Origin[] = [
  'local',
  'aruba-clearpass',
  'identity-management',
  'secure-web-gateway',
  'active-directory',
  'firewall-authentication',
  'unified-access-control',
];

/** With user query on, ClearPass and JIMS alone are believed: whoever they do not know is asked about. */
const askedAbout: readonly Origin[] = ['aruba-clearpass', 'identity-management'];

export function searchOrder({ priorities, clearpass }: Pick<Configuration, 'priorities' | 'clearpass'>): SearchOrder {
  const priorityOf = (origin: Origin) => priorities[origin === 'identity-management' ? 'aruba-clearpass' : origin];
  const read = clearpass.userQuery.enabled ? askedAbout : defaultOrder;
  const ordered = read
    .filter((origin) => priorityOf(origin) > 0)
    .toSorted((one, other) => priorityOf(one) - priorityOf(other)); // a stable sort, so the default order stays
  return new Map(ordered.map((origin, place) => [origin, place]));
}

/** The items of an address that a look-up reads, in the order of the search: the first one is what it goes by. */
export function search(slots: readonly Listed[], reading: Pick<Reading, 'order' | 'clockOf'>): readonly Listed[] {
  const placed = slots.flatMap((each) => {
    const place = isThere(each.item, reading) ? placeOf(each, reading.order) : undefined;
    return place === undefined ? [] : [{ each, place }];
  });
  return placed.sort((one, other) => one.place - other.place).map(({ each }) => each);
}

/** Marks come after all that is valid. */
function placeOf({ item }: Listed, order: SearchOrder): number | undefined {
  if (item.state === 'valid') return item.entry && order.get(item.entry.origin);
  return order.has('aruba-clearpass') ? order.size : undefined;
}
