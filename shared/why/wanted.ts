import { foldCase } from '../identity/fold-case.ts';
import { ServiceError } from '../service-error.ts';

/** Whom somebody asks about, folded as entries are. Without a domain: of whatever domain. */
export interface Wanted {
  readonly user: string;
  readonly domain?: string;
}

/** Throws `parameter-invalid`. */
export function wantedUser({ user, domain }: { readonly user: string; readonly domain?: string }): Wanted {
  if (user.trim() === '') throw new ServiceError('parameter-invalid', 'The user in the path is empty. Name one.');
  if (domain?.trim() === '') {
    throw new ServiceError(
      'parameter-invalid',
      '"domain" is empty. Leave it out to ask in all domains; it is GLOBAL where none was posted.',
    );
  }
  return { user: foldCase(user.trim()), ...(domain !== undefined && { domain: foldCase(domain.trim()) }) };
}
