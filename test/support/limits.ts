import { limitsWith, type OwnLimits } from '../../shared/tenancy/limits.ts';
import type { LimitsOf } from '../../shared/tenancy/remembered-limits.ts';

/** Every tenant has these, and the defaults of all others. */
export const limitsOfAll =
  (own: OwnLimits = {}): LimitsOf =>
  async () =>
    Promise.resolve(limitsWith(own));

export const defaultLimitsOf = limitsOfAll();
export const limitsWithQuestions = (openQuestions: number): LimitsOf => limitsOfAll({ openQuestions });
