/** Who is logged in on which endpoint: the open sessions of all endpoints, with what each may do now. */
import { foldCase } from '../identity/fold-case.ts';
import { ServiceError } from '../service-error.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import type { ActiveUser } from '../wire/pulse/active-users.ts';
import type { Access, Endpoint, EndpointSession } from './endpoint.ts';
import type { EndpointStore } from './endpoint-table.ts';
import { accessOf } from './holds.ts';
import type { Mac } from './mac.ts';
import { addressesAt, openSessions } from './sessions.ts';

export interface FindActiveUsers {
  readonly endpoints: Pick<EndpointStore, 'list'>;
  readonly now: () => number;
}

export interface ActiveUserSearch {
  /** A user, or of a session that nobody logged in to the MAC; in any letters. */
  readonly name?: string;
  /** How many are passed over. */
  readonly start: number;
  readonly number: number;
  /** Epoch milliseconds: a list that is not whole by then is none. */
  readonly untilAt: number;
}

const readAtOnce = 500;

/** In the order of the MACs. Throws `busy`: the vendor's answer counts all, so a part of it is no answer. */
export async function findActiveUsers(deps: FindActiveUsers, tenant: TenantId, search: ActiveUserSearch) {
  const { name, start, number, untilAt } = search;
  const users: ActiveUser[] = [];
  let matched = 0;
  let after: Mac | undefined;
  do {
    if (deps.now() >= untilAt) {
      throw new ServiceError(
        'busy',
        'There are more endpoints than could be looked through in time. Repeat the request.',
      );
    }
    const page = await deps.endpoints.list(tenant, { limit: readAtOnce, ...(after !== undefined && { after }) });
    for (const user of page.endpoints.flatMap((endpoint) => usersOf(endpoint, deps.now()))) {
      if (name !== undefined && foldCase(user.name) !== foldCase(name)) continue;
      if (matched >= start && users.length < number) users.push(user);
      matched += 1;
    }
    after = page.next;
  } while (after !== undefined);
  return { users, matched };
}

const usersOf = (endpoint: Endpoint, now: number) =>
  openSessions(endpoint, now).map((session) => userOf(endpoint, session, now));

function userOf(endpoint: Endpoint, session: EndpointSession, now: number): ActiveUser {
  const access = accessOf(endpoint, now, session.key);
  const told = addressesAt(endpoint, now).filter((each) => each.session === session.key || each.session === null);
  return {
    name: session.user ?? endpoint.mac,
    realm: session.realm ?? '',
    access: access.access,
    node: session.nas,
    mac: endpoint.mac,
    ipv4: told.find(({ ip }) => !ip.includes(':'))?.ip ?? null,
    ipv6: told.find(({ ip }) => ip.includes(':'))?.ip ?? null,
    session: session.key,
    roles: rolesIn(access, session),
    signedInAt: session.startedAt,
  };
}

/** What counts at the switch: a quarantine role stands for all others, and who is blocked has none. */
function rolesIn(access: Access, { roles }: EndpointSession): readonly string[] {
  if (access.access === 'quarantined') return [access.role];
  return access.access === 'full' ? roles : [];
}
