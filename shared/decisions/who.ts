/** Who is behind the source of a flow, as far as the authentication table knows. */
import { isLive, type Item } from '../identity/entry.ts';
import type { Standing } from './source-identity.ts';

export type Who =
  | {
      readonly state: 'valid';
      readonly domain: string;
      readonly user: string;
      readonly groups: readonly string[];
    }
  | { readonly state: 'invalid' | 'pending' | 'init' | 'none' };

export function whoIs(item: Item | undefined, now: number): Who {
  if (!isLive(item, now) || item.state === 'ended') return { state: 'none' };
  if (item.state !== 'valid') return { state: item.state };
  if (item.entry === undefined) return { state: 'none' };
  const { domain, user, groups } = item.entry;
  return { state: 'valid', domain, user, groups };
}

/** While nobody is known yet the flow is that of an unauthenticated user; once a query found nobody, of an unknown one. */
export const standings: Readonly<Record<Who['state'], Standing>> = {
  valid: 'authenticated-user',
  invalid: 'unknown-user',
  pending: 'unauthenticated-user',
  init: 'unauthenticated-user',
  none: 'unauthenticated-user',
};
