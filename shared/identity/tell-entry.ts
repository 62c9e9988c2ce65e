/** Sources that do not post: what a local table or Active Directory tells of one address, held to the rules of posts. */
import { ServiceError } from '../service-error.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import type { PostedEntry } from '../wire/clearpass/posted-entry.ts';
import type { IpAddress } from './address.ts';
import { addressSet } from './address-set.ts';
import type { Outcome } from './advance.ts';
import { advanceEntry, type AuthenticationTable, type Listed } from './authentication-table.ts';
import { isLive } from './entry.ts';
import { type Note, observe } from './observe.ts';
import { slotOf } from './slots.ts';
import type { Hear } from './source-heard.ts';

export const toldSources = ['local', 'active-directory'] as const;
export type ToldSource = (typeof toldSources)[number];

/** How long an entry stays where its source does not say; 0 minutes: until somebody ends it. */
const usualMinutes: Readonly<Record<ToldSource, number>> = { local: 0, 'active-directory': 30 };

export interface TellEntry {
  readonly table: AuthenticationTable;
  readonly settingsOf: (tenant: TenantId) => Promise<TellSettings>;
  /** Notes that Active Directory was heard. */
  readonly hear: Hear;
}

export interface TellSettings {
  readonly activeDirectory: { readonly enabled: boolean };
  /** Addresses and prefixes that no entry is kept of. */
  readonly excludeAddresses: readonly string[];
}

export interface Word extends Pick<PostedEntry, 'user' | 'domain' | 'timestamp' | 'roles' | 'posture' | 'device'> {
  readonly origin: ToldSource;
  readonly operation: 'logon' | 'logoff';
  readonly timeoutMinutes?: number;
}

export interface Telling {
  readonly tenant: TenantId;
  readonly ip: IpAddress;
  /** Epoch milliseconds. */
  readonly receivedAt: number;
  readonly orderByArrival: boolean;
}

export interface Heard {
  readonly outcome: Outcome;
  /** Who is there by the word of this source, or of one that it cannot replace; absent where nobody is. */
  readonly entry?: Listed;
  readonly remarks: readonly Remark[];
}

interface Remark {
  readonly code: string;
  readonly message: string;
}

/** Throws `source-disabled`, `address-excluded`, and `busy` where others keep changing the address. */
export async function tellEntry(
  { table, settingsOf, hear }: TellEntry,
  { tenant, ip, receivedAt, orderByArrival }: Telling,
  { origin, timeoutMinutes = usualMinutes[origin], ...word }: Word,
): Promise<Heard> {
  admit(await settingsOf(tenant), ip, origin);
  const order = orderByArrival ? 'by-arrival' : 'by-instant';
  const observed = observe({ ...word, ip, notes: [], line: 1, column: 1 }, { origin, arrivedAt: receivedAt, order });
  if ('fault' in observed) throw new ServiceError('body-invalid', observed.fault.message);
  const { observation, notes } = observed;
  const key = { ip, slot: slotOf[origin] };
  const event =
    observation.operation === 'logon'
      ? ({ kind: 'logon', logon: observation, timeoutMinutes } as const)
      : ({ kind: 'logoff', logoff: observation } as const);
  const { outcome, item } = await advanceEntry(table, tenant, key, event);
  if (origin === 'active-directory') await hear(tenant, origin, receivedAt);
  return {
    outcome,
    ...(item && isLive(item, table.now()) && { entry: { ...key, item } }),
    remarks: [...notes.map(remarkOf), ...remarksOn(outcome, ip)],
  };
}

function admit({ activeDirectory, excludeAddresses }: TellSettings, ip: IpAddress, origin: ToldSource) {
  if (origin === 'active-directory' && !activeDirectory.enabled) {
    throw new ServiceError(
      'source-disabled',
      'Active Directory is not a source of this tenant. Set activeDirectory.enabled of the configuration, which user query must be off for.',
    );
  }
  if (excludeAddresses.length > 0 && addressSet(excludeAddresses)(ip)) {
    throw new ServiceError(
      'address-excluded',
      `No entry is kept of ${ip}: webApi.excludeAddresses of the configuration names it.`,
    );
  }
}

const remarkOf = ({ code, message }: Note): Remark => ({ code, message });

function remarksOn(outcome: Outcome, ip: IpAddress): readonly Remark[] {
  const message = said[outcome]?.(ip);
  return message === undefined ? [] : [{ code: outcome, message }];
}

/** What is not obvious of an outcome. */
const said: Partial<Record<Outcome, (ip: string) => string>> = {
  stale: (ip) => `Something newer is known of ${ip} from this source.`,
  barred: (ip) => `A newer logoff of this user at ${ip} is known, so nobody is logged on.`,
  outranked: (ip) => `ClearPass or JIMS has told who is at ${ip}, and Active Directory does not replace that.`,
  'other-user': (ip) => `Somebody else is logged on at ${ip} now; the logoff is remembered, but it ends nothing.`,
  'other-source': (ip) => `ClearPass or JIMS has told who is at ${ip}; a logoff of Active Directory does not end that.`,
};
