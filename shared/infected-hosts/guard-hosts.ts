/**
 * What keeps a feed from acting on a host: the allow list, an address that many devices share, and the cap of automatic
 * actions, in this order, so that only what would be done is counted. All but the allow list wait for an operator's word.
 */
import type { ActionBudget } from '../admission/action-budget.ts';
import { type ApprovalStore, hostApprovalId, openHostApproval, withdrawApproval } from '../admission/approval.ts';
import { isShared } from '../admission/shared-address.ts';
import type { ThreatResponse } from '../configuration/threat-response.ts';
import { allowedBy, meantBy } from '../endpoints/allow-list.ts';
import type { EndpointStore } from '../endpoints/endpoint-table.ts';
import { addressesAt } from '../endpoints/sessions.ts';
import type { IpAddress } from '../identity/address.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import type { HostGuards } from './act-on-host.ts';
import type { HeldBy } from './host.ts';

export interface GuardHosts {
  readonly endpoints: Pick<EndpointStore, 'at' | 'read'>;
  readonly approvals: Pick<ApprovalStore, 'open' | 'read' | 'decide'>;
  readonly budget: ActionBudget;
  readonly settingsOf: (tenant: TenantId) => Promise<Pick<ThreatResponse<unknown, unknown>, 'allowList' | 'guards'>>;
  readonly now: () => number;
}

export const hostGuards = (deps: GuardHosts): HostGuards => ({
  async hold(tenant, { feed, level, wanted, cause }, { ip, connector }) {
    const heldBy = await heldByOf(deps, tenant, { ip, connector, cause });
    if (heldBy === null || heldBy === 'allow-list' || wanted === 'free') return heldBy;
    // The question first: of what is held without one nobody would ever be asked.
    await deps.approvals.open(tenant, openHostApproval({ ip, feed, wanted, level }, heldBy, deps.now()));
    return heldBy;
  },

  async withdraw(tenant, ip, feed, by) {
    await withdrawApproval(deps.approvals, tenant, hostApprovalId(ip, feed), { by, now: deps.now() });
  },
});

interface Act {
  readonly ip: IpAddress;
  readonly connector: string | null;
  readonly cause: string;
}

async function heldByOf(deps: GuardHosts, tenant: TenantId, { ip, connector, cause }: Act): Promise<HeldBy | null> {
  const { allowList, guards } = await deps.settingsOf(tenant);
  if (await isAllowed(deps, tenant, allowList, ip)) return 'allow-list';
  if (await isShared(deps, tenant, guards, ip)) return 'shared-address';
  // Of an address that is nobody's nothing is done that could be too much.
  if (connector === null || guards.mostActions === 0) return null;
  const taken = await deps.budget.take(tenant, { key: `${cause} ${ip}`, most: guards.mostActions, now: deps.now() });
  return taken === 'exceeded' ? 'blast-radius' : null;
}

/** The address itself, or whoever of our endpoints has it now. */
async function isAllowed(
  { endpoints, now }: GuardHosts,
  tenant: TenantId,
  allowList: ThreatResponse<unknown, unknown>['allowList'],
  ip: IpAddress,
): Promise<boolean> {
  if (allowedBy(allowList, { mac: null, ips: [ip], users: [], roles: [] })) return true;
  if (allowList.macs.length + allowList.users.length + allowList.roles.length === 0) return false;
  const { macs } = await endpoints.at(tenant, ip);
  const read = await endpoints.read(tenant, macs);
  return read.some((stored) => {
    const hasIt = stored && addressesAt(stored.endpoint, now()).some((each) => each.ip === ip);
    return hasIt && allowedBy(allowList, meantBy(stored.endpoint, now())) !== undefined;
  });
}
