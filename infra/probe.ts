/**
 * `npm run probe`: asks a deployed sandbox what docs/unverified.md could only assume, one line each. It needs AWS
 * credentials, the outputs of the deployment (`cdk deploy --all --outputs-file .postern/outputs.json`) and a provider's
 * token in POSTERN_PROVIDER_TOKEN. It leaves a tenant `probe`, without a credential that still works.
 */
import { readFile } from 'node:fs/promises';

import { DynamoDBClient } from '@aws-sdk/client-dynamodb';

import { checks, type Asked, type Credential, type Deployment, type Reply } from './probe-checks.ts';

export interface Outputs {
  readonly ApiUrl: string;
  readonly TenantsTableName: string;
}

/** Runs every check and says what became of each. */
export async function probe(
  { ApiUrl, TenantsTableName }: Outputs,
  providerToken: string,
  dynamodb: DynamoDBClient,
  say: (line: string) => void,
): Promise<'all proven' | 'not all proven'> {
  const provider: Credential = { id: '', authorization: `Bearer ${providerToken}` };
  const ask = asking(ApiUrl);
  const issue = async (role: string): Promise<Credential> => {
    const path = 'v1/tenants/probe/credentials';
    const { status, text } = await ask(path, { method: 'POST', as: provider, body: { role, name: 'probe' } });
    if (status !== 201) throw new Error(`No credential of role ${role} was issued: ${text}`);
    const { id, user, password, token } = JSON.parse(text) as Record<string, string>;
    const basic = Buffer.from(`${user}:${password}`).toString('base64');
    return { id: id ?? '', authorization: token ? `Bearer ${token}` : `Basic ${basic}` };
  };
  const revoke = async ({ id }: Credential) => {
    await ask(`v1/tenants/probe/credentials/${id}/revoke`, { method: 'POST', as: provider, body: {} });
  };

  await ask('v1/tenants', { method: 'POST', as: provider, body: { id: 'probe' } }); // there already, the second time
  const [sender, operator] = [await issue('web-api'), await issue('operator')];
  const deployment: Deployment = { ask, sender, operator, issue, revoke, dynamodb, tenantsTable: TenantsTableName };
  let outcome: 'all proven' | 'not all proven' = 'all proven';
  for (const [id, check] of Object.entries(checks)) {
    const [verdict, because] = await check(deployment).catch(
      (cause: unknown) => ['could not be asked', String(cause)] as const,
    );
    if (verdict !== 'proven') outcome = 'not all proven';
    say(`${verdict.padEnd(18)} ${id.padEnd(18)} ${because}`);
  }
  await Promise.all([sender, operator].map(revoke));
  return outcome;
}

/** Bytes go without a Content-Type, as a shipping client sends them; objects go as JSON. */
function asking(url: string) {
  return async (path: string, { method = 'GET', as, body }: Asked = {}): Promise<Reply> => {
    const began = performance.now();
    const answer = await fetch(new URL(path, url), {
      method,
      headers: {
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
  const outputs = JSON.parse(await readFile(file, 'utf8')) as { PosternService: Outputs };
  const token = process.env.POSTERN_PROVIDER_TOKEN;
  if (!token) throw new Error('Put a token into POSTERN_PROVIDER_TOKEN: npm run tenant -- provider makes one.');
  const outcome = await probe(outputs.PosternService, token, new DynamoDBClient(), console.log);
  process.exitCode = outcome === 'all proven' ? 0 : 1;
}
