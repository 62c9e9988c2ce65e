/**
 * Many tenants from one file. What is missing is made, what is the same is left alone, and all of it may be repeated after a
 * crash anywhere: what is asked for is noted with a key before it is asked, and its secrets before anything else is begun.
 */
import { createHash, randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Role } from '../shared/contract.ts';
import { patiently } from './move-tenant.ts';
import { all, type Api, bearer, type Told, type ToldCredential, type ToldTenant, wanted } from './tenant-api.ts';

export interface WantedTenant {
  readonly id: string;
  readonly name?: string;
  readonly limits?: Readonly<Record<string, number | null>>;
  /** Beside those that every tenant has. */
  readonly credentials?: readonly WantedCredential[];
  readonly configuration?: unknown;
}

export interface WantedCredential {
  readonly role: Role;
  readonly name: string;
  readonly kind?: string;
  readonly orderByArrival?: boolean;
  readonly expiresAt?: string;
}

/** What was asked for and what came of it; in a file, so that a crash loses no secret. */
export interface Ledger {
  readonly noted: (tenant: string, what: string) => { readonly key: string; readonly answered: boolean } | undefined;
  readonly note: (tenant: string, what: string, key: string) => void;
  readonly keep: (tenant: string, what: string, credentials: readonly ToldCredential[]) => void;
  readonly token: (tenant: string, role: Role) => string | undefined;
}

export interface Outcome {
  readonly tenant: string;
  readonly outcome: 'created' | 'unchanged' | 'changed' | 'refused';
  /** What was done, would be done, or why it was refused. */
  readonly told: readonly string[];
}

export interface ApplyTenants {
  readonly api: Api;
  /** The API for whoever has this authorization. */
  readonly as: (authorization: string) => Api;
  readonly ledger: Ledger;
  /** `check`: nothing is done, and it is told what would be. */
  readonly asked: 'apply' | 'check';
  readonly now: () => number;
}

/** Tenants at once: the service takes few new ones a second, and each is quick. */
const atOnce = 4;

const keysOfTenant = ['id', 'name', 'limits', 'credentials', 'configuration'];

/** The tenants that a file lists. Throws with what is wrong; what stands in each is for the service to judge. */
export function readWanted(text: string): readonly WantedTenant[] {
  const document = JSON.parse(text) as { tenants?: unknown } | null;
  const tenants = document?.tenants;
  if (!Array.isArray(tenants)) throw new Error('The file is {"tenants": [{"id": …, "name": …}, …]}.');
  const ids = tenants.map((each: unknown, index) => {
    const { id, credentials = [], ...rest } = (each ?? {}) as Record<string, unknown>;
    const unknown = Object.keys(rest).filter((key) => !keysOfTenant.includes(key));
    if (typeof id !== 'string') throw new Error(`Tenant ${index + 1} of the file has no "id".`);
    if (unknown.length > 0) throw new Error(`"${id}" has ${unknown.join(', ')}, which is not known. Known are: ${keysOfTenant.join(', ')}.`); // prettier-ignore
    const named = Array.isArray(credentials) && credentials.every((one: Partial<WantedCredential> | null) => typeof one?.role === 'string' && typeof one.name === 'string'); // prettier-ignore
    if (!named) throw new Error(`The credentials of "${id}" are a list of {"role": …, "name": …}.`);
    return id;
  });
  const twice = ids.filter((id, index) => ids.indexOf(id) !== index);
  if (twice.length > 0)
    throw new Error(`The file lists ${[...new Set(twice)].join(', ')} more than once. Nothing was done.`);
  return tenants as WantedTenant[];
}

