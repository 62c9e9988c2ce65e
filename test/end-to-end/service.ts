/** A running Postern as its callers see it: an address and credentials. On this machine its clock can be moved too. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Runtime, startRuntime } from '../../infra/local/runtime.ts';
import { seedSandbox } from '../../infra/local/sandbox.ts';
import { synthesise } from '../../infra/local/synthesise.ts';
import type { Role } from '../../shared/contract.ts';

export type Authorization = string | undefined;

export interface Service {
  readonly url: string;
  readonly runtime: Runtime;
  /** The `Authorization` header of a role in a tenant; the provider's is the same for all. */
  readonly authorizations: Readonly<Record<'acme' | 'globex', Readonly<Record<Role, string>>>>;
  stop(): Promise<void>;
}

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

interface Issued {
  readonly role: Role;
  readonly kind: 'basic' | 'token';
  readonly user?: string;
  readonly password?: string;
  readonly token?: string;
}

export type Resources = Record<string, { readonly Type: string; readonly Properties: Record<string, unknown> }>;

/**
 * The whole service, synthesised and started as `npm start` does, with the tenants acme and globex. `edit` changes the
 * resources of the service's template before they are started; `log` hears each line that functions write.
 */
export async function startService(
  edit?: (resources: Resources) => void,
  log: (line: string) => void = () => undefined,
): Promise<Service> {
  const assembly = mkdtempSync(join(tmpdir(), 'postern-assembly-'));
  await synthesise(assembly);
  if (edit) editTemplate(join(assembly, 'PosternService.template.json'), edit);
  const runtime = await startRuntime({ assembly, port: 0, log });
  const { url } = runtime;
  const sandbox = await seedSandbox(runtime);
  const { provider, ...ofAcme } = sandbox.credentials;
  const acme = Object.entries(ofAcme).map(([role, secret]) => [role, authorizationOf(secret)] as const);
  const created = await call(url, 'POST /v1/tenants', authorizationOf(provider), JSON.stringify({ id: 'globex' }));
  const globex = (created.body.credentials as Issued[]).map(
    (issued) => [issued.role, authorizationOf(issued)] as const,
  );
  const byRole = (pairs: readonly (readonly [string, string])[]) =>
    Object.fromEntries([...pairs, ['provider', authorizationOf(provider)]]) as Record<Role, string>;
  return {
    url,
    runtime,
    authorizations: { acme: byRole(acme), globex: byRole(globex) },
    async stop() {
      await runtime.stop();
      rmSync(assembly, { recursive: true, force: true });
    },
  };
}

function editTemplate(file: string, edit: (resources: Resources) => void) {
  const template = JSON.parse(readFileSync(file, 'utf8')) as { Resources: Resources };
  edit(template.Resources);
  writeFileSync(file, JSON.stringify(template));
}

export const basic = (user: string, password: string) =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

const authorizationOf = ({ user = '', password, token = '' }: { user?: string; password?: string; token?: string }) =>
  password === undefined ? `Bearer ${token}` : basic(user, password);

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
