/** What the stores of connectors promise. Run against the fakes and against each engine, so that the fakes cannot drift. */
import { connectorKey, type ConnectorState, type ConnectorStates } from '../../shared/connectors/connector-state.ts';
import { type ConnectorTests, type Draft, testKeptMs } from '../../shared/connectors/connector-test.ts';
import type { Answer } from '../../shared/connectors/enforcer.ts';
import type { SecretReference } from '../../shared/outbound/secrets.ts';
import { aConnector } from '../support/connectors.ts';
import { acme, globex, noon } from '../support/observations.ts';

export const aState = (told: Partial<ConnectorState> = {}): ConnectorState => ({
  name: 'campus',
  about: 'pulse-policy-secure https://pps.example.net:443',
  state: 'active',
  sinceAt: noon,
  checkedAt: noon,
  error: null,
  ...told,
});

export function connectorStatesContract(name: string, open: () => Promise<ConnectorStates>) {
  describe(name, () => {
    const campus = connectorKey('campus');
    let store: ConnectorStates;
    beforeEach(async () => {
      store = await open();
    });

    test('tells what it was told, of one and of all, each tenant its own', async () => {
      const inactive = aState({ name: 'Cellar', state: 'inactive', error: 'connection refused' });
      await store.replace(acme, campus, aState(), undefined);
      await store.replace(acme, connectorKey('Cellar'), inactive, undefined);
      await store.replace(globex, campus, aState({ error: 'x', state: 'inactive' }), undefined);

      expect(await store.read(acme, campus)).toEqual(aState());
      expect(await store.all(acme)).toEqual(new Map([[connectorKey('cellar'), inactive], [campus, aState()]])); // prettier-ignore
      expect((await store.all(globex)).size).toBe(1);
      expect(await store.read(globex, connectorKey('cellar'))).toBeUndefined();
    });

    test('is replaced by whoever read it as it is, and by nobody else', async () => {
      await store.replace(acme, campus, aState(), undefined);
      const later = aState({ checkedAt: noon + 1 });

      expect(await store.replace(acme, campus, later, undefined)).toBe('conflict');
      expect(await store.replace(acme, campus, later, aState())).toBe('replaced');
      expect(await store.replace(acme, campus, aState({ checkedAt: noon + 2 }), aState())).toBe('conflict');
      expect(await store.read(acme, campus)).toEqual(later);
    });
  });
}

export const aDraft = (password: Draft['password'] = { sent: 's3cret' }): Draft => ({
  ...aConnector({ settings: { realm: 'Users' } }),
  password,
});

const acknowledged: Answer = { outcome: 'acknowledged', detail: '200', roundTripMs: 12 };

export function connectorTestsContract(name: string, open: () => Promise<ConnectorTests>) {
  describe(name, () => {
    let store: ConnectorTests;
    beforeEach(async () => {
      store = await open();
    });

    test('hands over the draft with the secret that it came with, or with the reference, to its tenant alone', async () => {
      const kept = aDraft({ kept: 'connector/campus#1' as SecretReference });
      await store.leave(acme, 'one', aDraft(), noon);
      await store.leave(acme, 'two', kept, noon);

      expect(await store.read(acme, 'one', noon)).toEqual(aDraft());
      expect(await store.read(acme, 'two', noon)).toEqual(kept);
      expect(await store.read(globex, 'one', noon)).toBeUndefined();
      expect(await store.read(acme, 'three', noon)).toBeUndefined();
    });

    test('hands over no draft that is too old', async () => {
      await store.leave(acme, 'one', aDraft(), noon);

      expect(await store.read(acme, 'one', noon + testKeptMs - 1)).toBeDefined();
      expect(await store.read(acme, 'one', noon + testKeptMs)).toBeUndefined();
    });

    test('keeps the answer, and nothing of the draft any more', async () => {
      await store.leave(acme, 'one', aDraft(), noon);
      expect(await store.answered(acme, 'one')).toBeUndefined();
      await store.answer(acme, 'one', acknowledged);

      expect(await store.answered(acme, 'one')).toEqual(acknowledged);
      expect(await store.answered(globex, 'one')).toBeUndefined();
      expect(await store.read(acme, 'one', noon)).toBeUndefined();
    });

    test('keeps no answer to what is gone', async () => {
      await store.answer(acme, 'one', acknowledged);

      expect(await store.answered(acme, 'one')).toBeUndefined();
    });
  });
}
