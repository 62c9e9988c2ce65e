/** How a question is really asked: with the tenant's secret and shared token, counted, and not of a server that is offline. */
import { failed } from '../user-query/asking.ts';
import type { Asking, QueryUser } from '../user-query/query-user.ts';
import { askServer, type ServerStore } from '../user-query/servers.ts';
import type { sharedTokens } from '../user-query/tokens.ts';
import { askClearPass } from './clearpass-client.ts';
import type { Reach } from './connection-client.ts';
import type { SecretOpener } from './secrets.ts';

export interface AskClearPass {
  readonly servers: ServerStore;
  readonly secrets: SecretOpener;
  readonly tokensOf: ReturnType<typeof sharedTokens>;
  readonly reach: Reach;
  readonly now: () => number;
}

export const clearPassAsker =
  ({ servers, secrets, tokensOf, reach, now }: AskClearPass): QueryUser['ask'] =>
  async ({ tenant, ip, server, settings: { userQuery }, id, untilAt }: Asking) =>
    askServer({ servers, now }, { tenant, server, id, untilAt }, async () => {
      const { clientId, clientSecret: reference } = userQuery;
      const clientSecret = reference && (await secrets.open({ tenant, name: 'clearpass' }, reference));
      if (!clientSecret) return { ...failed('secret-refused'), elapsedMs: 0 };
      const findToken = tokensOf({ tenant, server, clientId });
      return askClearPass({ settings: { ...userQuery, clientSecret }, ip, findToken }, reach);
    });
