/** Configurations in memory. Holds to the contract of the real store. */
import {
  type ConfigurationStore,
  defaults,
  noVersion,
  type Version,
  type Versioned,
} from '../../shared/configuration/configuration.ts';

export function fakeConfigurationStore(): ConfigurationStore {
  const stored = new Map<string, Versioned>();
  let serial = 0;
  const current = (tenant: string) => stored.get(tenant) ?? { version: noVersion, configuration: defaults };

  return {
    current: async (tenant) => Promise.resolve(structuredClone(current(tenant))),

    async replace(tenant, { read, configuration }) {
      if (current(tenant).version !== read) return Promise.resolve('conflict');
      serial += 1;
      const version = `version-${serial}` as Version;
      stored.set(tenant, structuredClone({ version, configuration }));
      return Promise.resolve(version);
    },
  };
}
