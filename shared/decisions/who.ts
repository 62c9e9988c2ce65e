/** Who is behind the source of a flow, as far as the authentication table knows. */
import { foldCase } from '../identity/fold-case.ts';
import type { Access } from '../endpoints/endpoint.ts';
import type { Listed } from '../identity/authentication-table.ts';
import type { Device, Origin } from '../identity/observation.ts';
import type { Reading } from '../identity/reading.ts';
import { search } from '../identity/search.ts';
import type { Standing } from './source-identity.ts';

export type Who =
  | {
      readonly state: 'valid';
      readonly domain: string;
      readonly user: string;
      readonly groups: readonly string[];
      /** Whose word it is. */
      readonly origin: Origin;
      /** What was told of the device. */
      readonly device?: Device;
    }
  | { readonly state: 'invalid' | 'pending' | 'init' | 'none' };

/** The user whose entry comes first in the order of the search, or how far the asking is. */
export function whoIs(slots: readonly Listed[], reading: Pick<Reading, 'order' | 'clockOf'>): Who {
  const item = search(slots, reading)[0]?.item;
  if (item === undefined || item.state === 'ended') return { state: 'none' };
  if (item.state !== 'valid') return { state: item.state };
  if (item.entry === undefined) return { state: 'none' };
  const { domain, user, groups, origin, device } = item.entry;
  return { state: 'valid', domain, user, groups, origin, device };
}

/** In quarantine a user is of no group but the quarantine role, in the domain of his entry. */
export const quarantinedIn = (who: Who, access: Access | undefined): Who =>
  who.state === 'valid' && access?.access === 'quarantined' ? { ...who, groups: [foldCase(access.role)] } : who;

/** While nobody is known yet the flow is that of an unauthenticated user; once a query found nobody, of an unknown one. */
export const standings: Readonly<Record<Who['state'], Standing>> = {
  valid: 'authenticated-user',
  invalid: 'unknown-user',
  pending: 'unauthenticated-user',
  init: 'unauthenticated-user',
  none: 'unauthenticated-user',
};
