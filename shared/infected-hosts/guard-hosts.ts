/**
 * What keeps a feed from acting on a host: the allow list, an address that many devices share, and the cap of automatic
 * actions, in this order, so that only what would be done is counted. All but the allow list wait for an operator's word,
 * which is given once for each cause: the same question is not asked again, and what was approved is not counted.
 */
import type { ActionBudget } from '../admission/action-budget.ts';
import { type ApprovalStore, hostApprovalId, openHostApproval, withdrawApproval } from '../admission/approval.ts';
import { isShared } from '../admission/shared-address.ts';
import type { Guards, ThreatResponse } from '../configuration/threat-response.ts';
import { allowedBy, isStillOn, meantBy, meantSince } from '../endpoints/allow-list.ts';
import type { Endpoint } from '../endpoints/endpoint.ts';
import { everHolders, type KnowsHolders } from '../endpoints/holders-now.ts';
import { hadAddress } from '../endpoints/sessions.ts';
import type { IpAddress } from '../identity/address.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import type { Forbidden, HostAsked, HostGuards } from './act-on-host.ts';
import type { CalledFor } from './advance.ts';
import type { HeldBy } from './host.ts';

export interface GuardHosts extends KnowsHolders {
  readonly approvals: Pick<ApprovalStore, 'open' | 'read' | 'decide'>;
  readonly budget: ActionBudget;
  readonly settingsOf: (tenant: TenantId) => Promise<Pick<ThreatResponse<unknown, unknown>, 'allowList' | 'guards'>>;
}

export const hostGuards = (deps: GuardHosts): HostGuards => ({
  async hold(tenant, ip, asked) {
    const { allowList, guards } = await deps.settingsOf(tenant);
    const { calledFor = { at: deps.now(), spared: null } } = asked;
    const allowed = await allowedTo(deps, tenant, allowList, ip, calledFor);
    if (allowed) return { ...allowed, question: 'none' };
    const said = await questionOf(deps, tenant, ip, asked);
    if (said?.state === 'approved') return null;
    if (said !== undefined && said.state !== 'withdrawn') return { by: said.by, question: 'open' };
    const by = await heldByOf(deps, tenant, guards, { ip, cause: asked.cause });
    if (by === null) return null;
    // The question first: of what is held without one nobody would ever be asked.
    await open(deps, tenant, ip, asked, by);
    return { by, question: 'opened' };
  },

  async forbid(tenant, ip, calledFor) {
    const { allowList } = await deps.settingsOf(tenant);
    return allowedTo(deps, tenant, allowList, ip, calledFor);
  },

  async answerTo(tenant, ip, asked, by) {
    const said = await questionOf(deps, tenant, ip, asked);
    if (said?.state === 'approved' || said?.state === 'rejected') return said.state;
    if (said?.state !== 'open') await open(deps, tenant, ip, asked, by);
    return 'none';
  },

  async withdraw(tenant, ip, feed, by) {
    await withdrawApproval(deps.approvals, tenant, hostApprovalId(ip, feed), { by, now: deps.now() });
  },
});

/** What is asked, or was, for the same cause. */
async function questionOf({ approvals }: GuardHosts, tenant: TenantId, ip: IpAddress, { feed, cause }: HostAsked) {
  const approval = await approvals.read(tenant, hostApprovalId(ip, feed));
  if (approval?.subject.kind !== 'host' || approval.subject.cause !== cause) return undefined;
  return {
    state: approval.state,
    by: approval.reason === 'shared-address' ? approval.reason : 'blast-radius',
  } as const;
}

async function open(deps: GuardHosts, tenant: TenantId, ip: IpAddress, asked: HostAsked, by: HeldBy): Promise<void> {
  const { feed, level, wanted, cause } = asked;
  if (by === 'allow-list' || wanted === 'free') return;
  await deps.approvals.open(tenant, openHostApproval({ ip, feed, wanted, level, cause }, by, deps.now()));
}

/** What would be done is counted whether a connector has the address or not: the feed for firewalls has it either way. */
async function heldByOf(
  deps: GuardHosts,
  tenant: TenantId,
  guards: Guards,
  { ip, cause }: { readonly ip: IpAddress; readonly cause: string },
): Promise<HeldBy | null> {
  if (await isShared(deps, tenant, guards, ip)) return 'shared-address';
  if (guards.mostActions === 0) return null;
  const taken = await deps.budget.take(tenant, { key: `${cause} ${ip}`, most: guards.mostActions, now: deps.now() });
  return taken === 'exceeded' ? 'blast-radius' : null;
}

/**
 * The address itself; whoever of our endpoints had it when it was called for, as that one is meant; and whoever has it now, as
 * what holds addresses holds that one. Whom the list spared then it spares as long as its word stands, also when nothing is
 * known of the device any more, unless another is known to be meant.
 */
async function allowedTo(
  deps: GuardHosts,
  tenant: TenantId,
  allowList: ThreatResponse<unknown, unknown>['allowList'],
  ip: IpAddress,
  { at, spared }: CalledFor,
): Promise<Forbidden | null> {
  if (allowedBy(allowList, { mac: null, ips: [ip], users: [], roles: [] })) return { by: 'allow-list', spared };
  if (allowList.macs.length + allowList.users.length + allowList.roles.length === 0) return null;
  const known = await everHolders(deps, tenant, ip);
  const meant = known.filter((endpoint) => hadAddress(endpoint, ip, at));
  for (const endpoint of meant) {
    const allowed = allowedBy(allowList, meantSince(endpoint, at));
    if (allowed) return { by: 'allow-list', spared: { mac: endpoint.mac, ...allowed } };
  }
  const isMeant = meant.length === 0 || meant.some(({ mac }) => mac === spared?.mac);
  if (spared !== null && isMeant && isStillOn(allowList, spared)) return { by: 'allow-list', spared };
  const now = deps.now();
  const isOfOther = (endpoint: Endpoint) => allowedBy(allowList, meantBy(endpoint, now)) !== undefined;
  const having = known.filter((endpoint) => hadAddress(endpoint, ip, now));
  return having.some(isOfOther) ? { by: 'allow-list', spared } : null;
}
