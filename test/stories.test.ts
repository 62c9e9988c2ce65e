/** docs/testing.md tells of every file of stories where it runs, and why not all of it does. */
import { readdirSync, readFileSync } from 'node:fs';
import { beyondTheApi, type Capability } from './end-to-end/needs.ts';

const folder = new URL('./end-to-end/', import.meta.url);
const document = readFileSync(new URL('../docs/testing.md', import.meta.url), 'utf8');
const capabilities = Object.keys(beyondTheApi) as Capability[];

const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.test.ts') && !name.startsWith('ministack'))
  .sort();

/** What becomes of a file where these capabilities are missing: tests in `allNeed` are skipped with it. */
function fate(file: string, missing: readonly Capability[]): string {
  const text = readFileSync(new URL(file, folder), 'utf8');
  const needs = [...text.matchAll(/\b(?:needs|allNeed)\(([^)]*)\)\s*(?:\(|\.)/g)].map(([, names = '']) =>
    [...names.matchAll(/'(\w+)'/g)].map(([, name]) => name as Capability),
  );
  const missed = missing.filter((capability) => needs.some((named) => named.includes(capability)));
  const skipsAll =
    !/^(test|describe)\b|^\(/m.test(text) &&
    !(/^ +test\b/m.test(text) && !/^allNeed\(/m.test(text)) &&
    needs.every((named) => named.some((name) => missing.includes(name)));
  if (missed.length === 0) return 'all';
  return `${skipsAll ? 'none' : 'not all'}: ${missed.join(', ')}`;
}

const atUrl = capabilities.filter((name) => name !== 'pace');
const onMiniStack = capabilities.filter((name) => name !== 'simulators');

test('the document names every file of stories, and what of it runs where', () => {
  const rows = files.map((file) => [file.replace('.test.ts', ''), 'all', fate(file, onMiniStack), fate(file, atUrl)]);

  expect(rowsAfter('| stories')).toEqual(rows);
});

test('it says why a service at a URL cannot do what a story may ask for', () => {
  expect(rowsAfter('| need')).toEqual(Object.entries(beyondTheApi));
});

/** The rows of the table whose heading begins so. */
function rowsAfter(heading: string): readonly (readonly string[])[] {
  const lines = document.slice(document.indexOf(heading)).split('\n').slice(2);
  const end = lines.findIndex((line) => !line.startsWith('|'));
  return lines.slice(0, end).map((line) => line.split('|').slice(1, -1).map((cell) => cell.trim().replaceAll('`', ''))); // prettier-ignore
}
