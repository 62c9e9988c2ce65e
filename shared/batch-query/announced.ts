import type { Configuration, ConfigurationStore } from '../configuration/configuration.ts';
import type { BatchRoster } from './batch.ts';

const isOn = ({ identityManagement }: Configuration) => identityManagement.enabled;

/**
 * A store of configurations that keeps the roster of batch queries. A tenant is put on it before its configuration is
 * stored, and taken off after: whoever stands there without need costs a read a minute, whoever is missing gets no batch.
 */
export const announced = <Store extends ConfigurationStore>(configurations: Store, roster: BatchRoster): Store => ({
  ...configurations,
  async replace(tenant, replacement) {
    const { configuration } = replacement;
    if (isOn(configuration)) await roster.add(tenant);
    const replaced = await configurations.replace(tenant, replacement);
    if (replaced.outcome === 'replaced' && !isOn(configuration)) await roster.remove(tenant);
    return replaced;
  },
});
