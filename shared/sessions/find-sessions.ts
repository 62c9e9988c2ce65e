/** The sessions of an address, and those of a credential's that ended without it. */
import { type IpAddress, ipAddress } from '../identity/address.ts';
import type { AuthenticationTable } from '../identity/authentication-table.ts';
import type { ReadingAt } from '../identity/reading.ts';
import type { Role } from '../contract.ts';
import { ServiceError } from '../service-error.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import { type ClosedSession, endingOf, isTold, type Session } from './session.ts';
import type { SessionPage, SessionStore } from './sessions.ts';

export interface FindSessions {
  readonly sessions: SessionStore;
  readonly table: AuthenticationTable;
  readonly readingOf: (tenant: TenantId) => Promise<ReadingAt>;
}

/** Sessions are found by their address. Throws `filter-missing`, `address-invalid`. */
export function readAddressIn(ip: string | undefined): IpAddress {
  if (ip === undefined) throw new ServiceError('filter-missing', 'Say of which address, as in "?ip=192.0.2.50".');
  return ipAddress(ip);
}

/** An enforcement point sees its own sessions, whoever looks after the tenant all of them. */
export const sessionsOf = ({ role, credentialId }: { readonly role: Role; readonly credentialId: string }) =>
  role === 'enforcement-point' ? { credentialId } : {};

/** A page of an address's sessions as they are now: the open ones, and what was over less than a day ago. */
export async function findSessions(
  { sessions, table, readingOf }: FindSessions,
  tenant: TenantId,
  { ip, ...page }: Omit<SessionPage, 'only'> & { readonly ip: IpAddress },
): Promise<{ readonly items: readonly (Session | ClosedSession)[]; readonly next?: string }> {
  const [readingAt, listed] = await Promise.all([readingOf(tenant), sessions.list(tenant, ip, page)]);
  // Read after the sessions: none of them is held against an entry that is older than it.
  const slots = await table.entries.at(tenant, ip);
  const now = table.now();
  const known = { slots, reading: readingAt(now) };
  const endOf = (session: Session) => {
    const ending = endingOf(session, known);
    return ending && { ending };
  };
  const items: readonly (Session | ClosedSession)[] = listed.sessions
    .map((session) => ('ending' in session ? session : { ...session, ...endOf(session) }))
    .filter((session) => !('ending' in session) || isTold(session.ending, now));
  return { items, ...(listed.next !== undefined && { next: listed.next }) };
}

const pageSize = 500;
const addressesAtOnce = 100;

/**
 * Sessions of a credential at these addresses that are over since an instant, and that the credential did not close
 * itself. Addresses are looked at a hundred side by side.
 */
export async function closedSessions(
  deps: FindSessions,
  tenant: TenantId,
  {
    credentialId,
    ips,
    since,
  }: { readonly credentialId: string; readonly ips: readonly IpAddress[]; readonly since: number },
): Promise<readonly ClosedSession[]> {
  const now = deps.table.now();
  const reading = (await deps.readingOf(tenant))(now);
  const ofAddress = async (ip: IpAddress) => {
    const found: Session[] = [];
    let after: string | undefined;
    do {
      const page = await deps.sessions.list(tenant, ip, {
        credentialId,
        only: 'open',
        limit: pageSize,
        ...(after !== undefined && { after }),
      });
      found.push(...page.sessions);
      after = page.next;
    } while (after !== undefined);
    if (found.length === 0) return [];
    const known = { slots: await deps.table.entries.at(tenant, ip), reading };
    return found.flatMap((session) => {
      const ending = endingOf(session, known);
      return ending && ending.at >= since && isTold(ending, now) ? [{ ...session, ending }] : [];
    });
  };
  const closed: ClosedSession[] = [];
  for (let start = 0; start < ips.length; start += addressesAtOnce) {
    const some = ips.slice(start, start + addressesAtOnce);
    closed.push(...(await Promise.all(some.map(ofAddress))).flat());
  }
  return closed;
}
