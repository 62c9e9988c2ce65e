/**
 * A Pulse Policy Secure as the vendor builds it: a key for user and password, which lives for a while and dies with its
 * user; nothing without the switch for REST APIs; and the vendor's envelope. What it makes of events it says as Postern
 * does: what is older than what it did before is stale, and what it cannot or must not do yet waits.
 */
import { randomBytes } from 'node:crypto';
import { type Heard, type Reply, type SimulatedServer, type ServerOptions, startServer, userIn } from './server.ts';

export interface PpsOptions extends ServerOptions {
  /** Passwords by user; where nothing is said, everybody with a password is let in. */
  readonly users?: Readonly<Record<string, string>>;
  readonly realms?: readonly string[];
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** Whether each address has a device, or those alone that have logged in. */
  readonly devices?: 'everywhere' | 'logged-in';
}

type Hold = 'quarantined' | 'blocked';

export interface Pps extends SimulatedServer<PpsCall> {
  /** By the address through which they came. */
  readonly holds: () => Readonly<Record<string, readonly Hold[]>>;
  /** Those of a device, by whatever address. */
  readonly holdsOf: (mac: string) => readonly Hold[];
  /** A device has the address from now on, and gets what waits for it. */
  readonly login: (ip: string, mac: string) => void;
  /** Its allow list: nothing is done about the address. */
  readonly spare: (ip: string) => void;
  /** From now on somebody has to approve holds first; whoever does approves all that wait. */
  readonly askBefore: (asks: 'holds' | 'nothing') => void;
  readonly approve: () => void;
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
  devices = 'everywhere',
  ...options
}: PpsOptions = {}): Promise<Pps> {
  // prettier-ignore
  let users = first;
  let rest: 'on' | 'off' = 'on';
  const keys = new Map<string, number>();
  let asks: 'holds' | 'nothing' = 'nothing';
  let holds: readonly Held[] = [];
  let waiting: readonly (Held & { readonly for: 'login' | 'approval' })[] = [];
  const answered = new Map<string, Made>();
  const [sessions, spared, newest] = [new Map<string, string>(), new Set<string>(), new Map<string, number>()];

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
    if (!/^(clear-)?(quarantine|block|blocked)-endpoint$/.test(String(event.event))) {
      return warning(422, `There is no event ${String(event.event)}.`);
    }
    const known = answered.get(id);
    const made = known ?? madeOf(event);
    answered.set(id, made);
    const body = { result: { info: [{ message: `Event received: ${made.code}.` }] }, eventId: id, code: made.code };
    return {
      status: 200,
      body: { ...body, ...(known ? { state: 'replay', was: known.state } : { state: made.state }) },
    };
  }

  function madeOf(event: Readonly<Record<string, unknown>>): Made {
    const [ip, kind, at] = [String(event.endpointIp), String(event.event), Date.parse(String(event.occurredAt))];
    const mac = typeof event.endpointMac === 'string' ? event.endpointMac : sessions.get(ip);
    const held: Held = { ip, mac, at, hold: kind.includes('block') ? 'blocked' : 'quarantined' };
    if (kind.startsWith('clear-')) return cleared(held, typeof event.endpointMac === 'string');
    if (spared.has(ip)) return { state: 'ignored', code: 'allow-list' };
    if (at < (newest.get(orderOf(held)) ?? -Infinity)) return { state: 'ignored', code: 'stale' };
    if (mac === undefined && devices === 'logged-in') return waits(held, 'login');
    if (asks === 'holds' && !holds.some((each) => isSame(each, held))) return waits(held, 'approval');
    return hold(held);
  }

  function hold(held: Held): Made {
    newest.set(orderOf(held), held.at);
    const isSo = holds.some((each) => isSame(each, held));
    if (!isSo) holds = [...holds, held];
    return { state: 'applied', code: isSo ? 'already-held' : held.hold };
  }

  function waits(held: Held, why: 'login' | 'approval'): Made {
    waiting = [...waiting, { ...held, for: why }];
    return why === 'login' ? { state: 'pending', code: 'waiting-for-address' } : { state: 'held-for-approval', code: 'blast-radius' }; // prettier-ignore
  }

  /** By address it goes where the hold came through the address, by MAC to the MAC. */
  function cleared({ ip, mac, hold: kind, at }: Held, isByMac: boolean): Made {
    const isMeant = (each: Held) => each.hold === kind && (isByMac ? each.mac === mac : each.ip === ip);
    const before = holds.length + waiting.length;
    for (const each of [...holds, ...waiting].filter(isMeant)) newest.set(orderOf(each), at);
    newest.set(orderOf({ ip, mac, hold: kind, at }), at);
    [holds, waiting] = [holds.filter((each) => !isMeant(each)), waiting.filter((each) => !isMeant(each))];
    const isDone = holds.length + waiting.length < before;
    return isDone ? { state: 'applied', code: 'cleared' } : { state: 'ignored', code: 'nothing-to-clear' };
  }

  function release(isMeant: (each: (typeof waiting)[number]) => boolean) {
    const released = waiting.filter(isMeant);
    waiting = waiting.filter((each) => !isMeant(each));
    for (const { for: _, ...held } of released) hold({ ...held, mac: held.mac ?? sessions.get(held.ip) });
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
  const shownHolds = () => Object.fromEntries(holds.map(({ ip }) => [ip, holdsWhere((each) => each.ip === ip)]));
  const holdsWhere = (isMeant: (each: Held) => boolean) => [...new Set(holds.filter(isMeant).map(({ hold: kind }) => kind))].sort(); // prettier-ignore
  return {
    ...server,
    holds: shownHolds,
    holdsOf: (mac) => holdsWhere((each) => each.mac === mac),
    login(ip, mac) {
      sessions.set(ip, mac);
      release((each) => each.for === 'login' && each.ip === ip);
    },
    spare: (ip) => void spared.add(ip),
    askBefore: (told) => void (asks = told),
    approve: () => release((each) => each.for === 'approval'),
    changePasswords: (told) => void (users = told),
    allowRest(allowed) {
      rest = allowed;
      if (allowed === 'off') keys.clear();
    },
    endKeys: () => keys.clear(),
  };
}

interface Held {
  readonly ip: string;
  readonly mac: string | undefined;
  readonly hold: Hold;
  /** When it occurred, as it was told. */
  readonly at: number;
}

interface Made {
  readonly state: 'applied' | 'pending' | 'ignored' | 'held-for-approval';
  readonly code: string;
}

/** What is in order among itself: what is said of one device. */
const orderOf = ({ ip, mac }: Held) => mac ?? ip;

const isSame = (one: Held, other: Held) => one.hold === other.hold && one.ip === other.ip && one.mac === other.mac;

const warning = (status: number, message: string): Reply => ({ status, body: { result: { warnings: [{ message }] } } });
