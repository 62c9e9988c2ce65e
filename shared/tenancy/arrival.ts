/**
 * A tenant that comes by an import: page after page, each once. Its logins are on the last pages, so nobody is let in
 * before everything is there.
 */
import { ServiceError } from '../service-error.ts';
import type { PageHead } from './tenant-page.ts';
import type { Tenant } from './tenant.ts';

export interface Arrival {
  readonly exportId: string;
  readonly exportedAt: number;
  readonly beganAt: number;
  /** How many are stored: all up to this one. */
  readonly pages: number;
  readonly finishedAt?: number;
}

/**
 * What is to be done with a page: `begin` where there is nobody, `store`, or only `compare` where the import is over, as
 * what lives has changed since. Throws `tenant-exists` where another tenant is there, `import-page-missing`.
 */
export function wayOf(before: Tenant | undefined, { tenant, exportId, page }: PageHead): 'begin' | 'store' | 'compare' {
  const isNobody = before === undefined || before.erasure?.erasedAt !== undefined;
  const arrival = isNobody ? undefined : before.arrival;
  if (!isNobody && arrival?.exportId !== exportId) {
    throw new ServiceError(
      'tenant-exists',
      `There is a tenant "${tenant.id}" already, and it does not come from this export. Nothing of it is overwritten: erase it first, or send the pages of the export that was begun with.`,
    );
  }
  const next = (arrival?.pages ?? 0) + 1;
  if (page > next) {
    throw new ServiceError('import-page-missing', `This is page ${page}, and page ${next} has not come yet. Send that one first.`); // prettier-ignore
  }
  if (arrival === undefined) return 'begin';
  return arrival.finishedAt === undefined ? 'store' : 'compare';
}

/** The arrival when a page is stored whole. */
export const withPage = (arrival: Arrival, page: number, follows: 'another' | 'nothing', now: number): Arrival => ({
  ...arrival,
  pages: Math.max(arrival.pages, page),
  ...(follows === 'nothing' && { finishedAt: now }),
});
