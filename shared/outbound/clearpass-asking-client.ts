/** How a question is really asked: with the tenant's secret and shared token, counted, and not of a server that is offline. */
import type { TenantId } from '../tenancy/tenant.ts';
import { failed } from '../user-query/asking.ts';
import type { Asking, QueryUser } from '../user-query/query-user.ts';
import { askServer, type ServerStore } from '../user-query/servers.ts';
import type { sharedTokens } from '../user-query/tokens.ts';
import { askClearPass } from './clearpass-client.ts';
import type { Reach } from './connection-client.ts';
import type { SecretOpener, SecretReference } from './secrets.ts';

export interface AskClearPass {
  readonly servers: ServerStore;
  readonly secrets: SecretOpener;
  readonly tokensOf: ReturnType<typeof sharedTokens>;
  readonly reach: Reach;
  readonly now: () => number;
}

/** Tenants whose secret an environment remembers: most questions find a token, and need none. */
const mostRemembered = 1_000;

export function clearPassAsker({ servers, secrets, tokensOf, reach, now }: AskClearPass): QueryUser['ask'] {
  const remembered = new Map<string, string>();

  async function open(tenant: TenantId, reference: SecretReference): Promise<string | undefined> {
    const place = `${tenant}#${reference}`; // a secret that is replaced has another reference
    const secret = remembered.get(place) ?? (await secrets.open({ tenant, name: 'clearpass' }, reference));
    const [oldest] = remembered.keys();
    if (oldest !== undefined && remembered.size >= mostRemembered) remembered.delete(oldest);
    if (secret !== undefined) remembered.set(place, secret);
    return secret;
  }

  return async ({ tenant, ip, server, settings: { userQuery }, id, untilAt }: Asking) =>
    askServer({ servers, now }, { tenant, server, id, untilAt }, async () => {
      const { clientId, clientSecret: reference } = userQuery;
      const clientSecret = reference === null ? undefined : await open(tenant, reference);
      if (clientSecret === undefined) return { ...failed('secret-missing'), elapsedMs: 0 };
      const findToken = tokensOf({ tenant, server, clientId });
      return askClearPass({ settings: { ...userQuery, clientSecret }, ip, findToken }, reach);
    });
}
