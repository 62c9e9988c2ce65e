import type { Versioned } from '../configuration/configuration.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import { compile, type CompiledPolicies } from './compiled-policies.ts';

/** Tenants whose policies an environment keeps compiled. */
const mostKept = 64;

/** Policies compiled once a version, for as long as the environment lives; each tenant has its own. */
export function compiledByVersion(): (tenant: TenantId, versioned: Versioned) => CompiledPolicies {
  const kept = new Map<TenantId, { version: string; compiled: CompiledPolicies }>();
  return (tenant, { version, configuration }) => {
    const known = kept.get(tenant);
    if (known?.version === version) return known.compiled;
    const compiled = compile(configuration);
    kept.delete(tenant);
    const [oldest] = kept.keys();
    if (oldest !== undefined && kept.size >= mostKept) kept.delete(oldest);
    kept.set(tenant, { version, compiled });
    return compiled;
  };
}
