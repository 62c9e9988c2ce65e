/**
 * What differs between two documents, line by line. In a list an item is known by its name, or by its value where it
 * has none, so that one policy put in front of a hundred is one line. Lines point into the newer document, and what
 * was removed into the older one.
 */
import { pointerOf } from '../violation.ts';
import { isObject } from './readable.ts';

export interface Difference {
  readonly change: 'added' | 'removed' | 'changed' | 'moved';
  readonly pointer: string;
  /** Of the named item that it is in, a policy or an application. */
  readonly name?: string;
  /** Of what was moved its places. Of a secret neither is told. */
  readonly before?: unknown;
  readonly after?: unknown;
}

interface At {
  readonly keys: readonly string[];
  readonly name?: string;
}

export function differences(before: unknown, after: unknown, at: At = { keys: [] }): readonly Difference[] {
  if (isObject(before) && isObject(after)) return ofObjects(before, after, at);
  if (Array.isArray(before) && Array.isArray(after)) return ofLists(before, after, at);
  return before === after ? [] : [line('changed', at, { before, after })];
}

function ofObjects(before: Record<string, unknown>, after: Record<string, unknown>, at: At): readonly Difference[] {
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keys].flatMap((key) => {
    const inside = { ...at, keys: [...at.keys, key] };
    if (!Object.hasOwn(before, key)) return [line('added', inside, { after: after[key] })];
    if (!Object.hasOwn(after, key)) return [line('removed', inside, { before: before[key] })];
    return differences(before[key], after[key], inside);
  });
}

function ofLists(before: readonly unknown[], after: readonly unknown[], at: At): readonly Difference[] {
  const [old, fresh] = [placesOf(before), placesOf(after)];
  const stay = unmoved([...fresh.keys()].flatMap((key) => old.get(key) ?? []));
  const placed = (item: unknown, place: number): At => ({
    ...at,
    ...nameOf(item),
    keys: [...at.keys, String(place)],
  });
  const removed = [...old].flatMap(([key, place]) =>
    fresh.has(key) ? [] : [line('removed', placed(before[place], place), { before: before[place] })],
  );
  const others = [...fresh].flatMap(([key, place]) => {
    const from = old.get(key);
    const there = placed(after[place], place);
    if (from === undefined) return [line('added', there, { after: after[place] })];
    const moved = stay.has(from) ? [] : [line('moved', there, { before: from, after: place })];
    return [...moved, ...differences(before[from], after[place], there)];
  });
  return [...removed, ...others];
}

const line = (
  change: Difference['change'],
  { keys, name }: At,
  values: Pick<Difference, 'before' | 'after'>,
): Difference => ({ change, pointer: pointerOf(keys), ...(name !== undefined && { name }), ...values });

const nameOf = (item: unknown): { readonly name?: string } =>
  isObject(item) && typeof item.name === 'string' ? { name: item.name } : {};

/** The place of each item by what it is known by; of equal ones each by how many there were before it. */
function placesOf(list: readonly unknown[]): ReadonlyMap<string, number> {
  const seen = new Map<string, number>();
  return new Map(
    list.map((item, place) => {
      const known = nameOf(item).name ?? JSON.stringify(item);
      const count = seen.get(known) ?? 0;
      seen.set(known, count + 1);
      return [`${count} ${known}`, place];
    }),
  );
}

/** Of places in their new order, the most that still stand in their old one: what is not among them was moved. */
function unmoved(places: readonly number[]): ReadonlySet<number> {
  const before = new Map<number, number | undefined>();
  const ends: number[] = []; // ends[n]: the lowest place that a row of n + 1 can end with so far
  for (const place of places) {
    const at = firstAbove(ends, place);
    before.set(place, ends[at - 1]);
    ends[at] = place;
  }
  const found = new Set<number>();
  for (let place = ends.at(-1); place !== undefined; place = before.get(place)) found.add(place);
  return found;
}

function firstAbove(rising: readonly number[], value: number): number {
  let [low, high] = [0, rising.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((rising[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
