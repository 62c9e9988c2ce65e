/**
 * What is said of addresses by their prefixes: a hash table for each length that occurs, so that many prefixes cost no
 * more than few. What all the prefixes of an address say is summed up when its longest one is first asked.
 */
import { type Bits, numberPrefix, type Prefix, textPrefix } from './address-bits.ts';

export interface Said<Word, Key extends Bits = Bits> extends Prefix<Key> {
  readonly word: Word;
}

export interface Summing<Word, Sum> {
  /** What is said of every address, in both families. */
  readonly ofAll: Sum;
  readonly add: (shorter: Sum, words: readonly Word[]) => Sum;
}

/** Sums of one length that are kept: a configuration must not grow without end by being asked. */
const mostKept = 1_024;

export function prefixTable<Word, Sum>(said: readonly Said<Word>[], summing: Summing<Word, Sum>): (bits: Bits) => Sum {
  const ofNumber = tableOf(said.filter(isNumber), numberPrefix, summing);
  const ofText = tableOf(said.filter(isText), textPrefix, summing);
  return (bits) => (typeof bits === 'number' ? ofNumber(bits) : ofText(bits));
}

const isNumber = <Word>(said: Said<Word>): said is Said<Word, number> => typeof said.bits === 'number';
const isText = <Word>(said: Said<Word>): said is Said<Word, string> => typeof said.bits === 'string';

function tableOf<Word, Sum, Key extends Bits>(
  said: readonly Said<Word, Key>[],
  cut: (bits: Key, length: number) => Key,
  { ofAll, add }: Summing<Word, Sum>,
): (bits: Key) => Sum {
  let sumOf: (bits: Key) => Sum = () => ofAll;
  for (const [length, same] of [...Map.groupBy(said, (each) => each.length)].sort(([one], [other]) => one - other)) {
    const shorter = sumOf;
    const found = new Map<Key, { readonly words: Word[]; sum?: Sum }>();
    for (const { bits, word } of same) {
      const key = cut(bits, length);
      const known = found.get(key);
      if (known === undefined) found.set(key, { words: [word] });
      else known.words.push(word);
    }
    let kept = 0;
    sumOf = (bits) => {
      const own = found.get(cut(bits, length));
      if (own === undefined) return shorter(bits);
      if (own.sum !== undefined) return own.sum;
      const sum = add(shorter(bits), own.words);
      if ((kept += 1) <= mostKept) own.sum = sum;
      return sum;
    };
  }
  return sumOf;
}
