import type { AccessLine, AccessLog } from '../../shared/journal/access-line.ts';
import type { Debug, DebugFilter, DebugLine, DebugLog, DebugSwitch, DebugTold } from '../../shared/journal/debug.ts';
import { debugDays } from '../../shared/journal/debug.ts';
import type { EventLine, EventLog, LogPage } from '../../shared/journal/event-line.ts';
import {
  isAccessWanted,
  isDebugWanted,
  isEventWanted,
  logDays,
  logPosition,
  logSpan,
} from '../../shared/journal/log-line.ts';
import type { TenantId } from '../../shared/tenancy/tenant.ts';

/** Lines in memory, told once and found as in the journal. */
function fakeLog<Line extends { id: string; at: number }, Filter extends { from?: number; to?: number }>(
  isWanted: (line: Line, filter: Filter) => boolean,
  now: () => number,
  days = logDays,
) {
  const tenants = new Map<TenantId, Map<string, Line>>();
  const all = (tenant: TenantId) =>
    [...(tenants.get(tenant) ?? new Map<string, Line>())].sort(([one], [other]) => (one < other ? 1 : -1));

  return {
    async tell(tenant: TenantId, lines: readonly Line[]) {
      const kept = tenants.get(tenant) ?? new Map<string, Line>();
      tenants.set(tenant, kept);
      for (const line of lines) if (!kept.has(logPosition(line))) kept.set(logPosition(line), line);
      return Promise.resolve();
    },
    async find(tenant: TenantId, filter: Filter, { limit, cursor = '~' }: LogPage) {
      const { from, to } = logSpan(filter, now(), days);
      const found = all(tenant).filter(
        ([position, line]) => position < cursor && line.at >= from && line.at <= to && isWanted(line, filter),
      );
      const next = found.length > limit ? found[limit - 1]?.[0] : undefined;
      return Promise.resolve({ lines: found.slice(0, limit).map(([, line]) => line), ...(next !== undefined && { next }) }); // prettier-ignore
    },
    /** For tests to look at: the newest first, however old. */
    all: (tenant: TenantId): readonly Line[] => all(tenant).map(([, line]) => line),
  };
}

export const fakeEventLog = (now: () => number) =>
  fakeLog<EventLine, Parameters<EventLog['find']>[1]>(isEventWanted, now) satisfies EventLog;

export const fakeAccessLog = (now: () => number) =>
  fakeLog<AccessLine, Parameters<AccessLog['find']>[1]>(isAccessWanted, now) satisfies AccessLog;

export const fakeDebugLog = (now: () => number) =>
  fakeLog<DebugLine, DebugFilter>(isDebugWanted, now, debugDays) satisfies DebugLog;

/** A debug log that is on: what it was told stands in `said`. */
export function fakeDebug(): Debug & { readonly said: (DebugTold & { readonly tenant: TenantId })[] } {
  const said: (DebugTold & { readonly tenant: TenantId })[] = [];
  return {
    said,
    async say(tenant, tell) {
      said.push({ tenant, ...tell() });
      return Promise.resolve();
    },
  };
}

export function fakeDebugSwitch(): DebugSwitch {
  const switches = new Map<TenantId, number>();
  return {
    until: async (tenant) => Promise.resolve(switches.get(tenant) ?? 0),
    async set(tenant, until) {
      switches.set(tenant, until);
      return Promise.resolve();
    },
  };
}
