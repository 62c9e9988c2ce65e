import fc from 'fast-check';
import { pageAnswer } from '../../shared/edge/page.ts';
import { readCursor } from '../../shared/edge/query.ts';

const isNumber = (value: unknown): value is number => typeof value === 'number';
const read = (body: string) => JSON.parse(body) as { items: string[]; next: string | null };

test('a page that fits is shown whole, with where the list goes on', () => {
  const { status, body } = pageAnswer({ items: [1, 2], next: 2 }, (item) => ({ item }), Number);

  expect(status).toBe(200);
  expect(JSON.parse(body)).toEqual({ items: [{ item: 1 }, { item: 2 }], next: expect.any(String) as string });
  expect(read(pageAnswer({ items: [] }, String, Number).body)).toEqual({ items: [], next: null });
});

test('however large its items are, a list is read whole, each once, and no answer is larger than Lambda gives', () => {
  const sizes = fc.array(fc.oneof(fc.nat(1_000), fc.integer({ min: 1_000_000, max: 4_500_000 })), { maxLength: 12 });

  fc.assert(
    fc.property(sizes, (items) => {
      const seen: number[] = [];
      let from: number | undefined = 0;
      while (from !== undefined) {
        const rest = items.map((size, index) => ({ size, index })).slice(from);
        const show = ({ size, index }: (typeof rest)[number]) => `${index} ${'ü'.repeat(size / 2)}`;
        const { body } = pageAnswer({ items: rest }, show, ({ index }) => index + 1);
        const page = read(body);
        expect(Buffer.byteLength(body)).toBeLessThan(6_000_000);
        seen.push(...page.items.map((text) => Number(text.split(' ')[0])));
        from = page.next === null ? undefined : readCursor(page.next, isNumber);
      }

      expect(seen).toEqual(items.map((_, index) => index));
    }),
    { numRuns: 20 },
  );
});
