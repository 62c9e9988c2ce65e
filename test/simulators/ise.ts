/**
 * A Cisco ISE with ERS: it knows sessions and ANC policies, keeps policies by MAC, and answers 500 with a title to what it
 * does not do, as ISE does.
 */
import { canonical, type Heard, type Reply, type SimulatedServer, type ServerOptions, startServer, userIn } from './server.ts'; // prettier-ignore

export interface IseOptions extends ServerOptions {
  /** Passwords of ERS administrators by user; where nothing is said, everybody with a password is one. */
  readonly users?: Readonly<Record<string, string>>;
  readonly policies?: readonly string[];
  /** What becomes of a filter by MAC: Cisco does not say. */
  readonly filters?: 'by-mac' | 'not-at-all' | 'refused';
  /** Whether a device takes another policy in the place of the one that it has, or has to be cleared first. */
  readonly replaces?: 'at-once' | 'once-cleared';
}

export interface IseCall {
  readonly call: string;
  readonly told?: Readonly<Record<string, string>>;
}

export interface Ise extends SimulatedServer<IseCall> {
  /** A device logs in, and has the address from now on. */
  readonly login: (ip: string, mac: string) => void;
  /** Policies by MAC, as ISE writes it. */
  readonly applied: () => Readonly<Record<string, string>>;
  /** As its administrator does by hand; null clears. */
  readonly apply: (mac: string, policy: string | null) => void;
  readonly changePasswords: (users: Readonly<Record<string, string>>) => void;
}

export async function startIse({
  users: first,
  policies = ['Quarantine', 'Block'],
  replaces = 'at-once',
  filters = 'by-mac',
  ...options
}: IseOptions = {}): Promise<Ise> {
  let users = first;
  const sessions = new Map<string, string>();
  const applied = new Map<string, string>();
  const login: Ise['login'] = (ip, mac) => void sessions.set(canonical(ip), mac.toUpperCase());
  const idOf = (mac: string) => `id-${mac.replaceAll(':', '')}`;

  /** What is wrong with a device's change; undefined where it is done. */
  function change(what: 'apply' | 'clear', { macAddress, ipAddress, policyName }: NonNullable<IseCall['told']>) {
    const mac = macAddress ?? sessions.get(canonical(ipAddress ?? ''));
    if (mac === undefined) return `No session has been found for IP address ${ipAddress ?? ''}`;
    if (!/^([\dA-F]{2}:){5}[\dA-F]{2}$/.test(mac)) return 'Invalid MAC Address';
    const current = applied.get(mac);
    if (what === 'clear') return applied.delete(mac) ? undefined : 'mac address is not associated with a policy';
    if (policyName === undefined || !policies.includes(policyName)) return 'Policy is not configured';
    if (current === policyName) return 'mac address is already associated with this policy';
    if (current !== undefined && replaces === 'once-cleared') return 'mac address is already associated with another policy'; // prettier-ignore
    applied.set(mac, policyName);
    return undefined;
  }

  function answer({ call, told }: IseCall, { url, ...heard }: Heard): Reply {
    const { user, password } = userIn(heard);
    const isKnown = password !== '' && (users === undefined || users[user] === password);
    if (!isKnown) return { status: 401 };
    const { pathname, searchParams } = url;
    const [, policy] = /^\/ers\/config\/ancpolicy\/name\/(.+)$/.exec(pathname) ?? [];
    if (policy !== undefined) return policies.includes(decodeURIComponent(policy)) ? { status: 200, body: { ErsAncPolicy: { name: policy } } } : failed(404, 'Policy not found'); // prettier-ignore
    if (told !== undefined) {
      const title = change(call.endsWith('/apply') ? 'apply' : 'clear', told);
      return title === undefined ? { status: 204 } : failed(500, title);
    }
    const wanted = searchParams.get('filter')?.split('macAddress.EQ.')[1];
    const found = [...applied].filter(([mac]) => filters !== 'by-mac' || (wanted ?? mac) === mac);
    const page = found.slice(0, Math.min(100, Number(searchParams.get('size') ?? 20)));
    const [, id] = /^\/ers\/config\/ancendpoint\/(.+)$/.exec(pathname) ?? [];
    if (id === undefined && filters === 'refused') return failed(400, 'Illegal filter field: macAddress');
    if (id === undefined) return { status: 200, body: { SearchResult: { total: found.length, resources: page.map(([mac]) => ({ id: idOf(mac) })) } } }; // prettier-ignore
    const device = [...applied].find(([mac]) => idOf(mac) === id);
    if (device === undefined) return failed(404, 'Endpoint not found');
    return { status: 200, body: { ErsAncEndpoint: { id, macAddress: device[0], policyName: device[1] } } };
  }

  const server = await startServer<IseCall>(
    {
      ask({ method, url: { pathname }, body }) {
        const call = `${method} ${pathname}`;
        if (/^PUT \/ers\/config\/ancendpoint\/(apply|clear)$/.test(call)) return { call, told: toldIn(body) };
        return /^GET \/ers\/config\/anc(endpoint|policy)(\/.+)?$/.test(call) ? { call } : undefined;
      },
      answer,
      control(call, told) {
        const [, ip] = /^PUT \/sessions\/(.+)$/.exec(call) ?? [];
        if (call === 'GET /applied') return { shown: Object.fromEntries(applied) };
        if (ip === undefined) return 'unknown';
        login(decodeURIComponent(ip), String(told));
        return 'done';
      },
    },
    options,
  );
  return {
    ...server,
    login,
    applied: () => Object.fromEntries(applied),
    apply: (mac, policy) => {
      if (policy === null) applied.delete(mac.toUpperCase());
      else applied.set(mac.toUpperCase(), policy);
    },
    changePasswords: (told) => void (users = told),
  };
}

const failed = (status: number, title: string): Reply => ({
  status,
  body: { ERSResponse: { operation: 'PUT', messages: [{ title, type: 'ERROR', code: 'Application exception' }] } },
});

function toldIn(body: string) {
  const { OperationAdditionalData: told } = JSON.parse(body) as {
    OperationAdditionalData: { additionalData: readonly { name: string; value: string }[] };
  };
  return Object.fromEntries(told.additionalData.map(({ name, value }) => [name, value]));
}
