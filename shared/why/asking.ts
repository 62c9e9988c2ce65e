/** Whether an address that nobody told of is asked about, and of whom; and if not, which setting is why. */
import type { Configuration } from '../configuration/configuration.ts';
import { addressSet } from '../identity/address-set.ts';
import type { IpAddress } from '../identity/address.ts';

export interface Asking {
  readonly who: 'ClearPass' | 'JIMS';
  readonly code: 'asked' | 'query-disabled' | 'address-not-included' | 'address-excluded';
  readonly message: string;
  /** The name that the configuration has for it, or its address. */
  readonly server: string | null;
}

type Settings = Pick<Configuration, 'clearpass' | 'identityManagement'>;

/** ClearPass first, then JIMS. */
export const askingAbout = (ip: IpAddress, { clearpass, identityManagement }: Settings): readonly Asking[] => [
  askingClearPass(ip, clearpass),
  askingJims(ip, identityManagement),
];

function askingClearPass(ip: IpAddress, { userQuery }: Configuration['clearpass']): Asking {
  const { enabled, includeAddresses, excludeAddresses, delayQueryTime } = userQuery;
  const server = userQuery.server.name || userQuery.server.address || null;
  const refusal = enabled
    ? listed(
        ip,
        ['clearpass.userQuery.includeAddresses', includeAddresses],
        ['clearpass.userQuery.excludeAddresses', excludeAddresses],
      )
    : ({ code: 'query-disabled', why: 'clearpass.userQuery.enabled is off' } as const);
  if (refusal)
    return { who: 'ClearPass', server, code: refusal.code, message: `ClearPass is not asked: ${refusal.why}.` };
  const when = `${delayQueryTime} s after a flow for which it matters who is there`;
  return {
    who: 'ClearPass',
    server,
    code: 'asked',
    message: `ClearPass (${server ?? 'no server set'}) is asked, ${when}.`,
  };
}

function askingJims(
  ip: IpAddress,
  { enabled, ipQuery, primary, filters }: Configuration['identityManagement'],
): Asking {
  const { includeIp, excludeIp } = filters;
  const server = primary.address || null;
  const off = enabled ? 'identityManagement.ipQuery.enabled' : 'identityManagement.enabled';
  const refusal =
    enabled && ipQuery.enabled
      ? listed(
          ip,
          ['identityManagement.filters.includeIp', includeIp],
          ['identityManagement.filters.excludeIp', excludeIp],
        )
      : ({ code: 'query-disabled', why: `${off} is off` } as const);
  if (refusal) return { who: 'JIMS', server, code: refusal.code, message: `JIMS is not asked: ${refusal.why}.` };
  const message = 'JIMS is asked where ClearPass gives no answer or knows nobody, or is not asked at all.';
  return { who: 'JIMS', server, code: 'asked', message };
}

type List = readonly [setting: string, members: readonly string[]];

/** Of two lists, the first of what to include (empty: all) and the second of what to leave out. */
function listed(ip: IpAddress, [including, included]: List, [excluding, excluded]: List) {
  if (included.length > 0 && !addressSet(included)(ip)) {
    return { code: 'address-not-included', why: `${including} does not name ${ip}` } as const;
  }
  if (excluded.length === 0 || !addressSet(excluded)(ip)) return undefined;
  return { code: 'address-excluded', why: `${excluding} names ${ip}` } as const;
}
