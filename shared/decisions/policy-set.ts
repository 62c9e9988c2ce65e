/**
 * Sets of policies, by their positions in the order of evaluation. Each is the set of those that name one word in one
 * aspect: a prefix as source, an application, a group. Small sets are lists, large ones bits, so that all of them
 * together stay in proportion to the configuration that they come from, however it is written.
 */
export interface PolicySet {
  readonly word: string;
  /** Ascending; empty where the set is bits. */
  readonly listed: readonly number[];
  readonly bits: Int32Array | undefined;
}

/** The sets that hold a flow in one aspect: a policy matches in it if any of them holds the policy. */
export type Aspect = readonly PolicySet[];

/** A set of more policies than this is bits. So a set costs at most eight times its list, and a list is short. */
const mostListed = (policies: number) => Math.max(4, policies / 256);

/** The sets of each word that some policy names in an aspect. */
export function policySets<Policy>(
  policies: readonly Policy[],
  wordsOf: (policy: Policy) => readonly string[],
): ReadonlyMap<string, PolicySet> {
  const positions = new Map<string, number[]>();
  policies.forEach((policy, position) => {
    for (const word of new Set(wordsOf(policy))) {
      const found = positions.get(word);
      if (found === undefined) positions.set(word, [position]);
      else found.push(position);
    }
  });
  const sets = new Map<string, PolicySet>();
  for (const [word, listed] of positions) {
    const isSmall = listed.length <= mostListed(policies.length);
    sets.set(
      word,
      isSmall ? { word, listed, bits: undefined } : { word, listed: [], bits: bitsOf(listed, policies.length) },
    );
  }
  return sets;
}

function bitsOf(positions: readonly number[], policies: number): Int32Array {
  const bits = new Int32Array(Math.ceil(policies / 32));
  for (const position of positions) bits[position >> 5] = (bits[position >> 5] ?? 0) | (1 << (position & 31));
  return bits;
}

export function holds({ listed, bits }: PolicySet, position: number): boolean {
  return bits === undefined ? listed.includes(position) : (((bits[position >> 5] ?? 0) >>> (position & 31)) & 1) === 1;
}

/** The position of no policy: behind all of them. */
export const nowhere = 0x7fffffff;

/** The first policy that matches in every aspect; `nowhere` if none does. */
export function firstInAll(aspects: readonly Aspect[]): number {
  const narrow = narrowest(aspects);
  if (narrow !== undefined) return firstListed(narrow, aspects, nowhere);
  // A policy that matches is in a list in some aspect, or in bits in every one.
  let first = nowhere;
  for (const aspect of aspects) first = firstListed(aspect, aspects, first);
  return firstInBits(aspects, first);
}

/** Of the aspects that are lists only the shortest one: what matches is in it. */
function narrowest(aspects: readonly Aspect[]): Aspect | undefined {
  let found: Aspect | undefined;
  let fewest = nowhere;
  for (const aspect of aspects) {
    let listed = 0;
    for (const set of aspect) listed += set.bits === undefined ? set.listed.length : nowhere;
    if (listed < fewest) [found, fewest] = [aspect, listed];
  }
  return found;
}

function firstListed(among: Aspect, aspects: readonly Aspect[], before: number): number {
  let first = before;
  for (const { listed } of among) {
    for (const position of listed) {
      if (position >= first) break;
      if (inAll(aspects, position)) first = position;
    }
  }
  return first;
}

function inAll(aspects: readonly Aspect[], position: number): boolean {
  for (const aspect of aspects) if (!inAny(aspect, position)) return false;
  return true;
}

function inAny(aspect: Aspect, position: number): boolean {
  for (const set of aspect) if (holds(set, position)) return true;
  return false;
}

function firstInBits(aspects: readonly Aspect[], before: number): number {
  const bits = aspects.map((aspect) => aspect.flatMap((set) => set.bits ?? []));
  const words = Math.min(bits[0]?.[0]?.length ?? 0, (before >> 5) + 1);
  for (let word = 0; word < words; word += 1) {
    let left = -1;
    for (const sets of bits) {
      let any = 0;
      for (const set of sets) any |= set[word] ?? 0;
      left &= any;
      if (left === 0) break;
    }
    if (left !== 0) return Math.min(before, word * 32 + 31 - Math.clz32(left & -left));
  }
  return before;
}
