/** What every ConfigurationStore promises. Run against the fake and against each engine, so that the fake cannot drift. */
import {
  type Configuration,
  type ConfigurationStore,
  defaults,
  noVersion,
  type Version,
} from '../../shared/configuration/configuration.ts';
import { acme, globex, noon } from '../support/observations.ts';

export const withNetworks = (networks: readonly string[]): Configuration => ({ ...defaults, networks });

export const over = (read: Version, configuration: Configuration) => ({
  read,
  configuration,
  changedAt: noon,
  credentialId: 'anoperator',
});

export function configurationStoreContract(name: string, open: () => Promise<ConfigurationStore>) {
  describe(name, () => {
    let store: ConfigurationStore;
    beforeEach(async () => {
      store = await open();
    });

    test('a tenant that has set nothing has the defaults', async () => {
      expect(await store.current(acme)).toEqual({ version: noVersion, configuration: defaults });
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

      expect(await store.replace(acme, over(noVersion, defaults))).toBe('conflict');
      expect(await store.replace(acme, over('00000009-0badc0de' as Version, defaults))).toBe('conflict');
      expect(await store.replace(globex, over(first, defaults))).toBe('conflict');

      expect((await store.current(acme)).version).toBe(first);
      expect((await store.current(globex)).version).toBe(noVersion);
    });

    test('of two who change it at once one is told, and the configuration is one of theirs, whole', async () => {
      const first = await replaced(noVersion, defaults);
      const wishes = [['10.0.0.0/8'], ['192.0.2.0/24']].map(withNetworks);

      const outcomes = await Promise.all(wishes.map((wish) => store.replace(acme, over(first, wish))));

      expect(outcomes.filter((outcome) => outcome === 'conflict')).toHaveLength(1);
      const winner = outcomes.findIndex((outcome) => outcome !== 'conflict');
      expect(await store.current(acme)).toEqual({ version: outcomes[winner], configuration: wishes[winner] });
    });

    test('shows one tenant nothing of another, not even one that was read just before', async () => {
      await replaced(noVersion, withNetworks(['10.0.0.0/8']));
      await store.current(acme);

      expect((await store.current(globex)).configuration).toEqual(defaults);
      await store.replace(globex, over(noVersion, withNetworks(['192.0.2.0/24'])));
      expect((await store.current(globex)).configuration.networks).toEqual(['192.0.2.0/24']);
      expect((await store.current(acme)).configuration.networks).toEqual(['10.0.0.0/8']);
    });

    async function replaced(read: Version, configuration: Configuration): Promise<Version> {
      const version = await store.replace(acme, over(read, configuration));
      if (version === 'conflict') throw new Error('The configuration was not replaced.');
      return version;
    }
  });
}
