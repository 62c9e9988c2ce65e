/** What every TokenStore promises. Run against the fake and against each engine, so that the fake cannot drift. */
import type { ServerName } from '../../shared/user-query/servers.ts';
import type { Token, TokenPlace, TokenStore } from '../../shared/user-query/tokens.ts';
import { acme, globex, noon } from '../support/observations.ts';

export const aPlace = (told: Partial<TokenPlace> = {}): TokenPlace => ({
  tenant: acme,
  server: 'clearpass.example.net:443' as ServerName,
  clientId: 'postern',
  ...told,
});

export const aToken = (told: Partial<Token> = {}): Token => ({
  text: 'secret token',
  revision: 'first',
  obtainedAt: noon,
  expiresAt: noon + 3_600_000,
  ...told,
});

export function tokenStoreContract(name: string, open: () => Promise<TokenStore>) {
  describe(name, () => {
    const place = aPlace();
    let store: TokenStore;
    beforeEach(async () => {
      store = await open();
    });

    const lease = async (id: string, told: { seen?: string; now?: number } = {}) =>
      store.lease(place, { id, now: noon, untilAt: (told.now ?? noon) + 8_000, ...told });
    const kept = async (token = aToken()) => {
      await lease(token.revision);
      await store.keep(place, token);
    };

    test('opens the token that was kept, and the lease is over', async () => {
      await kept();

      const { token, leasedUntil } = await store.read(place);
      expect(token).toMatchObject({ revision: 'first', obtainedAt: noon, expiresAt: noon + 3_600_000 });
      expect(token && (await store.open(place, token))).toBe('secret token');
      expect(leasedUntil).toBeUndefined();
    });

    test('leases to one alone until the lease ends by time, and twice to the same', async () => {
      expect(await lease('one')).toBe('leased');
      expect(await lease('one')).toBe('leased');
      expect(await lease('other')).toBe('refused');
      expect(await store.read(place)).toEqual({ leasedUntil: noon + 8_000 });

      expect(await lease('other', { now: noon + 8_000 })).toBe('leased');
    });

    test('leases only to who has seen the newest token', async () => {
      expect(await lease('one', { seen: 'first' })).toBe('refused');
      await kept();

      expect(await lease('one')).toBe('refused');
      expect(await lease('one', { seen: 'older' })).toBe('refused');
      expect(await lease('one', { seen: 'first' })).toBe('leased');
    });

    test('keeps nothing of who was outrun, and the same twice', async () => {
      await lease('slow');
      await lease('quick', { now: noon + 8_000 });

      expect(await store.keep(place, aToken({ revision: 'slow' }))).toBe('outrun');
      expect(await store.keep(place, aToken({ revision: 'quick' }))).toBe('kept');
      expect(await store.keep(place, aToken({ revision: 'quick' }))).toBe('kept');
      expect(await store.keep(place, aToken({ revision: 'never leased' }))).toBe('outrun');
      expect((await store.read(place)).token?.revision).toBe('quick');
    });

    test('the old token stays while the next is asked for', async () => {
      await kept();
      await lease('second', { seen: 'first' });

      expect(await store.read(place)).toMatchObject({ token: { revision: 'first' }, leasedUntil: noon + 8_000 });
    });

    test('a lease is released by its owner alone', async () => {
      await store.release(place, 'nobody');
      await lease('one');
      await store.release(place, 'other');
      expect(await lease('other')).toBe('refused');

      await store.release(place, 'one');
      expect(await lease('other')).toBe('leased');
    });

    test.each([
      ['tenant', { tenant: globex }],
      ['server', { server: 'clearpass.example.net:8443' as ServerName }],
      ['client', { clientId: 'other' }],
    ])('another %s has neither the token nor the lease', async (_what, told) => {
      await kept();
      const other = aPlace(told);

      expect(await store.read(other)).toEqual({});
      expect(await store.lease(other, { id: 'one', now: noon, untilAt: noon + 8_000 })).toBe('leased');
      expect(await lease('one', { seen: 'first' })).toBe('leased');
    });

    test('the token of a tenant does not open for another', async () => {
      await kept();
      const { token } = await store.read(place);

      await expect(store.open(aPlace({ tenant: globex }), token ?? sealedNothing)).rejects.toThrow();
    });
  });
}

const sealedNothing = { revision: '', obtainedAt: 0, expiresAt: 0, ciphertext: Buffer.alloc(0) };
