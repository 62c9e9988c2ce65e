/** What every keeper of secrets promises. */
import type { SecretKeeper, SecretOpener } from '../../shared/outbound/secrets.ts';
import { acme, globex, noon } from '../support/observations.ts';

export function secretsContract(name: string, open: () => Promise<SecretKeeper & SecretOpener>) {
  describe(name, () => {
    const purpose = { tenant: acme, name: 'clearpass' };
    let secrets: SecretKeeper & SecretOpener;
    beforeEach(async () => {
      secrets = await open();
    });

    test('opens what was kept, letter for letter', async () => {
      const reference = await secrets.keep(purpose, ' pass:wörd\u{1F511} ');

      expect(await secrets.open(purpose, reference)).toEqual({ text: ' pass:wörd\u{1F511} ' });
    });

    test('keeps the next secret beside the last, until that one is forgotten', async () => {
      const first = await secrets.keep(purpose, 'first');
      const second = await secrets.keep(purpose, 'second');
      await secrets.forget(acme, first);
      await secrets.forget(acme, first);

      expect(await secrets.open(purpose, first)).toBeUndefined();
      expect(await secrets.open(purpose, second)).toEqual({ text: 'second' });
    });

    test('tells whether one is there, to its own tenant', async () => {
      const [kept, gone] = [await secrets.keep(purpose, 'kept'), await secrets.keep(purpose, 'gone')];
      await secrets.forget(acme, gone);

      expect(await Promise.all([secrets.has(acme, kept), secrets.has(acme, gone), secrets.has(globex, kept)])).toEqual(['kept', 'forgotten', 'forgotten']); // prettier-ignore
    });

    test('does not open for another purpose', async () => {
      const reference = await secrets.keep(purpose, 'secret');

      await expect(secrets.open({ tenant: acme, name: 'identity-management-primary' }, reference)).rejects.toThrow();
    });

    test('neither shows nor forgets the secret of another tenant', async () => {
      const reference = await secrets.keep(purpose, 'secret');
      await secrets.forget(globex, reference);

      expect(await secrets.open({ ...purpose, tenant: globex }, reference)).toBeUndefined();
      expect(await secrets.open(purpose, reference)).toEqual({ text: 'secret' });
    });

    test('names the one that it replaced, which stays closed until somebody opens that too', async () => {
      const first = await secrets.keep(purpose, 'first');
      const second = await secrets.keep(purpose, 'second', { reference: first, untilAt: noon });

      expect(await secrets.open(purpose, second)).toEqual({
        text: 'second',
        former: { reference: first, untilAt: noon },
      });
    });

    test('a reference tells nothing of the secret', async () => {
      expect(await secrets.keep(purpose, 'hunter2')).not.toContain('hunter2');
    });
  });
}
