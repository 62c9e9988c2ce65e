/** Ledgers: rules in our own words, each with the tests that hold it. A test that is renamed or goes leaves its rule without proof. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** A rule, and where it is held: each a file under test/ and one test or more in it. */
export type Rule = readonly [
  rule: string,
  ...proofs: readonly (readonly [file: string, ...tests: readonly string[]])[],
];

export type Ledger = Readonly<Record<string, readonly Rule[]>>;

const textOf = (file: string) => readFileSync(fileURLToPath(new URL(`../${file}`, import.meta.url)), 'utf8');
const texts = new Map<string, string>();

/** Whether a text stands in a file as a whole literal, however it is quoted. */
function names(file: string, name: string): boolean {
  const text = texts.get(file) ?? textOf(file);
  texts.set(file, text);
  return [`'`, '"', '`'].some((quote) => text.includes(`${quote}${name}${quote}`));
}

/** A test a rule: that every test which is named for it is there. */
export function provesItsRules(ledger: Ledger) {
  describe.each(Object.entries(ledger))('%s', (_, rules) => {
    test.each(rules.map(([rule, ...proofs]) => ({ rule, proofs })))('$rule', ({ proofs }) => {
      const cited = proofs.flatMap(([file, ...tests]) => tests.map((name) => ({ file, name })));

      expect(cited).not.toEqual([]);
      expect(cited.filter(({ file, name }) => !names(file, name))).toEqual([]);
    });
  });
}
