/**
 * What a security policy's source-identity says: one of four words, or the name of a user or group. A name is
 * `domain\name`, or bare, which means GLOBAL; `*\name` means the name in any domain.
 */
import { foldCase } from '../identity/fold-case.ts';

/** How the evaluation takes somebody who is not `valid`, and everybody who is. */
export type Standing = 'authenticated-user' | 'unauthenticated-user' | 'unknown-user';

const words = new Set<string>(['any', 'authenticated-user', 'unauthenticated-user', 'unknown-user']);

/** As it is compared: one of the four words, or a name behind its domain as entries have it. */
export function identityWord(text: string): string {
  const folded = foldCase(text);
  if (words.has(folded)) return folded;
  // The domain ends at the first backslash; a name may hold more of them.
  const at = folded.indexOf('\\');
  const domain = folded.slice(0, Math.max(at, 0));
  return `${domain === '' || domain === 'global' ? 'GLOBAL' : domain}\\${folded.slice(at + 1)}`;
}

/** All the words that mean somebody of this standing: what he is named by, too, where it is known who he is. */
export function wordsFor(
  standing: Standing,
  known?: { readonly domain: string; readonly user: string; readonly groups: readonly string[] },
): ReadonlySet<string> {
  if (known === undefined) return new Set(['any', standing]);
  const { domain, user, groups } = known;
  // No policy can name a domain with a backslash in it.
  const domains = domain.includes('\\') ? ['*'] : [domain, '*'];
  return new Set(['any', standing, ...domains.flatMap((each) => [user, ...groups].map((name) => `${each}\\${name}`))]);
}

/** What is filed under the names of one domain. */
export type Names<Value> = ReadonlyMap<string, Value>;

/**
 * Finds, by the domain of an entry, the names that mean its users and groups: those of the domain and those of any.
 * The domain is not part of a key: an entry's own domain may hold a backslash, and must not run into the name.
 */
export function namesByDomain<Value>(filed: Iterable<readonly [word: string, Value]>) {
  const domains = new Map<string, Map<string, Value>>();
  for (const [word, value] of filed) {
    const at = word.indexOf('\\');
    if (at < 0) continue;
    const domain = word.slice(0, at);
    const names = domains.get(domain) ?? new Map<string, Value>();
    domains.set(domain, names.set(word.slice(at + 1), value));
  }
  const ofAny = domains.get('*');
  const others = ofAny === undefined ? [] : [ofAny];
  const reaching = new Map<string, readonly Names<Value>[]>();
  for (const [domain, names] of domains) reaching.set(domain, [names, ...others]);
  return (domain: string): readonly Names<Value>[] => reaching.get(domain) ?? others;
}

export const namesEverybody = ({ sourceIdentity }: { readonly sourceIdentity: readonly string[] }) =>
  sourceIdentity.some((text) => identityWord(text) === 'any');

/** The users and groups that some policy names, by the domain of an entry. */
export const namedIdentities = (policies: readonly { readonly sourceIdentity: readonly string[] }[]) =>
  namesByDomain(policies.flatMap(({ sourceIdentity }) => sourceIdentity.map((text) => [identityWord(text), 'named'])));
