/**
 * A list that is read page by page, or taken away whole as a file: as CSV for spreadsheets (RFC 4180), or as a line of
 * JSON for each item. A file is whole up to a most of rows, bytes and time; beyond it says where the next part is.
 */
import { ServiceError } from '../service-error.ts';
import type { Answer, HttpRequest } from './http.ts';
import { pageAnswer } from './page.ts';
import { cursorOf, readCursor, readLimit } from './query.ts';

export const formats = ['json', 'csv', 'ndjson'] as const;
export type Format = (typeof formats)[number];

/** Of a file, unless `limit` says fewer. */
export const mostRows = 10_000;
/** Lambda answers at most 6 MB, written as base64 or as JSON. */
const mostBytes = 4_000_000;
const rowsAtOnce = 1_000;
/** So much of the time is left for writing the answer. */
const answerMs = 5_000;

export interface Reading<Position> {
  readonly limit: number;
  readonly after?: Position;
  /** Epoch milliseconds: what is not found by then is in the next part. */
  readonly untilAt: number;
}

export interface Report<Item, Position> {
  /** Of the file. */
  readonly name: string;
  readonly now: () => number;
  readonly read: (reading: Reading<Position>) => Promise<{ readonly items: readonly Item[]; readonly next?: Position }>;
  readonly show: (item: Item) => Readonly<Record<string, unknown>>;
  readonly positionOf: (item: Item) => Position;
  readonly isPosition: (value: unknown) => value is Position;
  /** Names of the columns of CSV, each with the path of the value in what is shown. */
  readonly columns: Readonly<Record<string, string>>;
  /** What stands beside the items of a page. */
  readonly besides?: Readonly<Record<string, unknown>>;
}

interface Asked {
  readonly limit: string | undefined;
  readonly cursor: string | undefined;
  readonly format: string | undefined;
}

/** Throws `parameter-invalid`, `cursor-invalid`. */
export async function reportAnswer<Item, Position>(
  request: HttpRequest,
  { limit, cursor, format }: Asked,
  report: Report<Item, Position>,
): Promise<Answer> {
  const wanted = formatOf(request, format);
  const start = cursor === undefined ? undefined : readCursor(cursor, report.isPosition);
  const untilAt = request.deadlineAt - answerMs;
  if (wanted !== 'json') {
    const most = limit === undefined ? mostRows : readLimit(limit, mostRows);
    return file(request, wanted, report, { limit: most, untilAt, ...(start !== undefined && { after: start }) });
  }
  const page = { limit: readLimit(limit, 100), untilAt, ...(start !== undefined && { after: start }) };
  return pageAnswer(await report.read(page), report.show, report.positionOf, report.besides);
}

/** The format that is named, or else that which is accepted. */
function formatOf({ headers }: HttpRequest, named: string | undefined): Format {
  const format = formats.find((each) => each === named);
  if (named !== undefined && format === undefined) {
    throw new ServiceError('parameter-invalid', `"format" is one of: ${formats.join(', ')}.`);
  }
  const accepted = headers.get('accept') ?? '';
  const [first] = [...accepted.matchAll(/application\/json|text\/csv|application\/(?:x-)?ndjson/g)];
  if (format !== undefined || first === undefined) return format ?? 'json';
  return first[0] === 'text/csv' ? 'csv' : first[0] === 'application/json' ? 'json' : 'ndjson';
}

const types = { csv: 'text/csv; charset=utf-8; header=present', ndjson: 'application/x-ndjson' } as const;

async function file<Item, Position>(
  request: HttpRequest,
  format: 'csv' | 'ndjson',
  report: Report<Item, Position>,
  asked: Reading<Position>,
): Promise<Answer> {
  const names = Object.values(report.columns);
  const write = (item: Item) =>
    format === 'csv'
      ? csvRow(names.map((path) => at(report.show(item), path)))
      : `${JSON.stringify(report.show(item))}\n`;
  const { lines, next } = await linesOf(report, asked, write);
  const head = format === 'csv' ? csvRow(Object.keys(report.columns)) : '';
  const day = new Date(request.receivedAt).toISOString().slice(0, 10);
  return {
    status: 200,
    headers: {
      'Content-Type': types[format],
      'Content-Disposition': `attachment; filename="${report.name}-${day}.${format}"`,
      ...(next !== undefined && { Link: `<${nextPart(request, next)}>; rel="next"` }),
    },
    body: head + lines.join(''),
  };
}

async function linesOf<Item, Position>(
  report: Report<Item, Position>,
  { limit, after, untilAt }: Reading<Position>,
  write: (item: Item) => string,
): Promise<{ lines: readonly string[]; next?: Position }> {
  const lines: string[] = [];
  let bytes = 0;
  let position = after;
  do {
    const size = Math.min(rowsAtOnce, limit - lines.length);
    const { items, next } = await report.read({
      limit: size,
      untilAt,
      ...(position !== undefined && { after: position }),
    });
    for (const item of items) {
      const line = write(item);
      bytes += Buffer.byteLength(line);
      if (bytes > mostBytes && position !== undefined && lines.length > 0) return { lines, next: position };
      lines.push(line);
      position = report.positionOf(item);
    }
    if (next === undefined) return { lines };
    position = next;
  } while (lines.length < limit && report.now() < untilAt);
  return { lines, next: position };
}

/** The same request, going on. */
function nextPart({ route, query }: HttpRequest, position: unknown): string {
  const asked = new URLSearchParams();
  for (const [name, values] of query) for (const value of values) asked.append(name, value);
  asked.set('cursor', cursorOf(position));
  return `${route.slice(route.indexOf(' ') + 1)}?${asked.toString()}`;
}

const at = (value: unknown, path: string): unknown =>
  path.split('.').reduce((inner, name) => (inner as Record<string, unknown> | null | undefined)?.[name], value);

/** RFC 4180: every field in quotes where it needs them, and CRLF behind each row. */
export const csvRow = (values: readonly unknown[]): string => `${values.map(csvField).join(',')}\r\n`;

function csvField(value: unknown): string {
  const text = inert(textOf(value));
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (Array.isArray(value)) return value.map(textOf).join(' ');
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** A spreadsheet takes what begins so for a formula and works it out. What senders tell stands in these files. */
const inert = (text: string) => (/^[=+\-@＝＋－＠\t\r\n]/.test(text) ? `'${text}` : text);
