import { cursorOf, readPage, readQuery } from '../../shared/edge/query.ts';
import { codeOf } from '../support/errors.ts';
import { aRequest } from '../support/requests.ts';

const isText = (value: unknown): value is string => typeof value === 'string';
const read = (query: Record<string, string[]>) =>
  readQuery(aRequest({ query: new Map(Object.entries(query)) }), ['ip', 'user']);

test('parameters are read by name', () => {
  expect(read({ user: ['alice'] })).toEqual({ user: 'alice' });
});

test.each([
  ['one that is not known', { name: ['alice'] }, 'parameter-unknown'],
  ['one that is given twice', { user: ['alice', 'bob'] }, 'parameter-invalid'],
])('a query is refused for %s', (_, query, code) => {
  expect(codeOf(() => read(query))).toBe(code);
});

test('a page has 100 items unless another limit is asked for', () => {
  expect(readPage({}, isText)).toEqual({ limit: 100 });
  expect(readPage({ limit: '7' }, isText)).toEqual({ limit: 7 });
});

test.each(['0', '1001', '-1', '1.5', '1e2', '', ' 5', 'many'])('the limit "%s" is refused', (limit) => {
  expect(codeOf(() => readPage({ limit }, isText))).toBe('parameter-invalid');
});

test('a cursor leads back to the position that it was made of', () => {
  expect(readPage({ cursor: cursorOf('10.0.0.1#userid') }, isText)).toEqual({ limit: 100, after: '10.0.0.1#userid' });
});

test.each(['', 'nonsense', cursorOf({ other: 'shape' })])('the cursor "%s" is refused', (cursor) => {
  expect(codeOf(() => readPage({ cursor }, isText))).toBe('cursor-invalid');
});