/** In the order of the file. Never throws for one tenant: the others go on. */
export async function applyTenants(deps: ApplyTenants, tenants: readonly WantedTenant[]): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  const open = [...tenants.entries()];
  const worker = async () => {
    for (let next = open.shift(); next !== undefined; next = open.shift()) {
      const [index, tenant] = next;
      outcomes[index] = await applyTenant(deps, tenant).catch((error: unknown) => ({
        tenant: tenant.id,
        outcome: 'refused' as const,
        told: [error instanceof Error ? error.message : String(error)],
      }));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return outcomes;
}

async function applyTenant(deps: ApplyTenants, tenant: WantedTenant): Promise<Outcome> {
  const path = `/v1/tenants/${encodeURIComponent(tenant.id)}` as const;
  const found = await patiently(async () => deps.api(`GET ${path}`));
  const there = found.status === 404 ? undefined : await wanted<ToldTenant>(Promise.resolve(found));
  const isNew = there === undefined || there.state === 'erased';
  if (!isNew && there.state !== 'live') throw new Error(`It is ${there.state} at the moment.`);
  if (isNew && deps.asked === 'check') return { tenant: tenant.id, outcome: 'created', told: ['would be created'] };

  const told = isNew ? await create(deps, tenant) : [...(await lost(deps, tenant)), ...(await alter(deps, path, tenant, there))]; // prettier-ignore
  const more = [...(await issue(deps, path, tenant)), ...(await configure(deps, path, tenant))];
  const outcome = isNew ? 'created' : told.length + more.length > 0 ? 'changed' : 'unchanged';
  return { tenant: tenant.id, outcome, told: [...told, ...more] };
}

type Path = `/v1/tenants/${string}`;

/**
 * Asks with a key that was noted before, so that a lost answer can be had again, secrets included, for a day. Where the
 * first answer ever is a refusal the note has ended with it: nobody takes it for an answer that was lost.
 */
async function asking({ api, ledger }: ApplyTenants, ...[tenant, what, request, body]: Asked): Promise<Told> {
  const noted = ledger.noted(tenant, what);
  const isOpen = noted !== undefined && !noted.answered;
  const key = isOpen ? noted.key : randomUUID();
  ledger.note(tenant, what, key);
  let times = isOpen ? 1 : 0;
  const told = await patiently(async () => {
    times += 1;
    return api(request, body, { 'Idempotency-Key': key });
  });
  if (times === 1 && isRefusal(told)) ledger.keep(tenant, what, []);
  return told;
}

/** Of what is not there: where the key was noted for other words, nothing came of them, and these are asked anew. */
async function askingAnew(deps: ApplyTenants, ...asked: Asked): Promise<Told> {
  const told = await asking(deps, ...asked);
  if (codeIn(told) !== 'idempotency-key-reused') return told;
  deps.ledger.keep(asked[0], asked[1], []);
  return asking(deps, ...asked);
}

type Asked = [tenant: string, what: string, request: `POST /${string}`, body: unknown];

const codeIn = ({ body }: Told): string => (body as { code?: string } | null)?.code ?? '';

const isRefusal = (told: Told) => told.status >= 400 && told.status < 500 && codeIn(told) !== 'request-in-progress';

/** What was asked for is there, and its answer is not to be had any more. */
const isPast = (told: Told) => ['tenant-exists', 'idempotency-key-reused'].includes(codeIn(told));

const bodyOf = ({ id, name, limits }: WantedTenant) => ({ id, ...(name !== undefined && { name }), ...(limits && { limits }) }); // prettier-ignore

async function create(deps: ApplyTenants, tenant: WantedTenant): Promise<readonly string[]> {
  const told = await askingAnew(deps, tenant.id, 'tenant', 'POST /v1/tenants', bodyOf(tenant));
  const { credentials } = await wanted<{ credentials: ToldCredential[] }>(Promise.resolve(told));
  deps.ledger.keep(tenant.id, 'tenant', credentials);
  return [];
}

/** Where we asked for the tenant, and its answer never came: it is asked for again, or its secrets are replaced. */
async function lost(deps: ApplyTenants, tenant: WantedTenant): Promise<readonly string[]> {
  const noted = deps.ledger.noted(tenant.id, 'tenant');
  if (noted === undefined || noted.answered) return [];
  if (deps.asked === 'check') return ['secrets whose answer was lost would be had again'];
  const again = await asking(deps, tenant.id, 'tenant', 'POST /v1/tenants', bodyOf(tenant));
  if (!isPast(again)) {
    const { credentials } = await wanted<{ credentials: ToldCredential[] }>(Promise.resolve(again));
    deps.ledger.keep(tenant.id, 'tenant', credentials);
    return ['secrets had again, as their answer was lost'];
  }
  const path = `/v1/tenants/${encodeURIComponent(tenant.id)}` as const;
  const credentials = await all<ToldCredential>(deps.api, `${path}/credentials`);
  const fresh: ToldCredential[] = [];
  for (const old of credentials.filter(({ revokedAt }) => revokedAt === null))
    fresh.push(await replaced(deps, path, old));
  deps.ledger.keep(tenant.id, 'tenant', fresh);
  return ['secrets rotated, as their answer was lost'];
}

/** A new secret; those that nobody knows end. */
async function replaced({ api }: ApplyTenants, path: Path, { id, secrets }: ToldCredential): Promise<ToldCredential> {
  const rotated = await wanted<ToldCredential>(patiently(async () => api(`POST ${path}/credentials/${id}/rotate`)));
  const left = new Set(rotated.secrets.map(({ fingerprint }) => fingerprint));
  for (const { fingerprint } of secrets.filter((each) => left.has(each.fingerprint))) {
    await wanted(patiently(async () => api(`POST ${path}/credentials/${id}/revoke`, { secret: fingerprint })));
  }
  return rotated;
}

async function alter({ api, asked }: ApplyTenants, path: Path, tenant: WantedTenant, there: ToldTenant) {
  const limits = Object.entries(tenant.limits ?? {}).filter(
    ([name, value]) => there.limits[name as keyof typeof there.limits] !== value,
  );
  const named = tenant.name !== undefined && tenant.name !== there.name ? ['name'] : [];
  const change = {
    ...(named.length > 0 && { name: tenant.name }),
    ...(limits.length > 0 && { limits: Object.fromEntries(limits) }),
  };
  if (Object.keys(change).length === 0) return [];
  // `null` is the default again, and only the service knows what that is.
  const isReset = limits.every(([, value]) => value === null);
  if (asked === 'check') return [...named, ...(limits.length === 0 ? [] : [isReset ? 'limits, where they are not the defaults' : 'limits'])]; // prettier-ignore
  const after = await wanted<ToldTenant>(patiently(async () => api(`PATCH ${path}`, change)));
  return [...named, ...(isDeepStrictEqual(after.limits, there.limits) ? [] : ['limits'])];
}

async function issue(deps: ApplyTenants, path: Path, { id, credentials = [] }: WantedTenant): Promise<string[]> {
  if (credentials.length === 0) return [];
  const there = await all<ToldCredential>(deps.api, `${path}/credentials`);
  const told: string[] = [];
  for (const credential of credentials) {
    const what = `credential ${credential.role} "${credential.name}"`;
    const same = there.find(({ role, name, revokedAt }) => role === credential.role && name === credential.name && revokedAt === null); // prettier-ignore
    const noted = deps.ledger.noted(id, what);
    if (same !== undefined && (noted === undefined || noted.answered)) continue;
    told.push(same === undefined ? what : `${what}, whose answer was lost`);
    if (deps.asked === 'check') continue;
    const asked = [id, what, `POST ${path}/credentials`, credential] as const satisfies Asked;
    const answer = await (same === undefined ? askingAnew(deps, ...asked) : asking(deps, ...asked));
    const isLost = same !== undefined && isPast(answer);
    deps.ledger.keep(id, what, [isLost ? await replaced(deps, path, same) : await wanted<ToldCredential>(Promise.resolve(answer))]); // prettier-ignore
  }
  return told;
}

/** Known by the message of the version that holds, as secrets of a configuration are never read back. */
async function configure(deps: ApplyTenants, path: Path, tenant: WantedTenant): Promise<readonly string[]> {
  if (tenant.configuration === undefined) return [];
  const text = JSON.stringify(tenant.configuration);
  const message = `applied ${createHash('sha256').update(text).digest('hex').slice(0, 16)}`;
  if (deps.asked === 'check') return ['configuration, where it is another one'];
  return asOperator(deps, path, tenant.id, async (operator) => {
    const { items } = await wanted<{ items: { message: string | null }[] }>(operator('GET /v1/configuration/versions?limit=1')); // prettier-ignore
    if (items[0]?.message === message) return [];
    await wanted(patiently(async () => operator(`PUT /v1/configuration?message=${encodeURIComponent(message)}`, text)));
    return ['configuration'];
  });
}

/** With the operator's token where it is known; else with one of a quarter of an hour, which is revoked at once. */
async function asOperator(deps: ApplyTenants, path: Path, id: string, act: (api: Api) => Promise<readonly string[]>) {
  const known = deps.ledger.token(id, 'operator');
  if (known !== undefined && (await deps.as(bearer(known))('GET /v1/health')).status === 200)
    return act(deps.as(bearer(known)));
  const wish = { role: 'operator', name: 'apply', expiresAt: new Date(deps.now() + 15 * 60_000).toISOString() };
  const lent = await wanted<ToldCredential>(patiently(async () => deps.api(`POST ${path}/credentials`, wish)));
  try {
    return await act(deps.as(bearer(lent.token ?? '')));
  } finally {
    await deps.api(`POST ${path}/credentials/${lent.id}/revoke`);
  }
}
