/** What every store of feeds does. */
import { type FeedState, type FeedStore, noFeedState } from '../../shared/infected-hosts/feed.ts';
import { acme, globex, noon } from '../support/observations.ts';

export const aFeedState: FeedState = {
  lease: { id: 'worker-1', untilAt: noon + 30_000 },
  nextPollAt: noon,
  lastPollAt: noon - 300_000,
  lastGoodPollAt: noon - 600_000,
  failure: { since: noon - 300_000, code: 'server-failed', message: 'ATP Cloud failed.' },
  counts: { listed: 12, acted: 5, unmanaged: 1, held: 2, silenced: 1, known: 12 },
  lossHeld: { since: noon, pollId: 'poll-7', lost: 8, of: 12, approvedAt: null, rejectedAt: null },
  unfinished: 'atp-cloud-7',
};

export function feedStoreContract(name: string, make: () => Promise<FeedStore>): void {
  describe(name, () => {
    test('a feed that was never asked has no state', async () => {
      expect(await (await make()).read(acme, 'atp-cloud')).toBeUndefined();
    });

    test('what is put down is read back, by its tenant alone', async () => {
      const store = await make();

      expect(await store.replace(acme, 'atp-cloud', aFeedState, undefined)).toBe('replaced');
      expect((await store.read(acme, 'atp-cloud'))?.state).toEqual(aFeedState);
      expect(await store.read(globex, 'atp-cloud')).toBeUndefined();
    });

    test('of two who put it down at once one is told', async () => {
      const store = await make();
      await store.replace(acme, 'atp-cloud', aFeedState, undefined);
      const read = await store.read(acme, 'atp-cloud');

      expect(await store.replace(acme, 'atp-cloud', noFeedState, undefined)).toBe('conflict');
      expect(await store.replace(acme, 'atp-cloud', noFeedState, read)).toBe('replaced');
      expect(await store.replace(acme, 'atp-cloud', aFeedState, read)).toBe('conflict');
      expect((await store.read(acme, 'atp-cloud'))?.state).toEqual(noFeedState);
      expect(await store.replace(globex, 'atp-cloud', aFeedState, read)).toBe('conflict');
    });
  });
}
