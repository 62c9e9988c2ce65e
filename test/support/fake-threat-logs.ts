/** The world that threat logs need, in memory. */
import { defaults } from '../../shared/configuration/configuration.ts';
import type { LogBatch, LogCount } from '../../shared/threat-logs/log-table.ts';
import type { ReceiveLogs } from '../../shared/threat-logs/receive-logs.ts';
import { type TenantId, tenantId } from '../../shared/tenancy/tenant.ts';

export function fakeThreatLogs(settings: Partial<typeof defaults.threatLogs> = {}) {
  const granted = new Map<string, number>();
  const batches: LogBatch[] = [];
  const counted: { readonly tenant: TenantId; readonly counts: readonly LogCount[] }[] = [];
  let now = 1_772_366_400_000;
  const deps: ReceiveLogs = {
    settingsOf: async () => Promise.resolve({ ...defaults.threatLogs, ...settings }),
    grants: fakeLogGrants(granted),
    queue: {
      async send(batch) {
        if (!batches.some(({ id }) => id === batch.id)) batches.push(batch);
        return Promise.resolve();
      },
    },
    counts: {
      async add(tenant, counts) {
        counted.push({ tenant, counts });
        return Promise.resolve();
      },
    },
    now: () => now,
  };
  return {
    deps,
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

export const fakeLogGrants = (granted = new Map<string, number>()): ReceiveLogs['grants'] => ({
  async take(tenant, { second, lines, limit }) {
    const key = `${tenant} ${second}`;
    const before = granted.get(key) ?? 0;
    granted.set(key, before + lines);
    return Promise.resolve(Math.max(0, Math.min(lines, limit - before)));
  },
});
