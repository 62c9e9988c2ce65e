import { measuredOf } from '../../shared/journal/measure.ts';
import type { Receipt } from '../../shared/journal/receipt.ts';
import { aReceipt } from './receipt-store.contract.ts';

const counts = { entries: 9, stored: 1, replayed: 0, stale: 3, changed: 1, refused: 5, busy: 0 };

const rows: [string, Partial<Receipt>, number, object][] = [
  ['a post that was taken', { counts }, 0, { PostsAccepted: 1, EntriesStored: 1, EntriesStale: 3, EntriesRefused: 5 }],
  ['one of which only a part was', { status: 'partial' }, 0, { PostsAccepted: 1 }],
  ['one that was not finished', { status: 'partial', code: 'busy' }, 0, { PostsUnfinished: 1 }],
  ['one that was refused', { status: 'refused' }, 4, { PostsRefused: 1, SenderRefusedInARow: 4 }],
  ['one of a sender that is not known to be refused', { status: 'refused' }, 0, { PostsRefused: 1 }],
  ['one that tells of its clock', { clockSkewMs: -70 }, 0, { PostsAccepted: 1, SenderClockSkew: -70 }],
  ['a login', { kind: 'login', status: 'refused' }, 2, { LoginsRefused: 1, SenderRefusedInARow: 2 }],
];

test.each(rows)('of %s no more is measured than there is', (_, told, refusedInARow, expected) => {
  expect(measuredOf(aReceipt(told), refusedInARow)).toEqual(expected);
});
