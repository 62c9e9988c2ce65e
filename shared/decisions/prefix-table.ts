/**
 * The sets that hold an address, by its longest prefix that some policy names: what shorter ones say stands there too.
 * A hash table for each length that occurs, so that many prefixes cost no more than few.
 */
import { type Bits, numberPrefix, type Prefix, textPrefix } from './address-bits.ts';
import { type Aspect, type PolicySet, united, withSets } from './policy-set.ts';

export interface Filed<Key extends Bits = Bits> extends Prefix<Key> {
  readonly set: PolicySet;
}

/** `elsewhere` holds every address, in both families. */
export function prefixTable(filed: readonly Filed[], elsewhere: Aspect): (bits: Bits) => Aspect {
  const numbers = tableOf(filed.filter(isNumber), numberPrefix, elsewhere);
  const texts = tableOf(filed.filter(isText), textPrefix, elsewhere);
  return (bits) => (typeof bits === 'number' ? numbers(bits) : texts(bits));
}

const isNumber = (each: Filed): each is Filed<number> => typeof each.bits === 'number';
const isText = (each: Filed): each is Filed<string> => typeof each.bits === 'string';

type Cut<Key> = (bits: Key, length: number) => Key;

function tableOf<Key extends Bits>(filed: readonly Filed<Key>[], cut: Cut<Key>, elsewhere: Aspect) {
  const longestFirst: { readonly length: number; readonly aspects: ReadonlyMap<Key, Aspect> }[] = [];

  function aspectOf(bits: Key): Aspect {
    for (const { length, aspects } of longestFirst) {
      const aspect = aspects.get(cut(bits, length));
      if (aspect !== undefined) return aspect;
    }
    return elsewhere;
  }

  const byLength = Map.groupBy(filed, ({ length }) => length);
  for (const length of [...byLength.keys()].sort((one, other) => one - other)) {
    const aspects = new Map<Key, Aspect>();
    for (const [key, same] of Map.groupBy(byLength.get(length) ?? [], ({ bits }) => cut(bits, length))) {
      aspects.set(
        key,
        united(
          withSets(
            aspectOf(key),
            same.map(({ set }) => set),
          ),
        ),
      );
    }
    longestFirst.unshift({ length, aspects });
  }
  return aspectOf;
}
