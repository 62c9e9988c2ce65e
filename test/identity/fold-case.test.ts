import fc from 'fast-check';
import { foldCase } from '../../shared/identity/fold-case.ts';

test.each([
  ['ALICE', 'alice'],
  ['[User Authenticated]', '[user authenticated]'],
  ['', ''],
  ['İ', 'i\u0307'],
  ['I', 'i'],
  ['ı', 'ı'],
  ['ß', 'ß'],
  ['ẞ', 'ß'],
  ['STRASSE', 'strasse'],
  ['ΟΔΟΣ', 'οδος'],
  ['JÖRG', 'jörg'],
  ['😀', '😀'],
])('%s is stored as %s, whatever the language of the machine', (text, folded) => {
  expect(foldCase(text)).toBe(folded);
});

test('composed and decomposed letters are the same letter', () => {
  expect(foldCase('Jo\u0308rg')).toBe(foldCase('JÖRG'));
  expect(foldCase('J\u030C')).toBe('\u01F0'); // composed only in lower case
  expect(foldCase('\u212A')).toBe('k'); // the sign of Kelvin
});

test('folding twice changes nothing, and the result is in NFC', () => {
  const texts = fc.string({ unit: 'binary', maxLength: 12 });
  fc.assert(
    fc.property(texts, (text) => {
      const folded = foldCase(text);

      expect(foldCase(folded)).toBe(folded);
      expect(folded.normalize('NFC')).toBe(folded);
    }),
    { numRuns: 500 },
  );
});

test('this holds for every character that has a case, alone and with a mark behind it', () => {
  const unstable = [];
  for (let code = 0; code <= 0x10ffff; code += 1) {
    const character = String.fromCodePoint(code);
    if (!/\p{Changes_When_Casemapped}|\p{M}/u.test(character)) continue;
    for (const text of [character, `${character}\u030C`]) {
      const folded = foldCase(text);
      if (foldCase(folded) !== folded || folded.normalize('NFC') !== folded) unstable.push(code.toString(16));
    }
  }

  expect(unstable).toEqual([]);
});

test('letters of ASCII fold alike beside other letters and among themselves', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(foldCase(`${text} é`)).toBe(`${foldCase(text)} é`);
    }),
  );
});
