/** Lists as pages and as files: nothing of them is lost, and nothing in them is worked out by a spreadsheet. */
import { csvRow, mostRows, reportAnswer } from '../../shared/edge/report.ts';
import { codeOfAsync } from '../support/errors.ts';
import { noon } from '../support/observations.ts';
import { aRequest } from '../support/requests.ts';

interface Row {
  readonly id: number;
  readonly text: string;
}

const rows = (count: number, text = 'x'): Row[] => Array.from({ length: count }, (_, id) => ({ id, text }));

function aReport(all: readonly Row[], now: () => number = () => noon) {
  const sizes: number[] = [];
  return {
    sizes,
    name: 'rows',
    now,
    async read({ limit, after = -1 }: { limit: number; after?: number }) {
      sizes.push(limit);
      const items = all.filter(({ id }) => id > after).slice(0, limit);
      const last = items.at(-1)?.id;
      return Promise.resolve({ items, ...(last !== undefined && last < all.length - 1 && { next: last }) });
    },
    show: ({ id, text }: Row) => ({ id, inner: { text } }),
    positionOf: ({ id }: Row) => id,
    isPosition: (value: unknown): value is number => Number.isSafeInteger(value),
    columns: { number: 'id', 'the text': 'inner.text', nothing: 'no.such.place' },
  };
}

const ask = async (
  report: ReturnType<typeof aReport>,
  asked: { limit?: string; cursor?: string; format?: string } = {},
  headers: Record<string, string> = {},
) => {
  const query = new Map(Object.entries({ user: 'a b&c', ...asked }).map(([name, value]) => [name, [value]]));
  const request = aRequest({ route: 'GET /v1/events', query, headers: new Map(Object.entries(headers)) });
  return reportAnswer(request, { limit: asked.limit, cursor: asked.cursor, format: asked.format }, report);
};

const cursorIn = (link = '') => new URLSearchParams(/^<[^?]+\?(.*)>; rel="next"$/.exec(link)?.[1]).get('cursor') ?? '';

test('a page is JSON, with a cursor where there is more', async () => {
  const report = aReport(rows(3));
  const first = JSON.parse((await ask(report, { limit: '2' })).body) as { items: unknown[]; next: string };

  expect(first.items).toEqual([
    { id: 0, inner: { text: 'x' } },
    { id: 1, inner: { text: 'x' } },
  ]);
  const second = JSON.parse((await ask(report, { limit: '2', cursor: first.next })).body) as unknown;
  expect(second).toEqual({ items: [{ id: 2, inner: { text: 'x' } }], next: null });
});

test('a file of CSV has a name, a row of names, a row for each item and CRLF behind each', async () => {
  expect(await ask(aReport(rows(2)), { format: 'csv' })).toEqual({
    status: 200,
    headers: {
      'Content-Type': 'text/csv; charset=utf-8; header=present',
      'Content-Disposition': 'attachment; filename="rows-2026-03-01.csv"',
    },
    body: 'number,the text,nothing\r\n0,x,\r\n1,x,\r\n',
  });
});

test('a file of NDJSON has a line of JSON for each item, and an empty one is empty', async () => {
  const { headers, body } = await ask(aReport(rows(2)), { format: 'ndjson' });

  expect(headers).toMatchObject({ 'Content-Type': 'application/x-ndjson' });
  expect(body).toBe('{"id":0,"inner":{"text":"x"}}\n{"id":1,"inner":{"text":"x"}}\n');
  expect((await ask(aReport([]), { format: 'ndjson' })).body).toBe('');
  expect((await ask(aReport([]), { format: 'csv' })).body).toBe('number,the text,nothing\r\n');
});

test.each([
  ['text/csv', 'text/csv; charset=utf-8; header=present'],
  ['application/x-ndjson', 'application/x-ndjson'],
  ['application/ndjson, */*', 'application/x-ndjson'],
  ['application/json', 'application/json'],
  ['*/*', 'application/json'],
  ['text/html', 'application/json'],
])('who accepts %s gets %s', async (accept, type) => {
  expect((await ask(aReport(rows(1)), {}, { accept })).headers).toMatchObject({ 'Content-Type': type });
});

