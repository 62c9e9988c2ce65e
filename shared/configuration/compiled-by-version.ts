import type { TenantId } from '../tenancy/tenant.ts';
import type { Configuration, Versioned } from './configuration.ts';

/** Tenants of whose configurations an environment keeps what was made. */
const mostKept = 64;

/** What is made of a configuration, once a version, for as long as the environment lives; each tenant has its own. */
export function compiledByVersion<Compiled>(
  compile: (configuration: Configuration) => Compiled,
): (tenant: TenantId, versioned: Versioned) => Compiled {
  const kept = new Map<TenantId, { version: string; compiled: Compiled }>();
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
