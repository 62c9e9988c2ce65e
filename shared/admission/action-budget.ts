/**
 * The blast-radius cap: so many automatic actions in any ten minutes for a tenant, over admission policies and feeds
 * together. One bad feed entry, or one sender gone mad, is not to shut a whole site out; what goes beyond the cap waits
 * for an operator's word. Clears cost nothing, as they let people in.
 */
import type { TenantId } from '../tenancy/tenant.ts';

export const budgetWindowMs = 10 * 60_000;

/** An automatic action that was taken. */
export interface SpentAct {
  readonly key: string;
  readonly at: number;
}

export interface ActionWanted {
  /** The same act again, by a repeat or by somebody who was killed in between, is counted once. */
  readonly key: string;
  /** In ten minutes; 0: any number. */
  readonly most: number;
  readonly now: number;
}

export interface ActionBudget {
  /** Exact, however many ask at once. Throws `busy` where too many do. */
  readonly take: (tenant: TenantId, wanted: ActionWanted) => Promise<'taken' | 'exceeded'>;
}

/** `counted`: it was before. What is `taken` is to be remembered with the others that still count. */
export type Spending =
  | { readonly outcome: 'counted' }
  | { readonly outcome: 'exceeded' }
  | { readonly outcome: 'taken'; readonly acts: readonly SpentAct[] };

export function spend(acts: readonly SpentAct[], { key, most, now }: ActionWanted): Spending {
  // Clocks differ a little: an act of the near future counts as well.
  const counting = acts.filter(({ at }) => now - at < budgetWindowMs);
  if (counting.some((act) => act.key === key)) return { outcome: 'counted' };
  if (counting.length >= most) return { outcome: 'exceeded' };
  return { outcome: 'taken', acts: [...counting, { key, at: now }] };
}
