/** What every ReceiptStore promises. Run against the fake and against each engine, so that the fake cannot drift. */
import { type Receipt, receiptStatuses, type ReceiptStore } from '../../shared/journal/receipt.ts';
import { acme, globex, minutes, noon } from '../support/observations.ts';

export const aReceipt = (told: Partial<Receipt> = {}): Receipt => ({
  id: 'request-1',
  at: noon,
  kind: 'post',
  status: 'accepted',
  credentialId: 'credential-1',
  credentialName: 'clearpass',
  clientAddress: '203.0.113.9',
  httpStatus: 200,
  bytes: 812,
  remarks: [],
  ...told,
});

const days = (count: number) => count * 24 * minutes(60);

export function receiptStoreContract(name: string, open: () => Promise<ReceiptStore>) {
  describe(name, () => {
    let store: ReceiptStore;
    beforeEach(async () => {
      store = await open();
    });

    const list = async (page: Partial<Parameters<ReceiptStore['list']>[1]> = {}) =>
      store.list(acme, { statuses: receiptStatuses, limit: 10, now: noon, ...page });

    test('gives back a receipt as it was recorded', async () => {
      const whole = aReceipt({
        status: 'partial',
        code: 'busy',
        message: 'Repeat the post.',
        counts: { entries: 3, stored: 1, replayed: 0, stale: 1, changed: 1, refused: 1 },
        remarks: [
          { code: 'user-missing', message: 'Name the user.', line: 3, column: 5 },
          { code: 'stale', message: 'Old.' },
        ],
        clockSkewMs: -1200,
      });

      await store.record(acme, whole);

      expect(await list()).toEqual({ receipts: [whole] });
    });

    test('lists the newest first across days and statuses, page by page, each once', async () => {
      const ages = [0, 1, 59, 60 * 14, 60 * 24, 60 * 24 * 3, 60 * 24 * 13];
      const receipts = ages.map((age, index) =>
        aReceipt({ id: `request-${index}`, at: noon - minutes(age), status: receiptStatuses[index % 3] ?? 'accepted' }),
      );
      for (const receipt of receipts.toReversed()) await store.record(acme, receipt);

      const listed: Receipt[] = [];
      let after: string | undefined;
      do {
        const page = await list({ limit: 2, ...(after !== undefined && { after }) });
        listed.push(...page.receipts);
        after = page.next;
      } while (after !== undefined);

      expect(listed).toEqual(receipts);
      expect((await list({ statuses: ['refused'] })).receipts.map(({ id }) => id)).toEqual(['request-2', 'request-5']);
    });

    test('has forgotten a receipt after fourteen days, whether or not it is still stored', async () => {
      await store.record(acme, aReceipt({ at: noon - days(14) }));
      await store.record(acme, aReceipt({ id: 'request-2', at: noon - days(14) + minutes(1) }));

      expect((await list()).receipts.map(({ id }) => id)).toEqual(['request-2']);
    });

    test('keeps one refused login a minute and credential, however many there were', async () => {
      const login = aReceipt({ kind: 'login', status: 'refused' });
      for (const seconds of [0, 1, 59]) {
        await store.recordOncePerMinute(acme, { ...login, id: `request-${seconds}`, at: noon + seconds * 1_000 });
      }
      await store.recordOncePerMinute(acme, { ...login, id: 'other', credentialId: 'credential-2' });
      await store.recordOncePerMinute(acme, { ...login, id: 'later', at: noon + minutes(1) });

      const ids = (await list({ now: noon + minutes(2) })).receipts.map(({ id }) => id);

      expect(ids.sort()).toEqual(['later', 'other', 'request-0']);
    });

    test('shows one tenant nothing of another', async () => {
      await store.record(acme, aReceipt());

      expect(await store.list(globex, { statuses: receiptStatuses, limit: 10, now: noon })).toEqual({ receipts: [] });
    });
  });
}
