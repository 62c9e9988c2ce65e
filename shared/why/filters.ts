/** Which lists of a tenant's configuration concern an address, and what each of them does about it. */
import type { Configuration } from '../configuration/configuration.ts';
import { addressSet } from '../identity/address-set.ts';
import type { IpAddress } from '../identity/address.ts';

export interface Filter {
  readonly setting: string;
  /** `keeps-out`: by it no entry comes to be on this way. `lets-in`: it has a list, and the address is on it. */
  readonly effect: 'keeps-out' | 'lets-in' | 'limits-senders' | 'limits-domains';
  /** The address or prefix that names it, where one does. */
  readonly by: string | null;
  readonly message: string;
}

/** Lists that are empty concern nobody. */
export function filtersOn(
  ip: IpAddress,
  { webApi, clearpass: { userQuery }, identityManagement: { filters } }: FilterSettings,
): readonly Filter[] {
  return [
    ...excluding(ip, 'webApi.excludeAddresses', webApi.excludeAddresses, 'no post makes an entry of it'),
    ...limiting('webApi.allowedClients', 'limits-senders', webApi.allowedClients, 'posts are taken from these alone'),
    ...including(ip, 'clearpass.userQuery.includeAddresses', userQuery.includeAddresses, 'ClearPass is not asked'),
    ...excluding(ip, 'clearpass.userQuery.excludeAddresses', userQuery.excludeAddresses, 'ClearPass is not asked'),
    ...including(ip, 'identityManagement.filters.includeIp', filters.includeIp, 'JIMS makes no entry of it'),
    ...excluding(ip, 'identityManagement.filters.excludeIp', filters.excludeIp, 'JIMS makes no entry of it'),
    ...limiting('identityManagement.filters.domains', 'limits-domains', filters.domains, 'of JIMS these alone count'),
  ];
}

type FilterSettings = Pick<Configuration, 'webApi' | 'clearpass' | 'identityManagement'>;

function excluding(ip: IpAddress, setting: string, members: readonly string[], so: string): readonly Filter[] {
  const by = naming(ip, members);
  return by === undefined ? [] : [{ setting, effect: 'keeps-out', by, message: `${setting} names ${by}: ${so}.` }];
}

function including(ip: IpAddress, setting: string, members: readonly string[], otherwise: string): readonly Filter[] {
  if (members.length === 0) return [];
  const by = naming(ip, members);
  if (by !== undefined) return [{ setting, effect: 'lets-in', by, message: `${setting} names ${by}.` }];
  return [{ setting, effect: 'keeps-out', by: null, message: `${setting} does not name ${ip}: ${otherwise}.` }];
}

function limiting(
  setting: string,
  effect: 'limits-senders' | 'limits-domains',
  members: readonly string[],
  so: string,
): readonly Filter[] {
  return members.length === 0 ? [] : [{ setting, effect, by: null, message: `${setting}: ${so}: ${members.join(', ')}.` }]; // prettier-ignore
}

const naming = (ip: IpAddress, members: readonly string[]): string | undefined =>
  members.find((member) => addressSet([member])(ip));
