/** What every StoryStore promises. Run against the fake and against each engine, so that the fake cannot drift. */
import type { IpAddress } from '../../shared/identity/address.ts';
import type { StoryLine, StoryPage, StoryStore, StorySubject } from '../../shared/journal/story.ts';
import { acme, desk, globex, hours, minutes, noon } from '../support/observations.ts';

export const aLine = (told: Partial<StoryLine> = {}): StoryLine => ({
  id: 'receipt-1.1',
  at: noon,
  kind: 'post',
  ip: desk,
  user: 'alice',
  code: 'stale',
  message: 'Something newer is known.',
  ...told,
});

export function storyStoreContract(name: string, open: () => Promise<StoryStore>) {
  describe(name, () => {
    let store: StoryStore;
    beforeEach(async () => {
      store = await open();
    });

    const add = async (...lines: StoryLine[]) => store.add(acme, lines, { days: 14 });
    const read = async (subject: StorySubject = { ip: desk }, page: Partial<StoryPage> = {}) =>
      store.read(acme, subject, { limit: 10, now: noon, ...page });

    test('tells a line of its address and of its user, as it was told', async () => {
      const line = aLine({ domain: 'example.com', receipt: 'receipt-1', entry: 3, credentialId: 'credential-1' });

      expect(await add(line)).toEqual({ leftOut: 0 });

      expect(await read()).toEqual({ lines: [line] });
      expect(await read({ user: 'alice' })).toEqual({ lines: [line] });
    });

    test('tells what it knows where address or user are not known', async () => {
      const { ip, ...ofUser } = aLine({ id: 'of-user' });
      const { user, ...ofAddress } = aLine({ id: 'of-address' });
      const { user: nobody, ...ofNobody } = ofUser;

      await add(ofUser, ofAddress, { ...ofNobody, id: 'of-nobody' });

      expect((await read()).lines).toEqual([ofAddress]);
      expect((await read({ user: 'alice' })).lines).toEqual([ofUser]);
    });

    test('tells the same line once, however often it is told', async () => {
      await add(aLine(), aLine());
      await add(aLine());

      expect((await read()).lines).toHaveLength(1);
    });

    test('tells the newest first, page by page, each once, also where they are of one millisecond', async () => {
      const lines = Array.from({ length: 60 }, (_, index) =>
        aLine({ id: `r.${String(index).padStart(3, '0')}`, at: noon - minutes(Math.floor(index / 7)) }),
      );
      await add(...lines);

      const told: StoryLine[] = [];
      let after: string | undefined;
      do {
        const page = await read({ ip: desk }, { limit: 7, ...(after !== undefined && { after }) });
        told.push(...page.lines);
        after = page.next;
      } while (after !== undefined);

      expect(told).toHaveLength(60);
      expect(told.map(({ at }) => at)).toEqual(told.map(({ at }) => at).sort((one, other) => other - one));
      expect(new Set(told.map(({ id }) => id)).size).toBe(60);
    });

    test('tells those of a time and of a kind', async () => {
      await add(
        aLine({ id: 'early', at: noon - hours(2) }),
        aLine({ id: 'first', at: noon - hours(1) }),
        aLine({ id: 'query', at: noon - minutes(30), kind: 'query' }),
        aLine({ id: 'last', at: noon - minutes(1) }),
        aLine({ id: 'late' }),
      );
      const within = { from: noon - hours(1), to: noon - minutes(1) };

      expect((await read({ ip: desk }, within)).lines.map(({ id }) => id)).toEqual(['last', 'query', 'first']);
      expect((await read({ ip: desk }, { ...within, kind: 'post', limit: 1 })).lines.map(({ id }) => id)).toEqual([
        'last',
      ]);
      expect((await read({ ip: desk }, { kind: 'query' })).lines.map(({ id }) => id)).toEqual(['query']);
    });

    test('has forgotten a line when its days are over, whether or not it is still stored', async () => {
      await store.add(acme, [aLine({ id: 'one-day' })], { days: 1 });
      await store.add(acme, [aLine({ id: 'two-days' })], { days: 2 });

      const lines = async (now: number) => (await read({ ip: desk }, { now })).lines.map(({ id }) => id).sort();

      expect(await lines(noon + hours(24) - 1)).toEqual(['one-day', 'two-days']);
      expect(await lines(noon + hours(24))).toEqual(['two-days']);
      expect(await lines(noon + hours(48))).toEqual([]);
    });

    test('tells each address and each tenant its own story', async () => {
      await add(aLine());
      await store.add(globex, [aLine({ id: 'of-globex', code: 'ip-invalid' })], { days: 14 });

      expect((await read({ ip: '192.0.2.5' as IpAddress })).lines).toEqual([]);
      expect((await read({ user: 'ali' })).lines).toEqual([]);
      expect((await store.read(globex, { user: 'alice' }, { limit: 10, now: noon })).lines).toMatchObject([
        { id: 'of-globex' },
      ]);
    });
  });
}
