/** The walk: every route of the document, by every role of one tenant, with what is another's. */
import { type Role, roles } from '../../../shared/contract.ts';
import { toldIn } from './marks.ts';
import { type Attempt, type Own, recipes } from './recipes.ts';
import { nobodys, type Tenant } from './tenants.ts';

/** An operation as the service's own document describes it. */
export interface Operation {
  readonly route: string;
  readonly roles: readonly Role[];
  readonly parameters: readonly { readonly name: string; readonly in: string }[];
}

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface Heard {
  readonly status: number;
  /** The headers, as lines. */
  readonly headers: string;
  readonly body: string;
}

/** Whoever sends requests: the service, or in a control somebody who answers wrongly. */
export type Send = (asked: Asked) => Promise<Heard>;

/** Who asks: a tenant by one of its roles, or nobody who is known. */
export interface Attacker {
  readonly tenant: Tenant;
  readonly role: Role | 'nobody';
}

export interface Observation extends Attacker {
  readonly route: string;
  readonly tried: string;
  readonly kind: Attempt['kind'] | 'odd';
  readonly status: number;
  readonly faults: readonly string[];
}

export const sender =
  (url: string): Send =>
  async ({ method, path, headers, body }) => {
    for (let attempt = 0; ; attempt += 1) {
      const answer = await fetch(url + path, {
        method,
        headers,
        redirect: 'manual',
        ...(body !== undefined && { body }),
      });
      const text = Buffer.from(await answer.arrayBuffer()).toString('utf8');
      const isBusy = answer.status === 503 && answer.headers.has('retry-after');
      if (isBusy && attempt < 5) continue; // so says the service when two write at once
      return {
        status: answer.status,
        headers: [...answer.headers].map((pair) => pair.join(': ')).join('\n'),
        body: text,
      };
    }
  };

/** A tenant's own role that may call it, where there is one. */
const ordinary = ({ roles: allowed }: Operation): Role =>
  allowed.find((each) => each === 'operator') ?? allowed.find((each) => each !== 'provider') ?? 'provider';

const isRead = ({ route }: Operation) => route.startsWith('GET ');

/** The requests of a recipe, and what their answers tell; each is a piece of work that may run beside others. */
export interface Work {
  readonly attacker: string;
  readonly run: () => Promise<readonly Observation[]>;
  readonly reads: boolean;
}

export interface Walk {
  readonly send: Send;
  readonly operations: readonly Operation[];
  readonly tenants: readonly Tenant[];
  /** What a tenant was told by a GET of this path, before anything was tried. */
  readonly read: (tenant: Tenant, path: string) => string;
  /** All that a tenant has written itself: it may read it again later. */
  readonly said: Map<string, string>;
  /**
   * `whole`: every role, those too that may not call a route, and what nobody has beside what is another's. `short`: one
   * role that may, with what is another's.
   */
  readonly reach: 'whole' | 'short';
}

/** All that one tenant's credentials try at what is another's. */
export function workOf(walk: Walk, victim: Tenant, attacker: Tenant): readonly Work[] {
  const nobody = nobodys(victim.holds);
  const own: Own = { tenant: attacker.id, read: (path) => walk.read(attacker, path) };
  return walk.operations.flatMap((operation) => {
    const recipe = recipes[operation.route];
    if (recipe === undefined)
      throw new Error(`${operation.route} does not say how it is attacked. Add it to recipes.ts.`);
    const askers: readonly Attacker['role'][] = walk.reach === 'whole' ? [...roles, 'nobody'] : [ordinary(operation)];
    return askers.map((role) => ({
      attacker: attacker.id,
      reads: isRead(operation),
      async run() {
        const as = { tenant: attacker, role };
        const all = recipe(victim.holds, own, operation.route);
        const attempts =
          walk.reach === 'whole' ? all : all.filter(({ kind }, index) => kind === 'foreign' || index === 0);
        const isAllowed = role !== 'nobody' && operation.roles.includes(role);
        if (!isAllowed) {
          const straight = { ...attempts[0], path: { ...attempts[0]?.path, tenant: victim.id } } as Attempt;
          const observed = await attemptAs(walk, operation, as, straight, victim);
          const isRefused = role === 'nobody' || /^403( role-refused)?$/.test(observed.answered.trim());
          return [{ ...observed, faults: [...observed.faults, ...(isRefused ? [] : [`It is answered ${observed.answered}, and its role may not call it.`])] }]; // prettier-ignore
        }
        const found: Observation[] = [];
        const twins = recipe(nobody, own, operation.route);
        for (const [index, attempt] of attempts.entries()) {
          const observed = await attemptAs(walk, operation, as, attempt, victim);
          const twin = twins[index];
          const compared = attempt.kind === 'foreign' && twin !== undefined && walk.reach === 'whole' ? await attemptAs(walk, operation, as, twin, victim) : observed; // prettier-ignore
          const differs = compared.answered === observed.answered ? [] : [`It is answered ${observed.answered}, and what nobody has ${compared.answered}.`]; // prettier-ignore
          found.push({ ...observed, faults: [...observed.faults, ...differs] });
        }
        return found;
      },
    }));
  });
}

/** Values of path and query that somebody would try on a key, a query or a file system. */
export const oddValues = [
  'T#t1#',
  '../t1',
  't1#a%23b',
  'T#t1#STORY#192.0.2.50',
  '\u0000',
  'null',
  '*',
  'x'.repeat(1_200),
  '\ud83d\ude00\u202e\u0430',
] as const;

