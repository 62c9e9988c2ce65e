/** What a tenant may use up, so that the others are served whatever it does. The provider sets it; a tenant has the defaults. */

export interface Limits {
  /** Posts within a clock minute; a large one counts as several. */
  readonly postsPerMinute: number;
  /** Questions about addresses that are asked and not yet answered. */
  readonly openQuestions: number;
  /** Addresses that may have somebody at the same time. */
  readonly entries: number;
}

/** Those that the provider has set; all others are the defaults, also when these change. */
export type OwnLimits = Partial<Limits>;

/** `null`: the default again. */
export type LimitChanges = { readonly [Name in keyof Limits]?: number | null };

export const defaultLimits: Limits = { postsPerMinute: 6_000, openQuestions: 2_000, entries: 200_000 };

/** The most that can be set: beyond it, one tenant's counter, or the count of its entries, would be what gives way. */
export const mostOfLimits: Limits = { postsPerMinute: 30_000, openQuestions: 20_000, entries: 500_000 };

export const limitNames = ['postsPerMinute', 'openQuestions', 'entries'] as const satisfies readonly (keyof Limits)[];

export const limitsWith = (own: OwnLimits = {}): Limits => ({ ...defaultLimits, ...own });

/** What the provider has set after a change; `undefined` where that is nothing. */
export function changedLimits(own: OwnLimits = {}, changes: LimitChanges = {}): OwnLimits | undefined {
  const set = limitNames.flatMap((name) => {
    const { [name]: changed = own[name] } = changes;
    return changed === null || changed === undefined ? [] : [[name, changed] as const];
  });
  return set.length === 0 ? undefined : Object.fromEntries(set);
}
