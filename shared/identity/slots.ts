/** Slots: each origin's place at an address, and how those that a look-up needs are read. */
import type { TenantId } from '../tenancy/tenant.ts';
import type { IpAddress } from './address.ts';
import type { EntryStore, Listed, Slot } from './authentication-table.ts';
import type { Origin } from './observation.ts';
import type { SearchOrder } from './search.ts';

export const slotOf: Readonly<Record<Origin, Slot>> = {
  'aruba-clearpass': 'userid',
  'identity-management': 'userid',
  'active-directory': 'userid',
  local: 'local',
  'secure-web-gateway': 'swg',
  'firewall-authentication': 'fwauth',
  'unified-access-control': 'uac',
};

/** The slots that a search in this order reads. */
export const slotsIn = (order: SearchOrder): readonly Slot[] => [
  ...new Set([...order.keys()].map((origin) => slotOf[origin])),
];

/** So many addresses are queried each by itself, which answers soonest and reads least; more go in batches. */
const oneByOne = 8;

/** What lies in these slots of each address, live or not: one read an address. */
export async function readSlots(
  entries: Pick<EntryStore, 'read' | 'at'>,
  tenant: TenantId,
  ips: readonly IpAddress[],
  slots: readonly Slot[],
): Promise<Map<IpAddress, readonly Listed[]>> {
  if (slots.length > 1 && ips.length <= oneByOne) {
    return new Map(await Promise.all(ips.map(async (ip) => [ip, await entries.at(tenant, ip)] as const)));
  }
  const keys = ips.flatMap((ip) => slots.map((slot) => ({ ip, slot })));
  const stored = await entries.read(tenant, keys);
  const found = keys.flatMap((key, index) => {
    const item = stored[index]?.item;
    return item ? [{ ...key, item }] : [];
  });
  const byAddress = Map.groupBy(found, ({ ip }) => ip);
  return new Map(ips.map((ip) => [ip, byAddress.get(ip) ?? []]));
}
