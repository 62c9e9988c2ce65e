import type { HostRevision, HostStore, HostTable, StoredHost } from '../../shared/infected-hosts/host-table.ts';
import { isKeptOut } from '../../shared/infected-hosts/host.ts';
import { devicesOf, dueAt } from '../../shared/infected-hosts/operations.ts';
import type { IpAddress } from '../../shared/identity/address.ts';
import type { TenantId } from '../../shared/tenancy/tenant.ts';
import { noon } from './observations.ts';

/** Infected hosts in memory. Holds to the contract of the real store. */
export function fakeHostStore(): HostStore {
  const tenants = new Map<TenantId, Map<IpAddress, StoredHost>>();
  let revisions = 0;
  const of = (tenant: TenantId) => {
    const kept = tenants.get(tenant) ?? new Map<IpAddress, StoredHost>();
    tenants.set(tenant, kept);
    return kept;
  };
  const byText = (one: string, other: string) => (one < other ? -1 : 1);

  return {
    read: async (tenant, ip) => Promise.resolve(of(tenant).get(ip)),
    async replace(tenant, ip, host, read) {
      // Others come in between, as they do in reality.
      await Promise.resolve();
      const kept = of(tenant);
      if (kept.get(ip)?.revision !== read?.revision) return 'conflict';
      if (host) kept.set(ip, { host: structuredClone(host), revision: `revision-${++revisions}` as HostRevision });
      else kept.delete(ip);
      return 'replaced';
    },
    async list(tenant, { limit, after }) {
      const all = [...of(tenant).values()].sort((one, other) => byText(one.host.ip, other.host.ip));
      const rest = all.filter(({ host }) => after === undefined || host.ip > after);
      const hosts = rest.slice(0, limit);
      const last = hosts.at(-1)?.host.ip;
      return Promise.resolve({ hosts, ...(rest.length > limit && last !== undefined && { next: last }) });
    },
    async keptOut(tenant, { limit, after }) {
      const all = [...of(tenant).values()].filter(({ host }) => isKeptOut(host)).map(({ host }) => host.ip);
      const rest = all.sort(byText).filter((ip) => after === undefined || ip > after);
      const [ips, last] = [rest.slice(0, limit), rest[limit - 1]];
      return Promise.resolve({ ips, ...(rest.length > limit && last !== undefined && { next: last }) });
    },
    async ofDevice(tenant, mac) {
      const all = [...of(tenant).values()].filter(({ host }) => devicesOf(host).includes(mac));
      return Promise.resolve(all.map(({ host }) => host.ip).sort(byText));
    },
    async due(tenant, until, limit) {
      const due = [...of(tenant).values()].flatMap(({ host }) => {
        const at = dueAt(host);
        return at !== undefined && at <= until ? [{ at, ip: host.ip }] : [];
      });
      const sorted = due.sort((one, other) => one.at - other.at || byText(one.ip, other.ip));
      return Promise.resolve(sorted.slice(0, limit).map(({ ip }) => ip));
    },
  };
}

/** Ids count up: `operation-1`. */
export function fakeHostTable({ now = () => noon } = {}): HostTable {
  let ids = 0;
  return { hosts: fakeHostStore(), now, newId: () => `operation-${++ids}` };
}
