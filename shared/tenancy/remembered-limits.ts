/** Limits are looked at with every post and question, and change once a year: they are read once a minute and tenant. */
import { type Limits, limitsWith, mostOfLimits, type OwnLimits } from './limits.ts';
import type { TenantId } from './tenant.ts';

export type LimitsOf = (tenant: TenantId) => Promise<Limits>;

export interface ReadLimits {
  /** Those that the provider has set; `undefined` where it has set none. */
  readonly read: (tenant: TenantId) => Promise<OwnLimits | undefined>;
  readonly now: () => number;
  /** Hears of limits that could not be read: those that were known last go on to hold, or the most that can be set. */
  readonly unread: (tenant: TenantId, error: unknown) => void;
}

/** A change holds everywhere after this. */
export const rememberedMs = 60_000;

/** They are read again after this where that failed. */
export const unreadMs = 5_000;

export function rememberedLimits({ read, now, unread }: ReadLimits): LimitsOf {
  const known = new Map<TenantId, { readonly limits: Promise<Limits>; readonly untilAt: number }>();

  return async (tenant) => {
    const last = known.get(tenant);
    if (last !== undefined && now() < last.untilAt) return last.limits;
    const limits: Promise<Limits> = read(tenant).then(limitsWith, async (error: unknown) => {
      unread(tenant, error);
      known.set(tenant, { limits, untilAt: now() + unreadMs });
      // Not the defaults: a tenant that may do more would be refused by a fault of ours.
      return last?.limits ?? mostOfLimits;
    });
    known.set(tenant, { limits, untilAt: now() + rememberedMs });
    return limits;
  };
}
