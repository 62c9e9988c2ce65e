/** Servers, what tenants have heard of them and the cells that they are pinned to, in memory. Hold to the real contracts. */
import type { PinStore, ServerName, ServerRecord, ServerStore } from '../../shared/user-query/servers.ts';

export function fakePinStore(): PinStore {
  const cells = new Map<ServerName, number>();
  return {
    read: async (server) => Promise.resolve(cells.get(server)),
    async pin(server, cell) {
      cells.set(server, cells.get(server) ?? cell);
      return Promise.resolve(cells.get(server) ?? cell);
    },
  };
}

export function fakeServerStore(): ServerStore {
  const records = new Map<string, ServerRecord>();
  const none: ServerRecord = { queries: 0, responses: 0, errors: 0, failures: 0, uses: [] };
  const nameOf = (tenant: string, server: string) => `${tenant}#${server}`;
  const of = (tenant: string, server: string) => records.get(nameOf(tenant, server)) ?? none;
  const put = async (tenant: string, server: string, record: ServerRecord) => {
    records.set(nameOf(tenant, server), record);
    return Promise.resolve();
  };

  return {
    read: async (tenant, server) => Promise.resolve(of(tenant, server)),
    async claimProbe(tenant, server, { seen, next }) {
      const record = of(tenant, server);
      if (record.probeAt !== seen) return 'refused';
      await put(tenant, server, { ...record, probeAt: next });
      return 'claimed';
    },
    async begin(tenant, server, { use, failuresBelow = Infinity }) {
      const record = of(tenant, server);
      if (record.failures >= failuresBelow) return 'refused';
      await put(tenant, server, { ...record, queries: record.queries + 1, uses: [...record.uses, use] });
      return record;
    },
    async end(tenant, server, ending) {
      const { uses, verdict, counted, reason, elapsedMs, tokenExpiresAt, now, probeAt } = ending;
      const record = of(tenant, server);
      await put(tenant, server, {
        ...record,
        responses: record.responses + (counted === 'response' ? 1 : 0),
        errors: record.errors + (counted === 'error' ? 1 : 0),
        ...(verdict === 'heard' && { failures: 0, lastResponseMs: elapsedMs, lastResponseAt: now }),
        ...(verdict === 'failed' && { failures: record.failures + 1, probeAt }),
        ...(reason !== undefined && { lastReason: reason }),
        ...(tokenExpiresAt !== undefined && { tokenExpiresAt }),
        uses: record.uses.filter(({ id, untilAt }) => !uses.some((each) => each.id === id && each.untilAt === untilAt)),
      });
    },
  };
}
