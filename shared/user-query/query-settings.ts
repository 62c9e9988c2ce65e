/** What a tenant's configuration says about asking ClearPass. */
import type { Configuration, UserQuery } from '../configuration/configuration.ts';
import { addressSet } from '../identity/address-set.ts';
import type { IpAddress } from '../identity/address.ts';
import type { SecretReference } from '../outbound/secrets.ts';

export interface QuerySettings {
  readonly userQuery: UserQuery<SecretReference | null>;
  readonly entryTimeoutMinutes: number;
  readonly invalidTimeoutMinutes: number;
}

export const querySettings = ({ clearpass }: Pick<Configuration, 'clearpass'>): QuerySettings => ({
  userQuery: clearpass.userQuery,
  entryTimeoutMinutes: clearpass.entryTimeout,
  invalidTimeoutMinutes: clearpass.invalidEntryTimeout,
});

/** Whether a tenant wants ClearPass to be asked about an address: no list of addresses to include means all. */
export function mayAsk(
  { enabled, includeAddresses, excludeAddresses }: UserQuery<unknown>,
  ip: IpAddress,
): 'yes' | 'no' {
  if (!enabled || (includeAddresses.length > 0 && !addressSet(includeAddresses)(ip))) return 'no';
  return excludeAddresses.length > 0 && addressSet(excludeAddresses)(ip) ? 'no' : 'yes';
}
