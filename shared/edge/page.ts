/** A page of a list as an answer. */
import type { Answer } from './http.ts';
import { cursorOf } from './query.ts';

/** Lambda answers at most 6 MB, and what is around the items wants some of it. */
const mostBytes = 5_000_000;

interface Page<Item> {
  readonly items: readonly Item[];
  /** Where the list goes on behind these; absent at its end. */
  readonly next?: unknown;
}

/**
 * As many of the items as an answer has room for, but one at least, and where the list goes on: behind the last that is
 * shown; `besides` stands behind them. So a page of large items is short, and nothing of it is lost.
 */
export function pageAnswer<Item>(
  { items, next }: Page<Item>,
  show: (item: Item) => unknown,
  positionOf: (item: Item) => unknown,
  besides: Readonly<Record<string, unknown>> = {},
): Answer {
  const texts: string[] = [];
  let bytes = 0;
  for (const item of items) {
    const text = JSON.stringify(show(item));
    bytes += Buffer.byteLength(text) + 1;
    if (bytes > mostBytes && texts.length > 0) break;
    texts.push(text);
  }
  const last = items[texts.length - 1];
  const goesOn = texts.length < items.length && last !== undefined ? positionOf(last) : next;
  const cursor = goesOn === undefined ? null : cursorOf(goesOn);
  return {
    status: 200,
    headers: { 'Content-Type': 'application/json' },
    body: `{"items":[${texts.join(',')}],${JSON.stringify({ next: cursor, ...besides }).slice(1)}`,
  };
}
