/**
 * Where a line of RFC 5424 says what it is (its MSGID, which Juniper calls a tag), found without reading the rest: most
 * lines of a firewall are of no interest, so what is done with each of them is this and no more. A relay may have put a BSD header
 * of its own in front, with or without the priority of the line behind it.
 */

/** The header of RFC 5424 within the line, in bytes from its start. */
export interface TagPlace {
  /** Of its TIMESTAMP. */
  readonly timeAt: number;
  readonly hostAt: number;
  readonly hostEnd: number;
  readonly tagAt: number;
  readonly tagEnd: number;
}

const [space, lessThan, greaterThan, zero, one, nine, colon] = [0x20, 0x3c, 0x3e, 0x30, 0x31, 0x39, 0x3a];

/** A tag has at most 32 characters, and a header 6 words: whatever does not fit within this is no header. */
const longestHeader = 1_024;
/** Of HOSTNAME, in bytes: whatever is longer is none, and could be no key of what is counted. */
const longestHost = 255;

/** `undefined`: there is no header of RFC 5424 in it. */
export function tagPlaceIn(line: Uint8Array): TagPlace | undefined {
  const end = Math.min(line.length, longestHeader);
  const behind = afterPriority(line, 0, end);
  const timeAt = afterVersion(line, behind, end) ?? afterVersion(line, afterRelay(line, behind, end), end);
  if (timeAt === undefined) return undefined;
  const hostAt = afterWord(line, timeAt, end);
  const applicationAt = hostAt && afterWord(line, hostAt, end);
  const processAt = applicationAt && afterWord(line, applicationAt, end);
  const tagAt = processAt && afterWord(line, processAt, end);
  if (hostAt === undefined || applicationAt === undefined || tagAt === undefined) return undefined;
  if (applicationAt - 1 - hostAt > longestHost) return undefined;
  let tagEnd = tagAt;
  while (tagEnd < end && line[tagEnd] !== space) tagEnd += 1;
  return tagEnd > tagAt ? { timeAt, hostAt, hostEnd: applicationAt - 1, tagAt, tagEnd } : undefined;
}

/** `<0>` to `<191>`; where there is none, where it would be. */
function afterPriority(line: Uint8Array, at: number, end: number): number {
  if (line[at] !== lessThan) return at;
  let next = at + 1;
  let priority = 0;
  for (; next < end && next - at <= 3 && isDigit(line[next]); next += 1)
    priority = priority * 10 + (line[next] ?? 0) - zero;
  return next > at + 1 && line[next] === greaterThan && priority <= 191 ? next + 1 : at;
}

const isDigit = (byte: number | undefined) => byte !== undefined && byte >= zero && byte <= nine;

/** Version 1, the only one that there is. */
function afterVersion(line: Uint8Array, at: number | undefined, end: number): number | undefined {
  return at !== undefined && at + 2 < end && line[at] === one && line[at + 1] === space ? at + 2 : undefined;
}

/** `Mar  1 12:00:00 relay ` or `2026-03-01T12:00:00Z relay `, perhaps a program and a colon, perhaps the priority of what is behind it. */
function afterRelay(line: Uint8Array, at: number, end: number): number | undefined {
  let next: number | undefined = at;
  const wordsOfIt = isDigit(line[at]) ? 2 : 4;
  for (let words = 0; words < wordsOfIt && next !== undefined; words += 1)
    next = afterWord(line, spaces(line, next, end), end);
  if (next === undefined) return undefined;
  const word = afterWord(line, next, end);
  const isProgram = word !== undefined && line[word - 2] === colon;
  return afterPriority(line, isProgram ? word : next, end);
}

function spaces(line: Uint8Array, at: number, end: number): number {
  let next = at;
  while (next < end && line[next] === space) next += 1;
  return next;
}

/** Behind the word and its one space. */
function afterWord(line: Uint8Array, at: number, end: number): number | undefined {
  let next = at;
  while (next < end && line[next] !== space) next += 1;
  return next > at && next < end ? next + 1 : undefined;
}
