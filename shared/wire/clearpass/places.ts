import type { Place } from './posted-entry.ts';

/**
 * Tells where an offset lies in a text. Offsets must be asked for in rising order of their lines, so that all the
 * answers together cost one walk through the text.
 */
export function placesIn(text: string): (offset: number) => Place {
  let line = 1;
  let start = 0;
  let end = endOfLine(text, 0);
  return (offset) => {
    while (end < offset) {
      line += 1;
      start = end + 1;
      end = endOfLine(text, start);
    }
    return { line, column: offset - start + 1 };
  };
}

function endOfLine(text: string, from: number): number {
  const found = text.indexOf('\n', from);
  return found < 0 ? Infinity : found;
}
