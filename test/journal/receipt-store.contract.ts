/** What every ReceiptStore promises. Run against the fake and against each engine, so that the fake cannot drift. */
import type { IpAddress } from '../../shared/identity/address.ts';
import {
  type Receipt,
  receiptIdOf,
  receiptStatuses,
  type ReceiptStore,
  type Remark,
} from '../../shared/journal/receipt.ts';
import { acme, desk, globex, hours, minutes, noon } from '../support/observations.ts';

/** A receipt of a request at a time. */
export const aReceipt = ({ requestId = 'request-1', at = noon, ...told }: Partial<Receipt> = {}): Receipt => ({
  id: receiptIdOf(at, requestId),
  requestId,
  at,
  kind: 'post',
  status: 'accepted',
  credentialId: 'credential-1',
  credentialName: 'clearpass',
  clientAddress: '203.0.113.9',
  sources: [],
  httpStatus: 200,
  bytes: 812,
  remarks: [],
  remarkCounts: {},
  remarksLeftOut: 0,
  storyLeftOut: 0,
  ...told,
});

const remarks = (count: number): Remark[] =>
  Array.from({ length: count }, (_, index) => ({
    code: 'ip-invalid',
    message: `"10.${index}" is not an IP address. Write IPv4 as four decimals without leading zeros, like 192.0.2.50.`,
    entry: index + 1,
    line: index + 2,
    column: 1,
    user: `user-${index}`,
  }));

/** A receipt with so many remarks, as it is recorded. */
const remarked = (count: number, told: Partial<Receipt> = {}) => {
  const all = remarks(count);
  const counts = { remarks: all.slice(0, 10), remarkCounts: { 'ip-invalid': count } };
  return { receipt: aReceipt({ status: 'refused', ...counts, ...told }), all };
};

