/** What every SenderStore promises. Run against the fake and against each engine, so that the fake cannot drift. */
import type { SenderNews, SenderStore } from '../../shared/journal/senders.ts';
import { acme, globex, hours, minutes, noon } from '../support/observations.ts';

export const news = (told: Partial<SenderNews> = {}): SenderNews => ({
  credentialId: 'credential-1',
  credentialName: 'clearpass',
  clientAddress: '203.0.113.9',
  at: noon,
  outcome: 'accepted',
  ...told,
});

export function senderStoreContract(name: string, open: () => Promise<SenderStore>) {
  describe(name, () => {
    let store: SenderStore;
    beforeEach(async () => {
      store = await open();
    });

    const note = async (told: Partial<SenderNews> = {}) => store.note(acme, news(told));
    const sender = async (now = noon) => (await store.all(acme, now))[0];

    test('knows of a sender what it sent last, from where, as whom', async () => {
      await note({ source: 'Aruba ClearPass', skewMs: 120 });

      expect(await store.all(acme, noon)).toEqual([
        {
          credentialId: 'credential-1',
          credentialName: 'clearpass',
          clientAddress: '203.0.113.9',
          source: 'Aruba ClearPass',
          sent: 1,
          refused: 0,
          lastAt: noon,
          acceptedAt: noon,
          beganAt: [noon],
          skewsMs: [120, 120, 120, 120, 120],
        },
      ]);
    });

    test('counts what is refused in a row, and begins anew when something is accepted', async () => {
      await note();
      expect(await note({ at: noon + 1, outcome: 'refused', code: 'xml-malformed' })).toEqual({ refusedInARow: 1 });
      expect(await note({ at: noon + 2, outcome: 'refused', code: 'password-wrong' })).toEqual({ refusedInARow: 2 });

      expect(await sender()).toMatchObject({
        sent: 3,
        refused: 2,
        acceptedAt: noon,
        refusal: { at: noon + 2, code: 'password-wrong' },
        row: { count: 2, since: noon + 1, firstCode: 'xml-malformed' },
      });

      expect(await note({ at: noon + 3 })).toEqual({ refusedInARow: 0 });
      expect((await sender())?.row).toBe(undefined);
      expect(await note({ at: noon + 4, outcome: 'refused', code: 'busy' })).toEqual({ refusedInARow: 1 });
      expect(await sender()).toMatchObject({ row: { count: 1, since: noon + 4, firstCode: 'busy' } });
    });

    test('takes a burst for one beginning, and remembers the last sixteen', async () => {
      for (let minute = 0; minute < 20; minute += 1) {
        for (const second of [0, 20, 40]) await note({ at: noon + minutes(minute) + second * 1_000 });
      }

      const { beganAt = [] } = (await sender(noon + hours(1))) ?? {};
      expect(beganAt).toEqual(Array.from({ length: 16 }, (_, index) => noon + minutes(19 - index)));
    });

    test('remembers the last five skews', async () => {
      for (let minute = 0; minute < 7; minute += 1) await note({ at: noon + minutes(minute), skewMs: minute * 100 });
      await note({ at: noon + minutes(8) });

      expect((await sender())?.skewsMs).toEqual([600, 500, 400, 300, 200]);
    });

    test('has forgotten who sent nothing for ninety days', async () => {
      await note();

      expect(await store.all(acme, noon + hours(24 * 90) - 1)).toHaveLength(1);
      expect(await store.all(acme, noon + hours(24 * 90))).toEqual([]);
    });

    test('tells credentials and tenants apart', async () => {
      await note();
      await note({ credentialId: 'credential-2', credentialName: 'packetfence', outcome: 'refused', code: 'busy' });
      await store.note(globex, news({ credentialName: 'of globex' }));

      expect((await store.all(acme, noon)).map(({ credentialName }) => credentialName).sort()).toEqual([
        'clearpass',
        'packetfence',
      ]);
      expect(await store.all(globex, noon)).toMatchObject([{ credentialName: 'of globex', sent: 1 }]);
    });
  });
}