/** Cursors of our own form, that lead nowhere. */
export const oddCursors = ['T#t1#00', 'x'.repeat(1_200), 7].map((position) => Buffer.from(JSON.stringify(position)).toString('base64url')); // prettier-ignore

/** One tenant's operator and provider try odd names everywhere that a name is taken. */
export function oddWorkOf(walk: Walk, victim: Tenant, attacker: Tenant): readonly Work[] {
  return walk.operations.flatMap((operation) => {
    const role = ordinary(operation);
    const recipe = recipes[operation.route];
    const named = operation.parameters.filter(
      (each) => each.in === 'path' || (each.in === 'query' && isRead(operation)),
    );
    return named.map(({ name, in: place }) => ({
      attacker: attacker.id,
      reads: isRead(operation),
      async run() {
        const found: Observation[] = [];
        const own: Own = { tenant: attacker.id, read: (path) => walk.read(attacker, path) };
        const [first] = recipe?.(attacker.holds, own, operation.route) ?? [];
        for (const value of name === 'cursor' ? oddCursors : place === 'path' ? oddValues : oddValues.slice(0, 1)) {
          const part = place === 'path' ? { path: { ...first?.path, [name]: value } } : { query: { ...first?.query, [name]: value } }; // prettier-ignore
          const attempt: Attempt = { ...first, tried: 'odd names', kind: 'alike', ...part };
          found.push({
            ...(await attemptAs(walk, operation, { tenant: attacker, role }, attempt, victim)),
            kind: 'odd',
          });
        }
        return found;
      },
    }));
  });
}

async function attemptAs(
  { send, tenants, said }: Walk,
  { route }: Operation,
  { tenant, role }: Attacker,
  attempt: Attempt | undefined,
  victim: Tenant,
): Promise<Observation & { readonly answered: string }> {
  const [method = '', template = ''] = route.split(' ');
  const { path = {}, query = {}, headers = {}, body, tried = 'nothing', kind = 'alike' } = attempt ?? {};
  const filled = template.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(path[name] ?? 'x'));
  const asked: Asked = {
    method,
    path: filled + (Object.keys(query).length === 0 ? '' : `?${new URLSearchParams(query).toString()}`),
    // Names of tenants in headers are nobody's word for who is calling.
    headers: { ...headers, 'X-Tenant': victim.id, 'X-Postern-Tenant': victim.id, ...(role !== 'nobody' && { Authorization: tenant.authorizations[role] }) }, // prettier-ignore
    ...(body !== undefined && method !== 'GET' && { body }),
  };
  if (method !== 'GET')
    said.set(tenant.id, `${said.get(tenant.id) ?? ''}${decodeURIComponent(asked.path)}${JSON.stringify(asked)}\n`);
  const heard = await send(asked);
  const faults = faultsOf({ asked, heard, tenant, role, tenants, before: said.get(tenant.id) ?? '' });
  return {
    tenant,
    role,
    route,
    tried,
    kind,
    status: heard.status,
    faults,
    answered: `${heard.status} ${codeOf(heard)}`,
  };
}

const codeOf = ({ body }: Heard) => /"code":"([a-z-]+)"/.exec(body)?.[1] ?? '';

interface Exchange extends Attacker {
  readonly asked: Asked;
  readonly heard: Heard;
  readonly tenants: readonly Tenant[];
  /** What the attacker had written before. */
  readonly before: string;
}

function faultsOf({ asked, heard, tenant, role, tenants, before }: Exchange): string[] {
  const [answer, said] = [
    `${heard.headers}\n${heard.body}`,
    decodeURIComponent(asked.path) + JSON.stringify(asked) + before,
  ];
  const others = tenants.filter(({ id }) => id !== tenant.id);
  const leaks = others.flatMap(
    ({ id, marks }) =>
    toldIn(answer, said, marks, (told) => role !== 'provider' || told !== 'known').map((what) => `It tells ${what} of ${id}.`), // prettier-ignore
  );
  const secrets = toldIn(answer, said, tenant.marks, (told) => told === 'secret').map((what) => `It tells ${what}.`);
  const replayed = heard.headers.includes('idempotency-replayed') ? ['It is an answer to somebody else.'] : [];
  const failed = heard.status >= 500 ? [`It fails: ${heard.status} ${heard.body.slice(0, 300)}`] : [];
  const known = role === 'nobody' && heard.status !== 401 ? [`Nobody is answered ${heard.status}.`] : [];
  return [...leaks, ...secrets, ...replayed, ...failed, ...known];
}

/** Reads of all at once, but for a bound; then what writes, of each attacker one after another. */
export async function workThrough(work: readonly Work[], atOnce = 2): Promise<readonly Observation[]> {
  const reads = await pool(work.filter(({ reads }) => reads).map(({ run }) => run), atOnce); // prettier-ignore
  const writes = Map.groupBy(work.filter((each) => !each.reads), ({ attacker }) => attacker); // prettier-ignore
  const inTurn = [...writes.values()].map(
    (each) => async () =>
      (
        await pool(
          each.map(({ run }) => run),
          1,
        )
      ).flat(),
  );
  return [...reads, ...(await pool(inTurn, inTurn.length))].flat();
}

async function pool<Result>(work: readonly (() => Promise<Result>)[], atOnce: number): Promise<Result[]> {
  const results: Result[] = [];
  const waiting = [...work.entries()];
  const worker = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) results[next[0]] = await next[1]();
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return results;
}