export function receiptStoreContract(name: string, open: () => Promise<ReceiptStore>) {
  describe(name, () => {
    let store: ReceiptStore;
    beforeEach(async () => {
      store = await open();
    });

    const record = async (receipt: Receipt, all: readonly Remark[] = receipt.remarks) =>
      store.record(acme, receipt, all, { days: 14 });
    const list = async (page: Partial<Parameters<ReceiptStore['list']>[1]> = {}) =>
      store.list(acme, { statuses: receiptStatuses, from: 0, to: noon + hours(24), limit: 10, now: noon, ...page });
    const listAll = async (page: Partial<Parameters<ReceiptStore['list']>[1]>) => {
      const listed: Receipt[] = [];
      let after: string | undefined;
      do {
        const { receipts, next } = await list({ ...page, ...(after !== undefined && { after }) });
        listed.push(...receipts);
        after = next;
      } while (after !== undefined);
      return listed;
    };

    test('gives back a receipt as it was recorded, from a listing and by its id', async () => {
      const whole = aReceipt({
        status: 'partial',
        code: 'busy',
        message: 'Repeat the post.',
        sources: ['Aruba ClearPass'],
        counts: { entries: 4, stored: 1, replayed: 0, stale: 1, changed: 1, refused: 1, busy: 1 },
        remarks: [
          { code: 'user-missing', message: 'Name the user.', entry: 2, line: 3, column: 5, ip: desk },
          { code: 'stale', message: 'Old.' },
        ],
        remarkCounts: { 'user-missing': 1, stale: 1 },
        storyLeftOut: 2,
        clockSkewMs: -1200,
      });

      await record(whole);

      expect(await list()).toEqual({ receipts: [whole] });
      expect(await store.find(acme, [whole.id], noon)).toEqual([whole]);
      expect(await store.remarks(acme, whole, { from: 0, limit: 10 })).toEqual({ remarks: whole.remarks });
      expect(await store.remarks(acme, whole, { from: 1, limit: 1 })).toEqual({ remarks: [whole.remarks[1]] });
    });

    test('lists the newest first across days and statuses, page by page, each once', async () => {
      const ages = [0, 1, 59, 60 * 14, 60 * 24, 60 * 24 * 3, 60 * 24 * 13];
      const receipts = ages.map((age, index) =>
        aReceipt({ requestId: `${index}`, at: noon - minutes(age), status: receiptStatuses[index % 3] ?? 'accepted' }),
      );
      for (const receipt of receipts.toReversed()) await record(receipt);

      expect(await listAll({ limit: 2 })).toEqual(receipts);
      expect((await list({ statuses: ['refused'] })).receipts.map(({ requestId }) => requestId)).toEqual(['2', '5']);
    });

    test('lists those of a time, its first and last millisecond included', async () => {
      const receipts = [0, 1, 2, 3, 30 * 60, 30 * 60 + 1].map((age) =>
        aReceipt({ requestId: `${age}`, at: noon - minutes(age) }),
      );
      for (const receipt of receipts) await record(receipt);
      const aged = async (from: number, to: number, limit = 10) =>
        (await listAll({ from: noon - minutes(from), to: noon - minutes(to), limit })).map(
          ({ requestId }) => requestId,
        );

      expect(await aged(2, 1)).toEqual(['1', '2']);
      expect(await aged(30 * 60, 1, 1)).toEqual(['1', '2', '3', '1800']);
      expect(await aged(30 * 60 - 1, 4)).toEqual([]);
    });

    test('lists those of a sender, by the id or name of its credential or by what it names as its source', async () => {
      await record(
        aReceipt({ requestId: 'a', credentialId: 'one', credentialName: 'north', sources: ['ClearPass', 'X'] }),
      );
      await record(aReceipt({ requestId: 'b', credentialId: 'two', credentialName: 'south', sources: ['ClearPass'] }));
      await record(aReceipt({ requestId: 'c', credentialId: 'three', credentialName: 'east', status: 'refused' }));
      const from = async (sender: string, limit = 10) =>
        (await listAll({ sender, limit })).map(({ requestId }) => requestId).sort();

      expect(await from('one')).toEqual(['a']);
      expect(await from('south')).toEqual(['b']);
      expect(await from('ClearPass', 1)).toEqual(['a', 'b']);
      expect(await from('east')).toEqual(['c']);
      expect(await from('clearpass')).toEqual([]);
    });

    test('has forgotten a receipt when its days are over, whether or not it is still stored', async () => {
      const of14 = aReceipt({ requestId: 'of 14', at: noon - hours(24 * 14) });
      await record(of14);
      await record(aReceipt({ requestId: 'younger', at: noon - hours(24 * 14) + minutes(1) }));
      await store.record(acme, aReceipt({ requestId: 'of 90', at: noon - hours(24 * 15) }), [], { days: 90 });

      expect((await list()).receipts.map(({ requestId }) => requestId)).toEqual(['younger', 'of 90']);
      expect(await store.find(acme, [of14.id], noon)).toEqual([]);
      expect(await store.find(acme, [of14.id], noon - 1)).toHaveLength(1);
    });

    test('leaves a receipt as it is when it comes again', async () => {
      await record(aReceipt());
      await record(aReceipt({ httpStatus: 503 }));

      expect((await list()).receipts).toEqual([aReceipt()]);
    });

    test.each([11, 28_000])('keeps all of %d remarks, told page by page, each once and in order', async (count) => {
      const { receipt, all } = remarked(count);

      await record(receipt, all);

      expect((await list()).receipts).toEqual([receipt]);
      const told: Remark[] = [];
      let from: number | undefined = 0;
      while (from !== undefined) {
        const page: Awaited<ReturnType<ReceiptStore['remarks']>> = await store.remarks(acme, receipt, {
          from,
          limit: 999,
        });
        expect(page.remarks.length).toBeLessThanOrEqual(999);
        told.push(...page.remarks);
        from = page.next;
      }
      expect(told).toEqual(all);
      expect(await store.remarks(acme, receipt, { from: count - 1, limit: 5 })).toEqual({
        remarks: [all[count - 1]],
      });
      expect(await store.remarks(acme, receipt, { from: count, limit: 5 })).toEqual({ remarks: [] });
    });

    test('says how many remarks are beyond what it keeps', async () => {
      const { receipt, all } = remarked(50_003);

      await record(receipt, all);

      expect((await list()).receipts).toMatchObject([{ remarksLeftOut: 3 }]);
      expect(await store.remarks(acme, receipt, { from: 49_999, limit: 5 })).toEqual({ remarks: [all[49_999]] });
    });

    test('keeps remarks that hold any text, however little it can be compressed', async () => {
      const all = Array.from({ length: 2_000 }, (_, index) => ({
        code: 'user-carries-domain',
        message: '\u{1f600}\ud800"\\\u0000',
        user: Array.from({ length: 60 }, (_, at) => String.fromCharCode(0x4e00 + ((index * 7919 + at * 104729) % 20_000))).join(''), // prettier-ignore
        ip: '2001:db8::7' as IpAddress,
      }));
      const receipt = aReceipt({ remarks: all.slice(0, 10), remarkCounts: { 'user-carries-domain': all.length } });

      await record(receipt, all);

      expect(await store.remarks(acme, receipt, { from: 1_995, limit: 10 })).toEqual({ remarks: all.slice(1_995) });
    });

    test('finds several by their ids, the newest first, each once, and passes over those that are not there', async () => {
      const receipts = Array.from({ length: 70 }, (_, index) =>
        aReceipt({ requestId: `${index}`, at: noon - index, status: receiptStatuses[index % 3] ?? 'accepted' }),
      );
      for (const receipt of receipts) await record(receipt);
      const ids = receipts.toReversed().map(({ id }) => id);

      expect(await store.find(acme, [...ids, ...ids, receiptIdOf(noon, 'nobody')], noon)).toEqual(receipts);
      expect(await store.find(acme, [], noon)).toEqual([]);
    });

    test('shows one tenant nothing of another', async () => {
      const { receipt, all } = remarked(30);
      await record(receipt, all);
      const everything = { statuses: receiptStatuses, from: 0, to: noon, limit: 10, now: noon };

      expect(await store.list(globex, everything)).toEqual({ receipts: [] });
      expect(await store.find(globex, [receipt.id], noon)).toEqual([]);
      expect(await store.remarks(globex, receipt, { from: 0, limit: 10 })).toEqual({ remarks: [] });
    });
  });
}
