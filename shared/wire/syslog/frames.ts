/**
 * What a body of many lines of syslog is made of. RFC 6587 has two framings, and relays over HTTP use either: octet
 * counting (`45 <14>1 ...`), where a line may hold anything, and one line after another, each ended by LF or CR LF. Which
 * it is shows at the start of every line, and where its count leads to: a body may even mix them. Nothing is copied: a line is
 * a part of the body.
 */

export type Frame =
  { readonly line: Uint8Array; readonly fault?: never } | { readonly line?: never; readonly fault: FrameFault };

export type FrameFault = 'line-too-long' | 'frame-cut-off';

/** Bytes of a line. */
export const longestLine = 65_536;

const [lf, cr, space, lessThan, zero, nine] = [0x0a, 0x0d, 0x20, 0x3c, 0x30, 0x39];

/** In the order of the body. Empty lines are none. */
export function* framesOf(body: Uint8Array): Generator<Frame> {
  let at = 0;
  while (at < body.length) {
    const counted = countedAt(body, at);
    const start = counted?.start ?? at;
    const end = counted?.end ?? endOfLine(body, at);
    if (end > body.length) {
      yield { fault: 'frame-cut-off' };
      // Perhaps it was no length: the lines behind this one are not to be lost with it.
      at = endOfLine(body, at) + 1;
      continue;
    }
    at = counted ? end : end + 1;
    const last = !counted && body[end - 1] === cr ? end - 1 : end;
    if (last <= start) continue;
    yield last - start > longestLine ? { fault: 'line-too-long' } : { line: body.subarray(start, last) };
  }
}

/** What a counted line may be followed by, beside another; the last begins one that is not counted. */
const lineEnds = new Set<number | undefined>([lf, cr, lessThan]);

interface Counted {
  readonly start: number;
  readonly end: number;
}

/**
 * A count that leads into the midst of something is none: a relay may have cut a line in two at a line feed within a value, and
 * what such a value begins with is anybody's choice.
 */
function countedAt(body: Uint8Array, at: number): Counted | undefined {
  const counted = lengthAt(body, at);
  if (counted === undefined) return undefined;
  const { end } = counted;
  const isEnd = end >= body.length || lineEnds.has(body[end]) || lengthAt(body, end) !== undefined;
  return isEnd ? counted : undefined;
}

/** A length, a space and a priority: no line that is not counted begins so. */
function lengthAt(body: Uint8Array, at: number): Counted | undefined {
  let length = 0;
  let start = at;
  for (let digit = body[start] ?? 0; isDigit(digit) && start - at < 9; digit = body[++start] ?? 0) {
    length = length * 10 + digit - zero;
  }
  if (length === 0 || body[at] === zero || body[start] !== space || body[start + 1] !== lessThan) return undefined;
  return { start: start + 1, end: start + 1 + length };
}

const isDigit = (byte: number) => byte >= zero && byte <= nine;

function endOfLine(body: Uint8Array, at: number): number {
  const end = body.indexOf(lf, at);
  return end === -1 ? body.length : end;
}
