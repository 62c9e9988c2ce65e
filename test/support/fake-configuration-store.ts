/** Configurations in memory. Holds to the contract of the real store. */
import {
  type Configuration,
  type ConfigurationStore,
  defaults,
  noVersion,
  type Version,
} from '../../shared/configuration/configuration.ts';
import { referencesOf } from '../../shared/configuration/configuration-secrets.ts';
import type { VersionRecord } from '../../shared/configuration/versions.ts';

interface Stored {
  current: Version;
  readonly versions: Map<Version, { readonly record: VersionRecord; readonly configuration: Configuration }>;
}

export function fakeConfigurationStore(): ConfigurationStore {
  const tenants = new Map<string, Stored>();
  let serial = 0;
  const of = (tenant: string) => {
    const stored: Stored = tenants.get(tenant) ?? { current: noVersion, versions: new Map() };
    tenants.set(tenant, stored);
    return stored;
  };

  return {
    async current(tenant) {
      const { current, versions } = of(tenant);
      const { configuration = defaults } = versions.get(current) ?? {};
      return Promise.resolve(structuredClone({ version: current, configuration }));
    },

    async replace(tenant, { read: previous, configuration, ...told }) {
      const stored = of(tenant);
      serial += 1;
      const number = (stored.versions.get(previous)?.record.number ?? 0) + 1;
      const version = `version-${serial}` as Version;
      const secrets = referencesOf(configuration);
      const record = { version, previous, number, chunks: 1, secrets, ...told };
      stored.versions.set(version, structuredClone({ record, configuration }));
      if (stored.current !== previous) return Promise.resolve({ outcome: 'conflict', record });
      stored.current = version;
      return Promise.resolve({ outcome: 'replaced', record });
    },

    async history(tenant) {
      const { current, versions } = of(tenant);
      return Promise.resolve({ current, records: [...versions.values()].map(({ record }) => record) });
    },

    version: async (tenant, { version }) => Promise.resolve(of(tenant).versions.get(version)?.configuration),

    async remove(tenant, { version }) {
      of(tenant).versions.delete(version);
      return Promise.resolve();
    },
  };
}
