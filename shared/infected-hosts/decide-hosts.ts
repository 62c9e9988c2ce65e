/** What an operator's word on approvals and undoes does to hosts. Of the loss of a feed its poll knows. */
import type { IpAddress } from '../identity/address.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import { type ActOnHosts, actOnHost, type HostAct, type HostSender } from './act-on-host.ts';
import type { HostActs, HostTold, SaidBy } from './host-acts.ts';
import { type FeedName, feedNames } from './host.ts';

const atOnce = 500;

export function hostDecisions(deps: ActOnHosts): Pick<HostActs, 'release' | 'drop' | 'undoHosts' | 'letGo'> {
  const tell = async (tenant: TenantId, ip: IpAddress, act: HostAct, by: SaidBy): Promise<HostTold> => {
    const { outcome } = await actOnHost(deps, tenant, ip, act, senderOf(by));
    if (outcome === 'held') return { outcome: 'allow-list', message: `${ip} is on the allow list, which no approval passes: nothing is done while it is.` }; // prettier-ignore
    return outcome === 'unchanged'
      ? { outcome: 'nothing-to-do', message: `There is nothing about ${ip} that this would change.` }
      : { outcome: 'done', message: messages[act.kind]?.(ip) ?? `${ip} is seen to.` };
  };

  return {
    release: async (tenant, { ip, feed, cause }, by) => tell(tenant, ip, { kind: 'released', feed, about: cause }, by),
    drop: async (tenant, { ip, feed, cause }, by) => tell(tenant, ip, { kind: 'dropped', feed, about: cause }, by),

    // Else the feed, or a check of drift, would hold again what an operator let go.
    async letGo(tenant, ips, by) {
      for (const ip of new Set(ips)) {
        if ((await deps.hosts.read(tenant, ip)) !== undefined) await tell(tenant, ip, { kind: 'cleared' }, by);
      }
    },

    async undoHosts(tenant, cause, limit, by) {
      const undone = [];
      for (const { ip, feeds } of await causedBy(deps, tenant, cause, limit)) {
        const told = await tell(tenant, ip, { kind: 'undone', cause }, by);
        undone.push(...feeds.map((feed) => ({ ip, feed, ...told })));
      }
      return undone;
    },
  };
}

const messages: Partial<Record<HostAct['kind'], (ip: IpAddress) => string>> = {
  released: (ip) => `What its feed wants of ${ip} is done.`,
  dropped: (ip) => `Nothing is done about ${ip} until it has left its feed and returned.`,
  undone: (ip) => `What was done about ${ip} is taken back, until it has left its feed and returned.`,
};

const senderOf = ({ name, cause }: SaidBy): HostSender => ({
  sender: { kind: 'operator', name },
  credentialName: name,
  clientAddress: null,
  requestId: null,
  cause,
});

/** Hosts of which a listing has this cause, by their addresses. */
async function causedBy({ hosts }: Pick<ActOnHosts, 'hosts'>, tenant: TenantId, cause: string, limit: number) {
  const found: { readonly ip: IpAddress; readonly feeds: readonly FeedName[] }[] = [];
  let after: IpAddress | undefined;
  do {
    const page = await hosts.list(tenant, { limit: atOnce, ...(after !== undefined && { after }) });
    for (const { host } of page.hosts) {
      const feeds = feedNames.filter((feed) => host.listings[feed]?.cause === cause);
      if (feeds.length > 0) found.push({ ip: host.ip, feeds });
    }
    after = page.next;
  } while (after !== undefined && found.length < limit);
  return found.slice(0, limit);
}
