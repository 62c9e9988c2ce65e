/** What the reports read, and how each of their lines is shown. */
import type { Report } from '../../shared/edge/report.ts';
import {
  type FindReported,
  findReported,
  isReportPosition,
  type ReportPosition,
  reportPosition,
  type ReportRow,
  reportRowView,
} from '../../shared/infected-hosts/report-rows.ts';
import { hostColumns, type HostFilter } from '../../shared/infected-hosts/report.ts';
import type { AccessFilter, AccessLine, AccessLog } from '../../shared/journal/access-line.ts';
import type { DebugFilter, DebugLine, DebugLog, DebugSwitch } from '../../shared/journal/debug.ts';
import type { EventFilter, EventLine, EventLog, LogPage } from '../../shared/journal/event-line.ts';
import { eventView } from '../../shared/journal/event-view.ts';
import { isLogPosition, logPosition } from '../../shared/journal/log-line.ts';
import { accessColumns, accessView, debugColumns, debugView, eventColumns } from '../../shared/journal/log-view.ts';
import type { TenantId } from '../../shared/tenancy/tenant.ts';

export interface Reports extends FindReported {
  readonly events: Pick<EventLog, 'find'>;
  readonly accesses: Pick<AccessLog, 'find'>;
  readonly debugLog: Pick<DebugLog, 'find'>;
  readonly debugSwitch: DebugSwitch;
}

export const eventReport = ({ events, now }: Reports, tenant: TenantId, filter: EventFilter) => ({
  name: 'events',
  show: eventView,
  columns: eventColumns,
  ...ofLog<EventLine>(now, async (page) => events.find(tenant, filter, page)),
});

export const accessReport = ({ accesses, now }: Reports, tenant: TenantId, filter: AccessFilter) => ({
  name: 'user-access',
  show: accessView,
  columns: accessColumns,
  ...ofLog<AccessLine>(now, async (page) => accesses.find(tenant, filter, page)),
});

/** `until`: when the debug log goes off; what is past says that it is off. */
export const debugReport = ({ debugLog, now }: Reports, tenant: TenantId, filter: DebugFilter, until: number) => ({
  name: 'debug-log',
  show: debugView,
  columns: debugColumns,
  besides: switchView(until, now()),
  ...ofLog<DebugLine>(now, async (page) => debugLog.find(tenant, filter, page)),
});

export const switchView = (until: number, now: number) => ({
  until: until > now ? new Date(until).toISOString() : null,
});

export const hostReport = (deps: Reports, tenant: TenantId, filter: HostFilter): Report<ReportRow, ReportPosition> => ({
  name: 'infected-hosts',
  now: deps.now,
  show: (row) => reportRowView(row, deps.now()),
  columns: hostColumns,
  read: async (page) => findReported(deps, tenant, filter, page),
  positionOf: reportPosition,
  isPosition: isReportPosition,
});

function ofLog<Line extends { readonly id: string; readonly at: number }>(
  now: () => number,
  find: (page: LogPage) => Promise<{ readonly lines: readonly Line[]; readonly next?: string }>,
): Pick<Report<Line, string>, 'now' | 'read' | 'positionOf' | 'isPosition'> {
  return {
    now,
    async read({ limit, untilAt, after }) {
      const { lines, next } = await find({ limit, untilAt, ...(after !== undefined && { cursor: after }) });
      return { items: lines, ...(next !== undefined && { next }) };
    },
    positionOf: logPosition,
    isPosition: isLogPosition,
  };
}
