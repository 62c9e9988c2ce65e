/**
 * What else holds the same device at the same connector. A device may have several addresses that are listed, and an address
 * may be listed again before the device that had it last is free: what is told of one must not take back the other.
 */
import type { Mac } from '../endpoints/mac.ts';
import type { IpAddress } from '../identity/address.ts';
import type { HostTable } from '../infected-hosts/host-table.ts';
import { type InfectedHost, isMore, type Operation, type Wanted } from '../infected-hosts/host.ts';
import { isUnsettled, newestOperations, toldOf } from '../infected-hosts/operations.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import type { Enforcer } from './enforcer.ts';

export interface AlsoHeld {
  /** The most that any of them was told to be, and is still to be. */
  readonly wanted: Wanted;
  /** The device that it was told of so. */
  readonly mac: Mac | null;
  readonly through: readonly IpAddress[];
  /** Whether anything of them has yet to be sent or answered. */
  readonly isUnderWay: boolean;
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
  const ips = keeps !== undefined && mac !== null ? await hosts.ofDevice(tenant, mac) : [];
  const others = await Promise.all(ips.filter((ip) => ip !== host.ip).map(async (ip) => hosts.read(tenant, ip)));
  const all = [host, ...others.flatMap((stored) => stored?.host ?? [])].flatMap((each) =>
    newestOperations(each)
      .filter(({ id, connector }) => id !== operation.id && connector === operation.connector)
      .filter((newest) => isSame(newest) || (each === host && keeps !== 'devices'))
      .map((newest) => ({ ip: each.ip, newest, told: toldOf(each, newest) })),
  );
  const held = all.filter(({ newest, told }) => newest.wanted !== 'free' && told !== 'free');
  const wanted = held.reduce<Wanted>((most, { told }) => (isMore(told, most) ? told : most), 'free');
  return {
    wanted,
    mac: held.find(({ told }) => told === wanted)?.newest.device.mac ?? null,
    through: [...new Set(held.map(({ ip }) => ip))],
    isUnderWay: all.some(({ newest }) => isUnsettled(newest)),
  };
}
