/**
 * `npm run probe`: asks a deployed sandbox what docs/unverified.md could only assume, one line each. It needs AWS
 * credentials and the outputs of the deployment (`cdk deploy --all --outputs-file .postern/outputs.json`). It leaves a
 * tenant `probe` behind, without a credential that still works.
 */
import { readFile } from 'node:fs/promises';

import { DynamoDBClient } from '@aws-sdk/client-dynamodb';

import { providerTenant } from '../shared/contract.ts';
import { accountChecks } from './account-checks.ts';
import { checks, type Asked, type Credential, type Deployment, type Reply } from './probe-checks.ts';
import { basic, bearer } from './tenant-api.ts';
import { issueProviderCredential } from './tenant.ts';

export interface Outputs {
  /** API Gateway's own address. */
  readonly ApiUrl: string;
  /** What callers know, where a front door is before it. */
  readonly Url?: string;
  readonly TenantsTableName: string;
}

/** By the id that docs/unverified.md gives to each, in its order. */
export const allChecks = { ...checks, ...accountChecks };

/** Runs every check and says what became of each. */
export async function probe(
  { ApiUrl, Url, TenantsTableName: tenantsTable }: Outputs,
  dynamodb: DynamoDBClient,
  say: (line: string) => void,
  patience: Deployment['patience'] = 'long',
): Promise<'all proven' | 'not all proven'> {
  const { id, token } = await issueProviderCredential(dynamodb, tenantsTable, 'probe');
  const provider = { path: `v1/tenants/${providerTenant}/credentials/${id}`, authorization: bearer(token) };
  const ask = asking(Url ?? ApiUrl);
  const around = Url === undefined ? undefined : asking(ApiUrl);

  const issue = async (role: string): Promise<Credential> => {
    const path = 'v1/tenants/probe/credentials';
    const { status, text } = await ask(path, { method: 'POST', as: provider, body: { role, name: 'probe' } });
    if (status !== 201) throw new Error(`No credential of role ${role} was issued: ${status} ${text}`);
    const told = JSON.parse(text) as { id: string; user?: string; password?: string; token?: string };
    const authorization = told.token ? bearer(told.token) : basic(told.user ?? '', told.password ?? '');
    return { path: `${path}/${told.id}`, authorization };
  };
  const revoke = async ({ path }: Credential) => {
    await ask(`${path}/revoke`, { method: 'POST', as: provider });
  };

  const temporary: Credential[] = [];
  try {
    await ask('v1/tenants', { method: 'POST', as: provider, body: { id: 'probe' } }); // refused where it is there already
    const sender = await issue('web-api');
    const operator = await issue('operator');
    temporary.push(sender, operator);
    const deployment: Deployment = { ask, around, sender, operator, issue, revoke, dynamodb, tenantsTable, patience };
    const verdicts = [];
    for (const [id, check] of Object.entries(allChecks)) {
      const [verdict, because] = await check(deployment).catch(
        (cause: unknown) => ['could not be asked', String(cause)] as const,
      );
      say(`${verdict.padEnd(18)} ${id.padEnd(18)} ${because}`);
      verdicts.push(verdict);
    }
    return verdicts.every((verdict) => verdict === 'proven') ? 'all proven' : 'not all proven';
  } finally {
    for (const credential of [...temporary, provider]) await revoke(credential);
  }
}

/** Bytes go without a Content-Type, as a shipping client sends them; objects go as JSON. */
function asking(url: string) {
  return async (path: string, { method = 'GET', as, body, headers: more }: Asked = {}): Promise<Reply> => {
    const began = performance.now();
    const answer = await fetch(new URL(path, url), {
      method,
      headers: {
        ...more,
        ...(as && { Authorization: as.authorization }),
        ...(body && !(body instanceof Uint8Array) && { 'Content-Type': 'application/json' }),
      },
      ...(body && { body: body instanceof Uint8Array ? new Uint8Array(body) : JSON.stringify(body) }),
      signal: AbortSignal.timeout(40_000),
    });
    const text = await answer.text();
    const code = /"code":"([\w-]+)"/.exec(text)?.[1];
    const { status, headers } = answer;
    return { status, headers, text, ...(code && { code }), ms: performance.now() - began };
  };
}

if (import.meta.main) {
  const [file = '.postern/outputs.json'] = process.argv.slice(2);
  const outputs = JSON.parse(await readFile(file, 'utf8')) as Record<string, object>;
  const told = Object.assign({}, ...Object.values(outputs)) as Outputs;
  const outcome = await probe(told, new DynamoDBClient(), console.log);
  process.exitCode = outcome === 'all proven' ? 0 : 1;
}
