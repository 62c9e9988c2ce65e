/** The report of infected hosts: the endpoints that are held, and after them the hosts that feeds list. */
import type { Endpoint } from '../endpoints/endpoint.ts';
import { type Mac, readMac } from '../endpoints/mac.ts';
import { type IpAddress, readAddress } from '../identity/address.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import { type FindHostRows, findHostRows, type HostRow, hostRowView } from './host-rows.ts';
import { type FindHosts, findHosts, type HostFilter, type HostPage, hostView } from './report.ts';

export type ReportRow = Endpoint | HostRow;

/** `hosts`: all endpoints have been told. */
export type ReportPosition = Mac | IpAddress | 'hosts';

export type FindReported = FindHosts & FindHostRows;

export type ReportPage = Omit<HostPage, 'after'> & { readonly after?: ReportPosition };

const isMac = (position: string): position is Mac => readMac(position).mac === position;

export const isReportPosition = (value: unknown): value is ReportPosition =>
  typeof value === 'string' && (value === 'hosts' || isMac(value) || readAddress(value).address === value);

export const reportPosition = (row: ReportRow): ReportPosition => ('host' in row ? row.host.ip : row.mac);

export const reportRowView = (row: ReportRow, now: number) =>
  'host' in row ? hostRowView(row, now) : hostView(row, now);

export async function findReported(
  deps: FindReported,
  tenant: TenantId,
  filter: HostFilter,
  { limit, untilAt, after }: ReportPage,
): Promise<{ readonly items: readonly ReportRow[]; readonly next?: ReportPosition }> {
  const page = { limit, untilAt };
  const isOfFeeds = filter.feed !== undefined || filter.connector !== undefined;
  if (isOfFeeds || (after !== undefined && !isMac(after))) {
    return findHostRows(deps, tenant, filter, { ...page, ...(isAddress(after) && { after }) });
  }
  const held = await findHosts(deps, tenant, filter, { ...page, ...(after !== undefined && { after }) });
  if (held.next !== undefined) return held;
  if (held.items.length >= limit) return { items: held.items, next: 'hosts' };
  const listed = await findHostRows(deps, tenant, filter, { untilAt, limit: limit - held.items.length });
  return { ...listed, items: [...held.items, ...listed.items] };
}

const isAddress = (position: ReportPosition | undefined): position is IpAddress =>
  position !== undefined && position !== 'hosts' && !isMac(position);
