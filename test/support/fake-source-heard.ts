import type { SilenceSource } from '../../shared/configuration/configuration.ts';
import { heard, type SourceHeard, type SourceHeardStore } from '../../shared/identity/source-heard.ts';
import type { TenantId } from '../../shared/tenancy/tenant.ts';

/** What was heard of sources, in memory, held to the contract of the real store. */
export function fakeSourceHeard(): SourceHeardStore {
  const tenants = new Map<TenantId, Map<SilenceSource, SourceHeard>>();
  return {
    read: async (tenant) => Promise.resolve(new Map(tenants.get(tenant))),
    note: async (tenant, source, at) => {
      const records = tenants.get(tenant) ?? new Map<SilenceSource, SourceHeard>();
      tenants.set(tenant, records.set(source, heard(records.get(source), at)));
      return Promise.resolve();
    },
  };
}
