/** Postern at a URL, as whoever has it deployed reaches it: on an account, or on an emulator of AWS. */
import { randomBytes } from 'node:crypto';
import { sandboxConfiguration } from '../../infra/local/sandbox.ts';
import { type Api, apiAt, bearer, type ToldCredential, wanted } from '../../infra/tenant-api.ts';
import { authorizationsOf, type Service } from './service.ts';

/** What the environment says of it; `undefined` where the stories run on this machine's runtime. */
export function remoteIn({ POSTERN_URL: url, POSTERN_PROVIDER_TOKEN: token }: NodeJS.ProcessEnv) {
  if (url === undefined) return undefined;
  if (token === undefined)
    throw new Error(
      'POSTERN_URL says where the service is: POSTERN_PROVIDER_TOKEN has to say how its provider is let in.',
    );
  return { url: url.replace(/\/$/, ''), token };
}

/**
 * Makes two tenants with names of their own, so that runs do not meet, and takes away at the end what it made. Acme is
 * set up as the sandbox is.
 */
export async function remoteService({
  url,
  token,
}: {
  readonly url: string;
  readonly token: string;
}): Promise<Service> {
  const provider = bearer(token);
  const api = apiAt(url, provider);
  const run = randomBytes(5).toString('hex');
  const made: string[] = [];
  const tenantNamed = (name: string) => {
    const id = `${name}-${run}`;
    made.push(id);
    return id;
  };
  const create = async (name: string) => {
    const id = tenantNamed(name);
    const { credentials } = await wanted<{ credentials: ToldCredential[] }>(api('POST /v1/tenants', { id }));
    return { id, authorizations: authorizationsOf(credentials, provider) };
  };
  const [acme, globex] = [await create('acme'), await create('globex')];
  await wanted(apiAt(url, acme.authorizations.operator)('PUT /v1/configuration', sandboxConfiguration({})));
  return {
    url,
    get runtime(): never {
      throw new Error('The service is at a URL: a story that needs the runtime says so with needs(...).');
    },
    tenants: { acme: acme.id, globex: globex.id },
    tenantNamed,
    authorizations: { acme: acme.authorizations, globex: globex.authorizations },
    callerAddress: await callerAddress(url, acme.authorizations),
    async stop() {
      for (const id of made) await erase(api, id);
    },
  };
}

/** The address from which we come, as the service sees it: it stands in the receipt of a post. */
async function callerAddress(url: string, { 'web-api': sender, operator }: Service['authorizations']['acme']) {
  await apiAt(url, sender)('POST /api/userfw/v1/post-entry');
  const { items } = await wanted<{ items: { clientAddress: string }[] }>(
    apiAt(url, operator)('GET /v1/receipts?limit=1'),
  );
  return items[0]?.clientAddress ?? '127.0.0.1';
}

/** One that a story named and did not come to make is no tenant. */
async function erase(api: Api, tenant: string) {
  const erased = await api(`DELETE /v1/tenants/${tenant}?confirm=${tenant}`);
  if (erased.status !== 404) await wanted(Promise.resolve(erased));
}
