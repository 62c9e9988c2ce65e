/** Every five minutes: how it is with the senders and firewalls of every tenant is measured, so that an alarm needs nobody who asks. */
import type { TenantStore } from '../tenancy/create-tenant.ts';
import { isLive, provider, type TenantId } from '../tenancy/tenant.ts';
import type { Measure, Measured } from './measure.ts';
import type { SenderStore } from './senders.ts';
import { concernsOf } from './tell-senders.ts';

export interface WatchSenders {
  readonly tenants: Pick<TenantStore, 'list'>;
  readonly senders: Pick<SenderStore, 'all'>;
  /** How it is with the firewalls of a tenant whose logs come in; of one that has none, nothing. */
  readonly firewalls: (tenant: TenantId, now: number) => Promise<Measured>;
  readonly measure: Measure;
  readonly now: () => number;
  /** Hears of a tenant of which this could not be read; the others are watched, and this one is in five minutes. */
  readonly unwatched: (tenant: TenantId, error: unknown) => void;
  /** Hears that the time was up, and after which tenant of the list. */
  readonly unfinished: (watch: Watch) => void;
}

export interface Watch {
  /** Tenants whose senders were read. */
  readonly watched: number;
  readonly failed: number;
  /** Where the list goes on; absent where it was not begun, or is at its end. */
  readonly after?: string;
}

/** Tenants that are read of at once, and listed in one page. */
const atOnce = 20;
/** What a read may take with all its repeats: so long before the end no further tenants are begun. */
const lastReadMs = 20_000;

/** What is told of the whole is told under the provider, 0 too, so that an alarm ends. Throws where tenants cannot be listed. */
export async function watchSenders(deps: WatchSenders, { deadlineAt }: { readonly deadlineAt: number }): Promise<void> {
  const { outcome, ...watch } = await goThrough(deps, deadlineAt - lastReadMs);
  if (outcome === 'unfinished') deps.unfinished(watch);
  const isWhole = outcome === 'finished' && watch.failed === 0;
  deps.measure(provider, deps.now(), { SenderWatchesUnfinished: isWhole ? 0 : 1 });
}

async function goThrough(deps: WatchSenders, until: number): Promise<Watch & { outcome: 'finished' | 'unfinished' }> {
  let watch: Watch = { watched: 0, failed: 0 };
  do {
    if (deps.now() >= until) return { ...watch, outcome: 'unfinished' };
    const page = await deps.tenants.list({ limit: atOnce, ...(watch.after && { after: watch.after }) });
    const [items, { next }] = [page.items.filter(isLive), page];
    const outcomes = await Promise.all(items.map(async ({ id }) => measureSenders(deps, id)));
    const failed = outcomes.filter((outcome) => outcome === 'failed').length;
    watch = {
      watched: watch.watched + items.length - failed,
      failed: watch.failed + failed,
      ...(next !== undefined && { after: next }),
    };
  } while (watch.after !== undefined);
  return { ...watch, outcome: 'finished' };
}

/** A tenant without senders is not told of: each number of a tenant is a series that costs. */
async function measureSenders({ senders, firewalls, measure, now, unwatched }: WatchSenders, tenant: TenantId) {
  try {
    const at = now();
    const [all, ofFirewalls] = await Promise.all([senders.all(tenant, at), firewalls(tenant, at)]);
    const measured = { ...(all.length > 0 && concernsOf(all, at)), ...ofFirewalls };
    if (Object.keys(measured).length > 0) measure(tenant, at, measured);
    return 'watched';
  } catch (error) {
    unwatched(tenant, error);
    return 'failed';
  }
}
