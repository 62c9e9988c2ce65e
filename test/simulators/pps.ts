/**
 * A Pulse Policy Secure as the vendor builds it: a key for user and password, which lives for a while and dies with its
 * user; nothing without the switch for REST APIs; and the vendor's envelope.
 */
import { randomBytes } from 'node:crypto';
import { type Heard, type Reply, type SimulatedServer, type ServerOptions, startServer, userIn } from './server.ts';

export interface PpsOptions extends ServerOptions {
  /** Passwords by user; where nothing is said, everybody with a password is let in. */
  readonly users?: Readonly<Record<string, string>>;
  readonly realms?: readonly string[];
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

export interface Pps extends SimulatedServer<PpsCall> {
  readonly holds: () => Readonly<Record<string, readonly ('quarantined' | 'blocked')[]>>;
  readonly changePasswords: (users: Readonly<Record<string, string>>) => void;
  /** Of all users: off, every call is 403 and keys are dead for good. */
  readonly allowRest: (allowed: 'on' | 'off') => void;
  readonly endKeys: () => void;
}

export interface PpsCall {
  readonly call: string;
  readonly event?: Readonly<Record<string, unknown>>;
}

const twelveHours = 12 * 60 * 60 * 1_000;
const path = { auth: '/api/v1/auth', realm: '/api/v1/realm_auth', events: '/api/v1/admission-control/events', users: '/api/v1/system/active-users' }; // prettier-ignore

export async function startPps({
  users: first,
  realms = ['Admin Users'],
  now = Date.now,
  ...options
}: PpsOptions = {}): Promise<Pps> {
  // prettier-ignore
  let users = first;
  let rest: 'on' | 'off' = 'on';
  const keys = new Map<string, number>();
  const holds = new Map<string, Set<'quarantined' | 'blocked'>>();
  const replayed = new Map<string, Reply>();

  function logIn({ method, url, headers, body }: Heard): Reply | undefined {
    const asksWithRealm = method === 'POST' && url.pathname === path.realm;
    if (!asksWithRealm && !(method === 'GET' && url.pathname === path.auth)) return undefined;
    const { user, password } = userIn({ headers });
    const isKnown = users === undefined ? password !== '' : password !== '' && users[user] === password;
    if (!isKnown) return { status: 401 };
    if (rest === 'off') return warning(403, 'REST access is not allowed for this user.');
    const { realm = 'Admin Users' } = asksWithRealm ? (JSON.parse(body) as { realm?: string }) : {};
    if (!realms.includes(realm)) return warning(422, `There is no realm ${realm}.`);
    const key = randomBytes(32).toString('base64');
    keys.set(key, now() + twelveHours);
    return { status: 200, body: { api_key: key } };
  }

  function answer({ event }: PpsCall, heard: Heard): Reply {
    const { user, password } = userIn(heard);
    const isKey = password === '' && now() < (keys.get(user) ?? 0);
    if (!isKey) return { status: 401 };
    if (rest === 'off') return warning(403, 'REST access is not allowed for this user.');
    return event === undefined ? { status: 200, body: { 'active-users': {} } } : taken(event);
  }

  function taken(event: Readonly<Record<string, unknown>>): Reply {
    const id = String(event.eventId);
    const known = replayed.get(id);
    if (known !== undefined) return known;
    const [ip, kind] = [String(event.endpointIp), String(event.event)];
    const held = holds.get(ip) ?? new Set();
    const hold = kind.includes('block') ? 'blocked' : 'quarantined';
    if (kind.startsWith('clear-')) held.delete(hold);
    else if (/^(quarantine|block)-endpoint$/.test(kind)) held.add(hold);
    else return warning(422, `There is no event ${kind}.`);
    holds.set(ip, held);
    const reply = { status: 200, body: { result: { info: [{ message: 'Event received.' }] } } };
    replayed.set(id, reply);
    return reply;
  }

  const server = await startServer<PpsCall>(
    {
      admit: logIn,
      ask({ method, url: { pathname }, body }) {
        const call = `${method} ${pathname}`;
        if (call === `GET ${path.users}`) return { call };
        return call === `POST ${path.events}`
          ? { call, event: JSON.parse(body) as Record<string, unknown> }
          : undefined;
      },
      answer,
      control: (call) => (call === 'GET /holds' ? { shown: shownHolds() } : 'unknown'),
    },
    options,
  );
  const shownHolds = () =>
    Object.fromEntries([...holds].filter(([, held]) => held.size > 0).map(([ip, held]) => [ip, [...held].sort()]));
  return {
    ...server,
    holds: shownHolds,
    changePasswords: (told) => void (users = told),
    allowRest(allowed) {
      rest = allowed;
      if (allowed === 'off') keys.clear();
    },
    endKeys: () => keys.clear(),
  };
}

const warning = (status: number, message: string): Reply => ({ status, body: { result: { warnings: [{ message }] } } });
