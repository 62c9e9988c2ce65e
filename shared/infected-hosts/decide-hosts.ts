/** What an operator's word on approvals and undoes does to hosts. Of the loss of a feed its poll knows. */
import { actOnEach, isUnfinished } from '../endpoints/many.ts';
import type { IpAddress } from '../identity/address.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import { type ActOnHosts, actOnHost, type HostAct, type HostSender } from './act-on-host.ts';
import type { HostActs, HostTold, LetGo, SaidBy, UndoneHost } from './host-acts.ts';
import { type InfectedHost, isDropped, isOfCause, wantedOf } from './host.ts';

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
    async letGo(tenant, letGo, by) {
      const ofDevice = await deps.hosts.ofDevice(tenant, letGo.mac);
      for (const ip of new Set([...letGo.through, ...letGo.has, ...ofDevice])) {
        const stored = await deps.hosts.read(tenant, ip);
        if (stored && isLetGoBy(stored.host, letGo)) await tell(tenant, ip, { kind: 'cleared' }, by);
      }
    },

    async undoHosts(tenant, cause, { limit, untilAt }, by) {
      const undone: UndoneHost[] = [];
      let after: IpAddress | undefined;
      do {
        if (deps.now() >= untilAt || undone.length >= limit) return { hosts: undone, left: 'some' };
        const page = await deps.hosts.list(tenant, { limit: atOnce, ...(after !== undefined && { after }) });
        const all = page.hosts.filter(({ host }) => isOf(host, cause)).map(({ host }) => host.ip);
        const ips = all.slice(0, limit - undone.length);
        const came = await actOnEach(ips, { now: deps.now, untilAt }, async (ip) => {
          const { outcome, message } = await tell(tenant, ip, { kind: 'undone', cause }, by);
          return { outcome: outcome === 'done' ? ('undone' as const) : ('gone' as const), message };
        });
        undone.push(...ips.map((ip, at): UndoneHost => ({ ip, came: came[at] ?? { came: 'left' } })));
        if (isUnfinished(came) || ips.length < all.length) return { hosts: undone, left: 'some' };
        after = page.next;
      } while (after !== undefined);
      return { hosts: undone, left: 'none' };
    },
  };
}

const isOf = ({ listings }: InfectedHost, cause: string) =>
  Object.values(listings).some((listing) => isOfCause(listing, cause));

/**
 * Whether what feeds say of the host is said of the endpoint, and is what is let go: what is done of it, or where nothing
 * is, what waits. Addresses tell only of a host of which the device is not known: they move from one to another.
 */
function isLetGoBy(host: InfectedHost, { mac, hold, through, has }: LetGo): boolean {
  const { ip, listings, accused } = host;
  const known = accused?.mac ?? null;
  const isOfIt = known === mac || (known === null && (through.includes(ip) || has.includes(ip)));
  const done = wantedOf(host);
  const calling = Object.values(listings).filter((each) => !isDropped(each) && each.wanted !== 'free');
  const kinds = done === 'free' ? calling.map(({ wanted }) => wanted) : [done];
  return isOfIt && kinds.some((kind) => hold === 'all' || hold === kind);
}

const messages: Partial<Record<HostAct['kind'], (ip: IpAddress) => string>> = {
  released: (ip) => `What its feed wants of ${ip} is done.`,
  dropped: (ip) => `Nothing is done about ${ip} until it has left its feed and returned.`,
  undone: (ip) => `What was done about ${ip} by it is taken back, until it has left its feed and returned.`,
};

const senderOf = ({ name, cause }: SaidBy): HostSender => ({
  sender: { kind: 'operator', name },
  credentialName: name,
  clientAddress: null,
  requestId: null,
  cause,
});
