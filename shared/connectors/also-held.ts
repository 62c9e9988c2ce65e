/**
 * What else holds the same device at the same connector. A device may have several addresses that are listed, and an address
 * may be listed again before the device that had it last is free: what is told of one must not take back the other.
 */
import type { IpAddress } from '../identity/address.ts';
import type { HostTable } from '../infected-hosts/host-table.ts';
import { type InfectedHost, isMore, type Operation, type Wanted } from '../infected-hosts/host.ts';
import { newestOperations } from '../infected-hosts/operations.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import type { Enforcer } from './enforcer.ts';

export interface AlsoHeld {
  /** The most that any of them wants. */
  readonly wanted: Wanted;
  readonly through: readonly IpAddress[];
}

export async function alsoHeld(
  { hosts }: Pick<HostTable, 'hosts'>,
  tenant: TenantId,
  host: InfectedHost,
  operation: Operation,
  keeps: Enforcer['keeps'],
): Promise<AlsoHeld> {
  const { mac } = operation.device;
  const isSame = (each: Operation) => each.device.mac === mac;
  const here = holding(host, operation).filter((each) => keeps !== 'devices' || isSame(each));
  const ips = keeps === 'devices' && mac !== null ? await hosts.ofDevice(tenant, mac) : [];
  const others = await Promise.all(ips.filter((ip) => ip !== host.ip).map(async (ip) => hosts.read(tenant, ip)));
  const all = [
    ...here.map(({ wanted }) => ({ wanted, ip: host.ip })),
    ...others.flatMap(
      (stored) =>
      stored ? holding(stored.host, operation).filter(isSame).map(({ wanted }) => ({ wanted, ip: stored.host.ip })) : [], // prettier-ignore
    ),
  ];
  return {
    wanted: all.reduce<Wanted>((most, { wanted }) => (isMore(wanted, most) ? wanted : most), 'free'),
    through: [...new Set(all.map(({ ip }) => ip))],
  };
}

/** Holds of the host at the operation's connector, of other devices than the one that it is of. */
const holding = (host: InfectedHost, { id, connector }: Operation) =>
  newestOperations(host).filter(
    (each) => each.id !== id && each.connector === connector && each.wanted !== 'free' && each.state !== 'abandoned',
  );
