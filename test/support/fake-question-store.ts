import type { TenantId } from '../../shared/tenancy/tenant.ts';
import type { Counted, QuestionStore } from '../../shared/user-query/questions.ts';

/** Counts of open questions in memory. Holds to the contract of the real store. */
export function fakeQuestionStore(): QuestionStore {
  const tenants = new Map<TenantId, Map<number, Counted>>();
  const of = (tenant: TenantId) => {
    const minutes = tenants.get(tenant) ?? new Map<number, Counted>();
    tenants.set(tenant, minutes);
    return minutes;
  };

  return {
    async add(tenant, minute, what, count = 1) {
      const before = of(tenant).get(minute) ?? { asked: 0, settled: 0 };
      of(tenant).set(minute, { ...before, [what]: before[what] + count });
      return Promise.resolve();
    },
    async since(tenant, first) {
      const counted = [...of(tenant)].filter(([minute]) => minute >= first).map(([, each]) => each);
      const sum = (what: keyof Counted) => counted.reduce((total, each) => total + each[what], 0);
      return Promise.resolve({ asked: sum('asked'), settled: sum('settled') });
    },
  };
}
