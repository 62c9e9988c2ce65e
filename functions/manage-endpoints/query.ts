/** Which endpoints are meant, as a query string says it. */
import { approvalStates } from '../../shared/admission/approval.ts';
import type { ApprovalPage } from '../../shared/admission/approvals.ts';
import { type EndpointFilter, statusFilters } from '../../shared/endpoints/find-endpoints.ts';
import { macAddress, readMac, type Mac } from '../../shared/endpoints/mac.ts';
import { ipAddress } from '../../shared/identity/address.ts';
import type { LogPage } from '../../shared/journal/event-line.ts';
import { isLogPosition } from '../../shared/journal/log-line.ts';
import { readPage } from '../../shared/edge/query.ts';
import { ServiceError } from '../../shared/service-error.ts';

export const filterNames = ['mac', 'ip', 'user', 'status', 'role', 'nas'] as const;

/** Throws `mac-invalid`, `address-invalid`, `parameter-invalid`. */
export function readFilter(query: Partial<Record<(typeof filterNames)[number], string>>): EndpointFilter {
  const { mac, ip, user, status, role, nas } = query;
  for (const [name, value] of Object.entries({ user, role })) if (value === '') throw empty(name);
  return {
    ...(mac !== undefined && { mac: macAddress(mac) }),
    ...(ip !== undefined && { ip: ipAddress(ip) }),
    ...(user !== undefined && { user }),
    ...(status !== undefined && { status: readStatus(status) }),
    ...(role !== undefined && { role }),
    ...(nas !== undefined && { nas: ipAddress(nas) }),
  };
}

const empty = (name: string) =>
  new ServiceError('parameter-invalid', `"${name}" is empty. Leave it out to mean every ${name}.`);

function readStatus(text: string): (typeof statusFilters)[number] {
  const status = statusFilters.find((each) => each === text);
  if (status !== undefined) return status;
  throw new ServiceError('parameter-invalid', `"status" is one of: ${statusFilters.join(', ')}.`);
}

export const isMac = (value: unknown): value is Mac => typeof value === 'string' && readMac(value).mac === value;

/** Which approvals are wanted. Throws `parameter-invalid`, `cursor-invalid`. */
export function readApprovalPage({
  state,
  ...page
}: {
  state?: string;
  limit?: string;
  cursor?: string;
}): Omit<ApprovalPage, 'untilAt'> {
  const wanted = readPage(page, isApprovalId);
  if (state === undefined) return wanted;
  const known = approvalStates.find((each) => each === state);
  if (known !== undefined) return { ...wanted, state: known };
  throw new ServiceError('parameter-invalid', `"state" is one of: ${approvalStates.join(', ')}.`);
}

const isApprovalId = (value: unknown): value is string => typeof value === 'string' && /^[\w-]{1,64}$/.test(value);

/** Which part of the events of an endpoint is wanted. Throws `parameter-invalid`, `cursor-invalid`. */
export function readLogPage(query: { limit?: string; cursor?: string }): LogPage {
  const { limit, after } = readPage(query, isLogPosition);
  return { limit, ...(after !== undefined && { cursor: after }) };
}
