/** The list of active users as a Pulse Policy Secure tells it. What it could not know of a wired login is not applicable. */

export interface ActiveUser {
  readonly name: string;
  readonly realm: string;
  /** Whether it is held. */
  readonly access: 'full' | 'quarantined' | 'blocked';
  /** The switch. */
  readonly node: string;
  readonly mac: string;
  readonly ipv4: string | null;
  readonly ipv6: string | null;
  readonly session: string;
  readonly roles: readonly string[];
  readonly signedInAt: number;
}

/** Some of all that match. */
export const activeUsersAnswer = (users: readonly ActiveUser[], matched: number) => ({
  'active-users': {
    'active-user-records': { 'active-user-record': users.map(recordOf) },
    'total-matched-record-number': matched,
    'total-returned-record-number': users.length,
    'user-login-permission': true,
  },
});

const securityStatuses = { full: 'Not Applicable', quarantined: 'Quarantined', blocked: 'Blocked' } as const;

const recordOf = (user: ActiveUser) => ({
  'active-user-name': user.name,
  'agent-type': '',
  'authentication-realm': user.realm,
  'endpoint-security-status': securityStatuses[user.access],
  events: 0,
  'login-node': user.node,
  'mac-address': user.mac,
  'network-connect-ip': user.ipv4,
  'network-connect-ipv6': user.ipv6,
  'session-id': user.session,
  'user-roles': user.roles.join(', '),
  'user-sign-in-time': timeOf(user.signedInAt),
});

/** `2026/03/01 12:00:00`, in UTC. */
const timeOf = (at: number) => new Date(at).toISOString().slice(0, 19).replace('T', ' ').replaceAll('-', '/');
