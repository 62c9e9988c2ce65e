import type { Measured } from '../../shared/journal/measure.ts';
import type { TenantId } from '../../shared/tenancy/tenant.ts';
import { fakeReceiptStore } from './fake-receipt-store.ts';
import { fakeSenderStore } from './fake-sender-store.ts';
import { fakeStoryStore } from './fake-story-store.ts';

/** All that a receipt needs to be left, in memory. `measured` is for tests to look at. */
export function fakeJournal() {
  const measured: { readonly tenant: TenantId; readonly measured: Measured }[] = [];
  return {
    receipts: fakeReceiptStore(),
    stories: fakeStoryStore(),
    senders: fakeSenderStore(),
    measure: (tenant: TenantId, _at: number, told: Measured) => {
      measured.push({ tenant, measured: told });
    },
    measured,
  };
}
