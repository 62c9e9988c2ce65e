import {
  beginningMs,
  beginningsKept,
  type Sender,
  type SenderNews,
  type SenderStore,
  skewsKept,
} from '../../shared/journal/senders.ts';
import type { TenantId } from '../../shared/tenancy/tenant.ts';

/** Senders in memory, held to the contract of the real ones. `heard` is for tests to look at. */
export function fakeSenderStore(): SenderStore & { heard(tenant: TenantId): readonly SenderNews[] } {
  const tenants = new Map<TenantId, { senders: Map<string, Sender>; heard: SenderNews[] }>();
  const of = (tenant: TenantId) => {
    const kept = tenants.get(tenant) ?? { senders: new Map<string, Sender>(), heard: [] };
    tenants.set(tenant, kept);
    return kept;
  };

  return {
    async note(tenant, news) {
      const { senders, heard } = of(tenant);
      heard.push(news);
      const sender = after(senders.get(news.credentialId), news);
      senders.set(news.credentialId, sender);
      return Promise.resolve({ refusedInARow: sender.row?.count ?? 0 });
    },
    all: async (tenant, now) =>
      Promise.resolve([...of(tenant).senders.values()].filter(({ lastAt }) => lastAt + 90 * 86_400_000 > now)),
    heard: (tenant) => of(tenant).heard,
  };
}

function after(before: Sender | undefined, news: SenderNews): Sender {
  const { credentialId, credentialName, clientAddress, at, outcome, code = 'refused', source, skewMs } = news;
  const { row, ...known } = before ?? { sent: 0, refused: 0, beganAt: [], skewsMs: [] };
  const [newest] = known.beganAt;
  const begins = newest === undefined || at - newest >= beginningMs;
  const skews = skewMs === undefined ? known.skewsMs : [skewMs, ...known.skewsMs].slice(0, skewsKept);
  return {
    ...known,
    credentialId,
    credentialName,
    clientAddress,
    ...(source !== undefined && { source }),
    sent: known.sent + 1,
    lastAt: at,
    beganAt: begins ? [at, ...known.beganAt].slice(0, beginningsKept) : known.beganAt,
    // The first one fills the register.
    skewsMs: skewMs !== undefined && known.skewsMs.length === 0 ? Array<number>(skewsKept).fill(skewMs) : skews,
    ...(outcome === 'accepted'
      ? { refused: known.refused, acceptedAt: at }
      : {
          refused: known.refused + 1,
          refusal: { at, code },
          row: { count: (row?.count ?? 0) + 1, since: row?.since ?? at, firstCode: row?.firstCode ?? code },
        }),
  };
}