test('a format that is named counts more than what is accepted', async () => {
  const answer = await ask(aReport(rows(1)), { format: 'json' }, { accept: 'text/csv' });

  expect(answer.headers).toMatchObject({ 'Content-Type': 'application/json' });
});

test('a file of more rows than it may hold says where it goes on, and no row is lost or told twice', async () => {
  const report = aReport(rows(mostRows + 5));
  const first = await ask(report, { format: 'csv' });
  const link = first.headers?.Link;

  expect(first.body.split('\r\n')).toHaveLength(1 + mostRows + 1);
  expect(link).toMatch(/^<\/v1\/events\?user=a\+b%26c&format=csv&cursor=[\w-]+>; rel="next"$/);
  const second = await ask(report, { format: 'csv', cursor: cursorIn(link) });
  expect(second.body.split('\r\n').slice(1, -1)).toEqual(rows(5).map(({ id }) => `${mostRows + id},x,`));
  expect(second.headers).not.toHaveProperty('Link');
});

test('a file is read in pages of a thousand, and a limit says how many rows it may hold', async () => {
  const report = aReport(rows(1_500));
  const { headers, body } = await ask(report, { format: 'ndjson', limit: '7' });

  expect(body.split('\n')).toHaveLength(8);
  expect(headers).toHaveProperty('Link');
  await ask(report, { format: 'ndjson' });
  expect(report.sizes).toEqual([7, 1_000, 1_000]);
});

test('large rows make several files, and together they are all of it', async () => {
  const report = aReport(rows(10, 'ä'.repeat(500_000)));
  const told: string[] = [];
  let cursor: string | undefined;
  do {
    const { headers, body } = await ask(report, { format: 'ndjson', ...(cursor !== undefined && { cursor }) });
    expect(Buffer.byteLength(body)).toBeLessThan(5_000_000);
    told.push(...body.split('\n').slice(0, -1));
    cursor = headers?.Link === undefined ? undefined : cursorIn(headers.Link);
  } while (cursor !== undefined);

  expect(told.map((line) => (JSON.parse(line) as Row).id)).toEqual(rows(10).map(({ id }) => id));
});

test('a file ends with its time, and says where it goes on', async () => {
  let now = noon;
  const report = aReport(rows(5_000), () => (now += 9_000));
  const { headers, body } = await ask(report, { format: 'ndjson' });

  expect(body.split('\n')).toHaveLength(3_001);
  expect(cursorIn(headers?.Link)).not.toBe('');
});

test.each([
  [{ format: 'xml' }, 'parameter-invalid'],
  [{ format: '' }, 'parameter-invalid'],
  [{ format: 'CSV' }, 'parameter-invalid'],
  [{ limit: '0' }, 'parameter-invalid'],
  [{ limit: '1001' }, 'parameter-invalid'],
  [{ limit: 'all', format: 'csv' }, 'parameter-invalid'],
  [{ cursor: 'xyz' }, 'cursor-invalid'],
  [{ cursor: 'xyz', format: 'csv' }, 'cursor-invalid'],
])('%j is refused', async (asked, code) => {
  expect(await codeOfAsync(ask(aReport(rows(1)), asked))).toBe(code);
});

describe('a field of CSV', () => {
  test.each([
    ['plain', 'plain'],
    ['a,b', '"a,b"'],
    ['say "hi"', '"say ""hi"""'],
    ['two\nlines', '"two\nlines"'],
    ['two\r\nlines', '"two\r\nlines"'],
    ['', ''],
    [null, ''],
    [undefined, ''],
    [true, 'true'],
    [7, '7'],
    [['a', 'b'], 'a b'],
    [{ a: 1 }, '"{""a"":1}"'],
    ['=HYPERLINK("http://x")', `"'=HYPERLINK(""http://x"")"`],
    ['+1', "'+1"],
    ['-1', "'-1"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['\t=1', "'\t=1"],
    ['\r=1', '"\'\r=1"'],
    ['＝1', "'＝1"],
    [['=1', 'a'], "'=1 a"],
    ['a=1', 'a=1'],
  ])('%j is written %j', (value, field) => {
    expect(csvRow([value])).toBe(`${field}\r\n`);
  });
});
