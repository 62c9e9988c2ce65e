/** What every ConfigurationStore promises. Run against the fake and against each engine, so that the fake cannot drift. */
import {
  type Configuration,
  type ConfigurationStore,
  defaults,
  noVersion,
  type Replacement,
  type Version,
} from '../../shared/configuration/configuration.ts';
import { versionsOf } from '../../shared/configuration/versions.ts';
import { acme, globex, noon } from '../support/observations.ts';

export const withNetworks = (networks: readonly string[]): Configuration => ({ ...defaults, networks });

export const author = { id: 'credential-1', name: 'first' };

export const over = (read: Version, configuration: Configuration): Replacement => ({
  read,
  configuration,
  changedAt: noon,
  author,
});

/** Stores it, and answers its record. */
export async function stored(store: ConfigurationStore, replacement: Replacement, tenant = acme) {
  const { outcome, record } = await store.replace(tenant, replacement);
  if (outcome === 'conflict') throw new Error('The configuration was not replaced.');
  return record;
}

export function configurationStoreContract(name: string, open: () => Promise<ConfigurationStore>) {
  describe(name, () => {
    let store: ConfigurationStore;
    beforeEach(async () => {
      store = await open();
    });

    const replaced = async (read: Version, configuration: Configuration) =>
      (await stored(store, over(read, configuration))).version;
    const outcomeOf = async (tenant: typeof acme, replacement: Replacement) =>
      (await store.replace(tenant, replacement)).outcome;
    const numbers = async (tenant = acme) => versionsOf(await store.history(tenant)).map(({ number }) => number);

    test('a tenant that has set nothing has the defaults, and no versions', async () => {
      expect(await store.current(acme)).toEqual({ version: noVersion, configuration: defaults });
      expect(await store.history(acme)).toEqual({ current: noVersion, records: [] });
    });

    test('what was stored last holds, and its version changes with it', async () => {
      const first = await replaced(noVersion, withNetworks(['10.0.0.0/8']));
      expect(await store.current(acme)).toEqual({ version: first, configuration: withNetworks(['10.0.0.0/8']) });

      const second = await replaced(first, withNetworks(['192.0.2.0/24']));

      expect(second).not.toBe(first);
      expect(await store.current(acme)).toEqual({ version: second, configuration: withNetworks(['192.0.2.0/24']) });
    });

    test('stores nothing over a version that was not read', async () => {
      const first = await replaced(noVersion, withNetworks(['10.0.0.0/8']));

      expect(await outcomeOf(acme, over(noVersion, defaults))).toBe('conflict');
      expect(await outcomeOf(acme, over('00000009-0badc0de' as Version, defaults))).toBe('conflict');
      expect(await outcomeOf(globex, over(first, defaults))).toBe('conflict');

      expect((await store.current(acme)).version).toBe(first);
      expect((await store.current(globex)).version).toBe(noVersion);
      expect(await numbers()).toEqual([1]);
      expect(await numbers(globex)).toEqual([]);
    });

    test('of two who change it at once one is told, and the configuration is one of theirs, whole', async () => {
      const first = await replaced(noVersion, defaults);
      const wishes = [['10.0.0.0/8'], ['192.0.2.0/24']].map(withNetworks);

      const attempts = await Promise.all(wishes.map((wish) => store.replace(acme, over(first, wish))));

      expect(attempts.filter(({ outcome }) => outcome === 'conflict')).toHaveLength(1);
      const winner = attempts.findIndex(({ outcome }) => outcome === 'replaced');
      const { version } = attempts[winner]?.record ?? {};
      expect(await store.current(acme)).toEqual({ version, configuration: wishes[winner] });
      expect(versionsOf(await store.history(acme)).map((each) => each.version)).toEqual([version, first]);
    });

    test('the versions that held are told newest first: by whom, when, why, and what they held', async () => {
      const first = await stored(store, over(noVersion, withNetworks(['10.0.0.0/8'])));
      const told = { author: { id: 'credential-2', name: 'second' }, message: 'the lab is gone', restored: 1 };
      const second = await stored(store, { ...over(first.version, defaults), ...told, changedAt: noon + 1 });

      expect(versionsOf(await store.history(acme))).toEqual([second, first]);
      expect(first).toMatchObject({ previous: noVersion, number: 1, author, changedAt: noon, secrets: [] });
      expect(second).toMatchObject({ previous: first.version, number: 2, ...told, changedAt: noon + 1 });
      expect(await store.version(acme, first)).toEqual(withNetworks(['10.0.0.0/8']));
      expect(await store.version(acme, second)).toEqual(defaults);
    });

    test('a version that was removed is gone, once more changes nothing, and the others stay', async () => {
      const first = await stored(store, over(noVersion, withNetworks(['10.0.0.0/8'])));
      const second = await stored(store, over(first.version, defaults));

      await store.remove(acme, first);
      await store.remove(acme, first);

      expect(await store.version(acme, first)).toBeUndefined();
      expect(await numbers()).toEqual([2]);
      expect((await store.current(acme)).version).toBe(second.version);
    });

    test('shows one tenant nothing of another, not even one that was read just before', async () => {
      const ours = await stored(store, over(noVersion, withNetworks(['10.0.0.0/8'])));
      await store.current(acme);

      expect((await store.current(globex)).configuration).toEqual(defaults);
      expect(await store.version(globex, ours)).toBeUndefined();
      await store.replace(globex, over(noVersion, withNetworks(['192.0.2.0/24'])));
      await store.remove(globex, ours);
      expect((await store.current(globex)).configuration.networks).toEqual(['192.0.2.0/24']);
      expect((await store.current(acme)).configuration.networks).toEqual(['10.0.0.0/8']);
      expect(await numbers()).toEqual([1]);
    });
  });
}
