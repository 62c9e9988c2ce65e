/** The world that threat logs need, in memory. */
import { defaults } from '../../shared/configuration/configuration.ts';
import { groupedByFirewall, mostFirewallsADay } from '../../shared/threat-logs/count-by-firewall.ts';
import type { Item } from '../../shared/identity/entry.ts';
import { plainReading } from '../../shared/identity/silence.ts';
import type { EventLine } from '../../shared/journal/event-line.ts';
import type { Measured } from '../../shared/journal/measure.ts';
import {
  type FirewallHour,
  isOfArrival,
  type Lately,
  type LogBatch,
  type LogCount,
  type LogCounts,
  type LogPace,
  type Progress,
} from '../../shared/threat-logs/log-table.ts';
import type { ReceiveLogs } from '../../shared/threat-logs/receive-logs.ts';
import { type TenantId, tenantId } from '../../shared/tenancy/tenant.ts';

export function fakeThreatLogs(settings: Partial<typeof defaults.threatLogs> = {}) {
  const batches: LogBatch[] = [];
  const counted: { readonly tenant: TenantId; readonly counts: readonly LogCount[] }[] = [];
  const stored = fakeLogCounts();
  let now = 1_772_366_400_000;
  const told: EventLine[] = [];
  const heard: EventLine[] = [];
  const items = new Map<string, Item>();
  const measured: Measured[] = [];
  const unwritten: { readonly tenant: TenantId; readonly what: string; readonly error: unknown }[] = [];
  const write = (lines: readonly EventLine[]) =>
    void told.push(...lines.filter(({ id }) => !told.some((each) => each.id === id)));
  const acts: string[] = [];
  const deps: ReceiveLogs = {
    settingsOf: async () =>
      Promise.resolve({
        ...defaults.threatLogs,
        destination: { ...defaults.threatLogs.destination, address: '192.0.2.1' },
        ...settings,
      }),
    grants: fakeLogGrants(),
    queue: {
      async send(batch) {
        if (!batches.some(({ id }) => id === batch.id)) batches.push(batch);
        return Promise.resolve();
      },
    },
    counts: {
      async add(tenant, counts, at) {
        counted.push({ tenant, counts });
        return stored.add(tenant, counts, at);
      },
      since: stored.since,
      heardSince: stored.heardSince,
    },
    slotsAt: async (tenant, ips) => {
      const slots = ips.map((ip) => {
        const item = items.get(`${tenant} ${ip}`);
        return [ip, item ? [{ ip, slot: 'userid' as const, item }] : []] as const;
      });
      return Promise.resolve({ reading: plainReading(defaults)(now), slots: new Map(slots) });
    },
    events: {
      async tell(_tenant, lines) {
        heard.push(...lines);
        return Promise.resolve(write(lines));
      },
    },
    log: { tell: async (_tenant, lines) => Promise.resolve(write(lines)) },
    async act(_tenant, _arrival, lines) {
      acts.push(...lines.map((line) => Buffer.from(line).toString()));
      return Promise.resolve(lines.length);
    },
    measure: (_tenant, _at, numbers) => void measured.push(numbers),
    within: async (_untilAt, work) => work,
    unwritten: (tenant, what, error) => void unwritten.push({ tenant, what, error }),
    now: () => now,
  };
  return {
    deps,
    told,
    acts,
    /** Of what was told: what whoever listens heard too. */
    heard,
    measured,
    unwritten,
    lies: (tenant: TenantId, ip: string, item: Item) => void items.set(`${tenant} ${ip}`, item),
    batches,
    advance: (ms: number) => (now += ms),
    linesTo: (tenant = tenantId('t1')) =>
      batches
        .filter((batch) => batch.tenant === tenant)
        .flatMap(({ lines }) => lines.map((line) => Buffer.from(line).toString())),
    countsOf: (tenant = tenantId('t1')) =>
      counted.filter((each) => each.tenant === tenant).flatMap(({ counts }) => counts),
  };
}

export const fakeLogGrants = (
  granted = new Map<string, { lines: number; requests: number }>(),
): ReceiveLogs['grants'] => ({
  async take(tenant, { second, lines, limit }) {
    const key = `${tenant} ${second}`;
    const before = granted.get(key) ?? { lines: 0, requests: 0 };
    const request = before.requests + 1;
    granted.set(key, { lines: before.lines + lines, requests: request });
    return Promise.resolve({ lines: Math.max(0, Math.min(lines, limit - before.lines)), request });
  },
});

export function fakeLogCounts(mostFirewalls = mostFirewallsADay): LogCounts {
  const hours = new Map<string, FirewallHour & { readonly tenant: TenantId; readonly hour: number }>();
  const days = new Map<string, Set<string>>();
  const since: LogCounts['since'] = async (tenant, at) => {
    const found = [...hours.values()].filter((each) => each.tenant === tenant && each.hour + 3_600_000 > at);
    return Promise.resolve(found.map(({ firewall, counts, heardAt }) => ({ firewall, counts, heardAt })));
  };
  return {
    async add(tenant, counts, at) {
      const groups = groupedByFirewall(counts);
      const day = `${tenant} ${Math.floor(at / 86_400_000)}`;
      const names = days.get(day) ?? new Set<string>();
      days.set(day, names);
      const fresh = [...groups.keys()].filter((name) => name !== null && !names.has(name)) as string[];
      if (names.size < mostFirewalls) for (const name of fresh) names.add(name);
      for (const { firewall: said, ...count } of [...groups.values()].flat()) {
        const firewall = said !== null && names.has(said) ? said : null;
        const hour = Math.floor(at / 3_600_000) * 3_600_000;
        const key = JSON.stringify([tenant, hour, firewall]);
        const before = hours.get(key) ?? { tenant, hour, firewall, counts: [], heardAt: null };
        const [same] = before.counts.filter(({ became, tag, fault }) => became === count.became && tag === count.tag && fault === count.fault); // prettier-ignore
        const others = before.counts.filter((each) => each !== same);
        const added = { ...count, lines: count.lines + (same?.lines ?? 0) };
        hours.set(key, { ...before, counts: [...others, added], heardAt: isOfArrival(count.became) ? at : before.heardAt }); // prettier-ignore
      }
      return Promise.resolve();
    },
    since,
    heardSince: async (tenant, at) => (await since(tenant, at)).map(({ firewall, heardAt }) => ({ firewall, heardAt })),
  };
}

export function fakeLogPace(): LogPace {
  const paces = new Map<TenantId, Lately>();
  const kept = new Map<string, Progress>();
  const keyOf = ({ tenant, id }: Pick<LogBatch, 'tenant' | 'id'>) => `${tenant} ${id}`;
  return {
    read: async (tenant) => Promise.resolve(paces.get(tenant) ?? { sent: [], failure: null }),
    write: async (tenant, lately) => Promise.resolve(void paces.set(tenant, lately)),
    progressOf: async (batch) => Promise.resolve(kept.get(keyOf(batch)) ?? { sent: 0, tries: 0 }),
    keepProgress: async (batch, progress) => Promise.resolve(void kept.set(keyOf(batch), progress)),
  };
}
