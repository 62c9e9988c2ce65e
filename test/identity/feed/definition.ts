/** The forwarding table by its definition, in as few words as it takes: what every way of telling it must come to. */
import type { Configuration } from '../../../shared/configuration/configuration.ts';
import type { Listed } from '../../../shared/identity/authentication-table.ts';
import type { Standing } from '../../../shared/identity/forwarding-row.ts';

export type ForwardingTable = ReadonlyMap<string, Standing>;

const ranks = ['local', 'aruba-clearpass', 'identity-management', 'secure-web-gateway', 'active-directory', 'firewall-authentication', 'unified-access-control'] as const; // prettier-ignore

/** Who is at each address, by all items of a tenant. */
export function forwardingTable(items: readonly Listed[], configuration: Configuration, now: number): ForwardingTable {
  const { priorities, clearpass, policies } = configuration;
  const priorityOf = (origin: (typeof ranks)[number]) =>
    priorities[origin === 'identity-management' ? 'aruba-clearpass' : origin];
  const isRead = (origin: (typeof ranks)[number]) =>
    priorityOf(origin) > 0 &&
    (!clearpass.userQuery.enabled || ranks.indexOf(origin) === 1 || ranks.indexOf(origin) === 2);
  const names = policies.flatMap(({ sourceIdentity }) => sourceIdentity);
  const table = new Map<string, Standing>();
  for (const ip of new Set(items.map((each) => each.ip))) {
    const live = items.filter((each) => each.ip === ip && each.item.expiresAt > now);
    const valid = live
      .flatMap(({ item }) => (item.state === 'valid' && item.entry && isRead(item.entry.origin) ? [{ item, entry: item.entry }] : [])) // prettier-ignore
      .sort((one, other) => priorityOf(one.entry.origin) - priorityOf(other.entry.origin) || ranks.indexOf(one.entry.origin) - ranks.indexOf(other.entry.origin)); // prettier-ignore
    const [first] = valid;
    const mark = live.find(({ item }) => ['init', 'pending', 'invalid'].includes(item.state));
    if (first) {
      const { domain, user, groups } = first.entry;
      const isNamed = (group: string) =>
        names.some((name) => name === `${domain}\\${group}` || name === `*\\${group}` || (domain === 'GLOBAL' && name === group)); // prettier-ignore
      table.set(ip, { state: 'valid', domain, user, groups: groups.filter(isNamed), expiresAt: first.item.expiresAt });
    } else if (mark && priorityOf('aruba-clearpass') > 0) {
      const { state, expiresAt } = mark.item;
      table.set(ip, { state, domain: null, user: null, groups: [], expiresAt });
    }
  }
  return table;
}
