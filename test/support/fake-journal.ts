import { fakeMeasure } from './fake-measure.ts';
import { fakeReceiptStore } from './fake-receipt-store.ts';
import { fakeSenderStore } from './fake-sender-store.ts';
import { fakeStoryStore } from './fake-story-store.ts';

/** All that a receipt needs to be left, in memory. `measured` is for tests to look at. */
export const fakeJournal = () => ({
  receipts: fakeReceiptStore(),
  stories: fakeStoryStore(),
  senders: fakeSenderStore(),
  ...fakeMeasure(),
});
