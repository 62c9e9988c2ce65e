/**
 * A running Postern as its callers see it: an address and credentials. It is the one at `POSTERN_URL`, or else one that
 * is started on this machine, and which can be asked for more (`needs.ts`).
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Interpose } from '../../infra/local/http-server.ts';
import { type Runtime, startRuntime } from '../../infra/local/runtime.ts';
import { seedSandbox } from '../../infra/local/sandbox.ts';
import { synthesise } from '../../infra/local/synthesise.ts';
import type { ToldCredential } from '../../infra/tenant-api.ts';
import type { Role } from '../../shared/contract.ts';
import { remoteIn, remoteService } from './remote.ts';

export type Authorization = string | undefined;

export type Authorizations = Readonly<Record<Role, string>>;

export interface Service {
  readonly url: string;
  /** Only of a service on this machine: a story that uses it says with `needs` what for. */
  readonly runtime: Runtime;
  /** What the API calls the tenants of the stories. */
  readonly tenants: Readonly<Record<'acme' | 'globex', string>>;
  /** An id for one more tenant, which no other run uses and which is taken away with the others. */
  readonly tenantNamed: (name: string) => string;
  /** The `Authorization` header of a role in a tenant; the provider's is the same for all. */
  readonly authorizations: Readonly<Record<'acme' | 'globex', Authorizations>>;
  /** Where requests of the stories come from, as the service sees it. */
  readonly callerAddress: string;
  stop(): Promise<void>;
}

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

export type Resources = Record<string, { readonly Type: string; readonly Properties: Record<string, unknown> }>;

/**
 * The service under test, with the tenants acme and globex. `edit` changes the resources of the workers' template before
 * they are started, and `log` hears each line that functions write: both on this machine alone.
 */
export async function startService(
  edit?: (resources: Resources) => void,
  log: (line: string) => void = () => undefined,
): Promise<Service> {
  const remote = remoteIn(process.env);
  if (remote === undefined) return embeddedService({ log, edit });
  if (edit) throw new Error('The service is at a URL: a story that edits its template says needs("template").');
  return remoteService(remote);
}

export interface Embedding {
  readonly log?: (line: string) => void;
  /** Changes the template of the workers before they are started. */
  readonly edit?: ((resources: Resources) => void) | undefined;
  /** The same of the functions of the API. */
  readonly editApi?: (resources: Resources) => void;
  readonly interpose?: Interpose;
}

/** The whole service, synthesised and started as `npm start` does, wherever stories find theirs. */
export async function embeddedService({ log, edit, editApi, interpose }: Embedding): Promise<Service> {
  const assembly = mkdtempSync(join(tmpdir(), 'postern-assembly-'));
  await synthesise(assembly);
  if (edit) editTemplate(join(assembly, 'PosternWorkers.template.json'), edit);
  if (editApi) editTemplate(join(assembly, 'PosternService.template.json'), editApi);
  const runtime = await startRuntime({ assembly, port: 0, ...(log && { log }), interpose });
  const { url } = runtime;
  const sandbox = await seedSandbox(runtime);
  const provider = authorizationOf(sandbox.credentials.provider);
  const acme = Object.entries(sandbox.credentials).map(([role, secret]) => [role, authorizationOf(secret)] as const);
  const created = await call(url, 'POST /v1/tenants', provider, JSON.stringify({ id: 'globex' }));
  return {
    url,
    runtime,
    tenants: { acme: 'acme', globex: 'globex' },
    tenantNamed: (name) => name,
    authorizations: {
      acme: Object.fromEntries(acme) as Authorizations,
      globex: authorizationsOf(created.body.credentials as ToldCredential[], provider),
    },
    callerAddress: '127.0.0.1',
    async stop() {
      await runtime.stop();
      rmSync(assembly, { recursive: true, force: true });
    },
  };
}

/** Of a tenant that was just created. */
export const authorizationsOf = (credentials: readonly ToldCredential[], provider: string): Authorizations =>
  Object.fromEntries([
    ...credentials.map((credential) => [credential.role, authorizationOf(credential)] as const),
    ['provider', provider],
  ]) as Authorizations;

function editTemplate(file: string, edit: (resources: Resources) => void) {
  const template = JSON.parse(readFileSync(file, 'utf8')) as { Resources: Resources };
  edit(template.Resources);
  writeFileSync(file, JSON.stringify(template));
}

export const basic = (user: string, password: string) =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

export const authorizationOf = ({
  user = '',
  password,
  token = '',
}: {
  user?: string;
  password?: string;
  token?: string;
}) => (password === undefined ? `Bearer ${token}` : basic(user, password));

/** Sends a request and reads a JSON answer. */
export async function call(
  url: string,
  request: `${string} /${string}`,
  authorization?: Authorization,
  body?: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = {},
): Promise<Answered> {
  const [method = '', path = ''] = request.split(' ');
  const answer = await fetch(url + path, {
    method,
    headers: { ...(authorization !== undefined && { Authorization: authorization }), ...headers },
    ...(body !== undefined && { body }),
  });
  const text = await answer.text();
  return {
    status: answer.status,
    headers: answer.headers,
    body: text === '' ? {} : (JSON.parse(text) as Answered['body']),
  };
}
