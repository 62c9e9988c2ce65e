/**
 * Sets of policies, by their positions in the order of evaluation. Each is the set of those that say one thing of one
 * aspect: name a prefix as source, an application, a group. Small sets are lists and large ones bits, so that all of
 * them together stay in proportion to the configuration that they come from, however it is written.
 */
export type PolicySet = { readonly listed: Positions } | { readonly bits: PositionBits };

/** Ascending. */
type Positions = readonly number[];
/** 32 a number; plain numbers, as small typed arrays cost more than they hold. */
type PositionBits = readonly number[];

/** What matches in one aspect: the policies of all these sets. */
export interface Aspect {
  readonly listed: readonly Positions[];
  readonly bits: readonly PositionBits[];
}

export const nothing: Aspect = { listed: [], bits: [] };

export function withSets(aspect: Aspect, sets: readonly PolicySet[]): Aspect {
  const [listed, bits] = [[...aspect.listed], [...aspect.bits]];
  for (const set of sets) {
    if ('listed' in set) listed.push(set.listed);
    else bits.push(set.bits);
  }
  return { listed, bits };
}

/** The same in fewer sets: worth it for what is made once and asked often. */
export const united = ({ listed, bits }: Aspect): Aspect =>
  bits.length < 2 ? { listed, bits } : { listed, bits: [bits.reduce((one, other) => one.map((word, index) => word | (other[index] ?? 0)))] }; // prettier-ignore

/** A set of more policies than this is bits. So a set costs at most eight times its list, and a list is short. */
const mostListed = (policies: number) => policies / 256;

/** The sets of each word that some policy has in an aspect. */
export function policySets<Policy>(
  policies: readonly Policy[],
  wordsOf: (policy: Policy) => readonly string[],
): ReadonlyMap<string, PolicySet> {
  const positionsOf = new Map<string, number[]>();
  policies.forEach((policy, position) => {
    for (const word of new Set(wordsOf(policy))) {
      const positions = positionsOf.get(word);
      if (positions === undefined) positionsOf.set(word, [position]);
      else positions.push(position);
    }
  });
  const sets = new Map<string, PolicySet>();
  for (const [word, listed] of positionsOf) {
    const isLarge = listed.length > mostListed(policies.length);
    sets.set(word, isLarge ? { bits: bitsOf(listed, policies.length) } : { listed });
  }
  return sets;
}

function bitsOf(positions: Positions, policies: number): PositionBits {
  const bits = Array<number>(Math.ceil(policies / 32)).fill(0);
  for (const position of positions) bits[position >> 5] = (bits[position >> 5] ?? 0) | (1 << (position & 31));
  return bits;
}

/** The position of no policy: behind all of them. */
export const nowhere = 0x7fffffff;

/** The first policy that matches in every aspect; `nowhere` if none does. It is in bits in all of them, or in a list. */
export function firstInAll(aspects: readonly Aspect[]): number {
  const narrow = narrowest(aspects);
  if (narrow !== undefined) return firstListed(narrow, aspects, nowhere);
  let first = firstInBits(aspects);
  for (const aspect of aspects) first = firstListed(aspect, aspects, first);
  return first;
}

/** Of the aspects that are lists only the shortest one: whatever matches is in it. */
function narrowest(aspects: readonly Aspect[]): Aspect | undefined {
  let found: Aspect | undefined;
  let fewest = nowhere;
  for (const aspect of aspects) {
    if (aspect.bits.length > 0) continue;
    let count = 0;
    for (const positions of aspect.listed) count += positions.length;
    if (count < fewest) {
      found = aspect;
      fewest = count;
    }
  }
  return found;
}

function firstListed(among: Aspect, aspects: readonly Aspect[], before: number): number {
  let first = before;
  for (const positions of among.listed) {
    for (const position of positions) {
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

function inAny({ listed, bits }: Aspect, position: number): boolean {
  for (const words of bits) if ((((words[position >> 5] ?? 0) >>> (position & 31)) & 1) === 1) return true;
  for (const positions of listed) if (lists(positions, position)) return true;
  return false;
}

function lists(positions: Positions, position: number): boolean {
  for (const each of positions) if (each >= position) return each === position;
  return false;
}

function firstInBits(aspects: readonly Aspect[]): number {
  const words = aspects[0]?.bits[0]?.length ?? 0;
  for (let word = 0; word < words; word += 1) {
    let left = -1;
    for (const { bits } of aspects) {
      let any = 0;
      for (const each of bits) any |= each[word] ?? 0;
      left &= any;
      if (left === 0) break;
    }
    if (left !== 0) return word * 32 + 31 - Math.clz32(left & -left);
  }
  return nowhere;
}
