/** Which security policies take whoever is at an address, and which would if it were known who that is. */
import type { Configuration, PolicyAction, SecurityPolicy } from '../configuration/configuration.ts';
import { identityWord, type Standing, wordsFor } from '../decisions/source-identity.ts';
import { addressSet } from '../identity/address-set.ts';
import type { IpAddress } from '../identity/address.ts';

export interface PolicyTold {
  readonly policy: string;
  readonly action: PolicyAction;
  /** The words of its source-identity that take him. */
  readonly because: readonly string[];
}

export interface PoliciesTold {
  readonly evaluatedAs: Standing;
  /** As things are; the flow's zones, destination and application decide the rest. */
  readonly matching: readonly PolicyTold[];
  /** If somebody were known there: the one whom we remember, or else anybody whom a policy names. */
  readonly ifKnown: readonly PolicyTold[];
  /** How many policies more there are of either kind. */
  readonly leftOut: number;
}

export interface Person {
  readonly domain: string;
  readonly user: string;
  readonly groups: readonly string[];
}

/** Whether a word of a source-identity takes somebody. */
export type Takes = (word: string) => boolean;

export const takesPerson = (person: Person): Takes => {
  const words = wordsFor('authenticated-user', person);
  return (word) => words.has(word);
};

/** Whoever it is, as long as somebody is known. */
export const takesSomebody: Takes = (word) => word === 'authenticated-user' || word.includes('\\');

/** A user of whom nothing but the name is known; without a domain, in any. */
export const takesUser = ({ user, domain }: { user: string; domain?: string }): Takes => {
  const named = domain === undefined ? undefined : takesPerson({ user, domain, groups: [] });
  return named ?? ((word) => word === 'any' || word.slice(word.indexOf('\\') + 1) === user);
};

const mostTold = 50;

interface Asked {
  /** Those alone whose source addresses hold it; without one, all of them. */
  readonly ip?: IpAddress;
  readonly standing: Standing;
  readonly known?: Person;
  /** Where nobody is known. */
  readonly ifKnown: Takes;
}

/** In the order of evaluation. */
export function policiesTold(
  { policies }: Pick<Configuration, 'policies'>,
  { ip, standing, known, ifKnown: takes }: Asked,
): PoliciesTold {
  const reaching = policies.filter(({ source }) => ip === undefined || holds(source, ip));
  const words = wordsFor(standing, known);
  const matching = told(reaching, (word) => words.has(word));
  const already = new Set(matching.map(({ policy }) => policy));
  const ifKnown = known === undefined ? told(reaching, takes).filter(({ policy }) => !already.has(policy)) : [];
  const shown = { matching: matching.slice(0, mostTold), ifKnown: ifKnown.slice(0, mostTold) };
  const leftOut = matching.length - shown.matching.length + ifKnown.length - shown.ifKnown.length;
  return { evaluatedAs: standing, ...shown, leftOut };
}

const told = (policies: readonly SecurityPolicy[], takes: Takes): readonly PolicyTold[] =>
  policies.flatMap(({ name, action, sourceIdentity }) => {
    const because = sourceIdentity.filter((text) => takes(identityWord(text)));
    return because.length > 0 ? [{ policy: name, action, because }] : [];
  });

const holds = (source: readonly string[], ip: IpAddress): boolean => source.includes('any') || addressSet(source)(ip);
