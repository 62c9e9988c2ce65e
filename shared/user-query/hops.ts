/**
 * Whom a question is put to, one after another: ClearPass, and where it gives no answer or knows nobody, JIMS; of JIMS's
 * servers the primary always first, and the secondary only where the primary fails.
 */
import type { SilenceSource } from '../configuration/configuration.ts';
import { addressSet } from '../identity/address-set.ts';
import type { IpAddress } from '../identity/address.ts';
import type { SecretReference } from '../outbound/secrets.ts';
import type { QuerySettings } from './query-settings.ts';
import { serverName, type ServerName } from './servers.ts';

export const hops = ['clearpass', 'jims', 'jims-secondary'] as const;
export type Hop = (typeof hops)[number];
export type JimsHop = Exclude<Hop, 'clearpass'>;

/** Who is asked about an address first; nobody where the tenant has nobody asked about it. */
export const firstHop = (settings: QuerySettings, ip: IpAddress): Hop | undefined => hopFrom(settings, ip, 'clearpass');

/** The same hop, or the next that is still asked where the configuration was changed since. */
export const hopFrom = (settings: QuerySettings, ip: IpAddress, hop: Hop): Hop | undefined =>
  hops.slice(hops.indexOf(hop)).find((each) => asksAt(settings, ip, each) === 'yes');

/** No server is named. A question that is open all the same is one of a tenant that was erased since. */
export const knowsNobody = ({ userQuery, identityManagement }: QuerySettings): boolean =>
  userQuery.server.address === '' && identityManagement.primary.address === '';

/** Who is asked next. A JIMS that knows nobody is an answer: its secondary knows no more. */
export function hopAfter(
  settings: QuerySettings,
  ip: IpAddress,
  { hop, heard }: { readonly hop: Hop; readonly heard: 'nobody' | 'failed' },
): Hop | undefined {
  const next = hops[hops.indexOf(hop) + 1];
  return next === undefined || (heard === 'nobody' && hop !== 'clearpass') ? undefined : hopFrom(settings, ip, next);
}

function asksAt({ userQuery, identityManagement }: QuerySettings, ip: IpAddress, hop: Hop): 'yes' | 'no' {
  if (hop === 'clearpass') {
    const { enabled, includeAddresses, excludeAddresses } = userQuery;
    return enabled ? isWanted(ip, includeAddresses, excludeAddresses) : 'no';
  }
  const { enabled, ipQuery, filters, secondary } = identityManagement;
  if (!enabled || !ipQuery.enabled || (hop === 'jims-secondary' && secondary === null)) return 'no';
  return isWanted(ip, filters.includeIp, filters.excludeIp);
}

/** No list of addresses to include means all. */
export function isWanted(ip: IpAddress, included: readonly string[], excluded: readonly string[]): 'yes' | 'no' {
  if (included.length > 0 && !addressSet(included)(ip)) return 'no';
  return excluded.length > 0 && addressSet(excluded)(ip) ? 'no' : 'yes';
}

/** Whose word an answer of a hop is. */
export const sourceOf = (hop: Hop): SilenceSource => (hop === 'clearpass' ? 'aruba-clearpass' : 'identity-management');

/** A server to ask, and with what it lets us in. */
export interface HopServer {
  readonly name: string;
  readonly server: ServerName;
  readonly clientId: string;
  readonly clientSecret: SecretReference | null;
  /** What its secret was kept for. */
  readonly secretName: string;
}

/** The server of a hop. Throws where the configuration names none. */
export function hopServer({ userQuery, identityManagement }: QuerySettings, hop: Hop): HopServer {
  if (hop === 'clearpass') {
    const { server, clientId, clientSecret } = userQuery;
    return { name: server.name, server: serverName(server), clientId, clientSecret, secretName: 'clearpass' };
  }
  const { address, clientId, clientSecret } = jimsServer(identityManagement, hop);
  const name = hop === 'jims' ? 'primary' : 'secondary';
  const server = serverName({ address, port: identityManagement.port });
  return { name, server, clientId, clientSecret, secretName: `identity-management-${name}` };
}

export function jimsServer({ primary, secondary }: QuerySettings['identityManagement'], hop: JimsHop) {
  const server = hop === 'jims' ? primary : secondary;
  if (server === null) throw new Error('A secondary server that is not configured is not asked.');
  return server;
}

/** How long a question waits before it is asked. */
export const delaySecondsOf = ({ userQuery, identityManagement }: QuerySettings, hop: Hop): number =>
  hop === 'clearpass' ? userQuery.delayQueryTime : identityManagement.ipQuery.queryDelayTime;

/** The timeouts, in minutes, of what a hop settles. */
export const timeoutsOf = (
  { entryTimeoutMinutes: entry, invalidTimeoutMinutes: invalid, identityManagement }: QuerySettings,
  hop: Hop,
): { readonly entry: number; readonly invalid: number } =>
  hop === 'clearpass'
    ? { entry, invalid }
    : { entry: identityManagement.entryTimeout, invalid: identityManagement.invalidEntryTimeout };
