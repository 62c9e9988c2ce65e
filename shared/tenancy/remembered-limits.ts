/** Limits are looked at with every post and question, and change once a year: they are read once a minute and tenant. */
import { type Limits, limitsWith, type OwnLimits } from './limits.ts';
import type { TenantId } from './tenant.ts';

export type LimitsOf = (tenant: TenantId) => Promise<Limits>;

export interface ReadLimits {
  /** Those that the provider has set; `undefined` where it has set none. */
  readonly read: (tenant: TenantId) => Promise<OwnLimits | undefined>;
  readonly now: () => number;
  /** Hears of limits that could not be read: those that were known last go on to hold, or the defaults. */
  readonly unread: (tenant: TenantId, error: unknown) => void;
}

/** A change holds everywhere after this. */
export const rememberedMs = 60_000;

export function rememberedLimits({ read, now, unread }: ReadLimits): LimitsOf {
  const known = new Map<TenantId, { readonly limits: Promise<Limits>; readonly untilAt: number }>();

  return async (tenant) => {
    const last = known.get(tenant);
    if (last !== undefined && now() < last.untilAt) return last.limits;
    const limits = read(tenant).then(limitsWith, async (error: unknown) => {
      unread(tenant, error);
      return last?.limits ?? limitsWith();
    });
    known.set(tenant, { limits, untilAt: now() + rememberedMs });
    return limits;
  };
}
