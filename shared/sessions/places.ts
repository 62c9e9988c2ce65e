/** Places of an entry's managed sessions: taken before a session is stored, so that there are never more than there may be. */
import type { TenantId } from '../tenancy/tenant.ts';
import { isLost, isSameTenure, mostManagedSessions, type Session } from './session.ts';
import type { SessionEntry, SessionStore } from './sessions.ts';

export interface Places {
  readonly sessions: SessionStore;
  /** The vendor's limit where it is left out. */
  readonly mostManaged?: number;
}

const attempts = 4;
const pageSize = 500;

/**
 * A counter that is full is counted anew, as sessions may have been lost. By a minute after the last place was taken
 * whoever took it has stored its session, or never will.
 */
const settledMs = 60_000;

/** An entry that is younger than this has its counter still, if it ever had one. */
const rememberedMs = 7 * 24 * 60 * 60 * 1_000;

/** Takes so many places, or as many as there are. */
export async function takePlaces(
  { sessions, mostManaged: most = mostManagedSessions }: Places,
  tenant: TenantId,
  { entry, wanted, now }: { readonly entry: SessionEntry; readonly wanted: number; readonly now: number },
): Promise<number> {
  const uncounted = now - entry.tenure.heldSince < rememberedMs ? 'none' : 'forgotten';
  let places = wanted;
  for (let attempt = 0; attempt < attempts && places > 0; attempt += 1) {
    const counter = await sessions.take(tenant, entry, { places, most, now, uncounted });
    if (counter === 'taken') return places;
    if (counter === undefined || (counter.managed + places > most && now - counter.countedAt >= settledMs)) {
      const managed = await countManaged(sessions, tenant, entry, now);
      const free = Math.max(0, Math.min(places, most - managed));
      if ((await sessions.setCounter(tenant, entry, { read: counter, managed: managed + free, now })) === 'set')
        return free;
    } else {
      places = Math.min(places, Math.max(0, most - counter.managed));
    }
  }
  return 0;
}

/** Those that are lost by some clocks only are counted: rather one too many than one too few. */
async function countManaged(sessions: SessionStore, tenant: TenantId, { ip, tenure }: SessionEntry, now: number) {
  const isManaged = (one: Session) =>
    one.tenure !== undefined && isSameTenure(one.tenure, tenure) && !isLost(one, now - settledMs);
  let managed = 0;
  let after: string | undefined;
  do {
    const page = await sessions.list(tenant, ip, {
      only: 'open',
      limit: pageSize,
      ...(after !== undefined && { after }),
    });
    managed += page.sessions.filter(isManaged).length;
    after = page.next;
  } while (after !== undefined);
  return managed;
}
