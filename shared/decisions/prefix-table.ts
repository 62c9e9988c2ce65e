/** What is filed under prefixes: one hash table for each length that occurs, so that many prefixes cost what few do. */
import type { Bits } from './address-bits.ts';

export interface PrefixTable<Value> {
  readonly add: (bits: Bits, length: number, value: Value) => void;
  /** Puts all that is filed under prefixes of these bits behind what is there already. */
  readonly collect: (bits: Bits, into: Value[]) => void;
}

export function prefixTable<Value>(): PrefixTable<Value> {
  const numbers = tableOf<number, Value>(numberPrefix);
  const texts = tableOf<string, Value>(textPrefix);
  return {
    add: (bits, length, value) =>
      typeof bits === 'number' ? numbers.add(bits, length, value) : texts.add(bits, length, value),
    collect: (bits, into) => (typeof bits === 'number' ? numbers.collect(bits, into) : texts.collect(bits, into)),
  };
}

function tableOf<Key, Value>(prefix: (bits: Key, length: number) => Key) {
  const lengths: { readonly length: number; readonly filed: Map<Key, Value[]> }[] = [];
  return {
    add(bits: Key, length: number, value: Value) {
      let level = lengths.find((each) => each.length === length);
      if (level === undefined) lengths.push((level = { length, filed: new Map() }));
      const key = prefix(bits, length);
      const values = level.filed.get(key);
      if (values === undefined) level.filed.set(key, [value]);
      else values.push(value);
    },

    collect(bits: Key, into: Value[]) {
      for (const { length, filed } of lengths) {
        const values = filed.get(prefix(bits, length));
        if (values !== undefined) for (const value of values) into.push(value);
      }
    },
  };
}

/** A shift by 32 is a shift by 0, hence the empty prefix by itself. */
const numberPrefix = (bits: number, length: number) => (length === 0 ? 0 : bits & (-1 << (32 - length)));

function textPrefix(bits: string, length: number): string {
  const whole = bits.slice(0, length >> 4);
  const rest = length & 15;
  return rest === 0 ? whole : whole + String.fromCharCode(bits.charCodeAt(length >> 4) & (0xffff << (16 - rest)));
}
