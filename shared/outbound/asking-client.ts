/** How a question is really asked: with the tenant's secret and shared token, counted, and not of a server that is offline. */
import type { IpAddress } from '../identity/address.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import { type Asked, failed } from '../user-query/asking.ts';
import { type Hop, type HopServer, hopServer, type JimsHop, jimsServer } from '../user-query/hops.ts';
import type { QuerySettings } from '../user-query/query-settings.ts';
import type { QueryUser } from '../user-query/query-user.ts';
import { askServer, type ServerStore } from '../user-query/servers.ts';
import type { FindToken, sharedTokens } from '../user-query/tokens.ts';
import type { Client } from './bearer-client.ts';
import { askClearPass } from './clearpass-client.ts';
import type { Reach } from './connection-client.ts';
import { type About, askJims } from './jims-client.ts';
import { formerSecrets, type OpenedSecret, type SecretOpener } from './secrets.ts';

export interface AskServers {
  readonly servers: ServerStore;
  readonly secrets: SecretOpener;
  readonly tokensOf: ReturnType<typeof sharedTokens>;
  readonly reach: Reach;
  readonly now: () => number;
}

/** Of one invocation that asks. */
export interface Asker {
  readonly tenant: TenantId;
  readonly settings: QuerySettings;
  readonly id: string;
  readonly untilAt: number;
}

type ClientSecret = Pick<Client, 'clientSecret' | 'formerSecrets'>;

/** Tenants whose secrets an environment remembers: most questions find a token, and need none. */
const mostRemembered = 1_000;

export function serverAsker({ servers, secrets, tokensOf, reach, now }: AskServers) {
  const remembered = new Map<string, OpenedSecret>();

  async function open(tenant: TenantId, { clientSecret: reference, secretName: name }: HopServer) {
    if (reference === null) return undefined;
    const place = `${tenant}#${reference}`; // a secret that is replaced has another reference
    const secret = remembered.get(place) ?? (await secrets.open({ tenant, name }, reference));
    const [oldest] = remembered.keys();
    if (oldest !== undefined && remembered.size >= mostRemembered) remembered.delete(oldest);
    if (secret !== undefined) remembered.set(place, secret);
    return secret;
  }

  async function asked(
    { tenant, settings, id, untilAt }: Asker,
    hop: Hop,
    put: (secret: ClientSecret, findToken: FindToken) => Promise<Asked>,
  ): Promise<Asked> {
    const asking = hopServer(settings, hop);
    const { server, clientId, secretName: name } = asking;
    return askServer({ servers, now }, { tenant, server, id, untilAt }, async () => {
      const secret = await open(tenant, asking);
      if (secret === undefined) return { ...failed('secret-missing'), elapsedMs: 0 };
      const former = () => formerSecrets(secrets, { tenant, name }, secret, now);
      return put({ clientSecret: secret.text, formerSecrets: former }, tokensOf({ tenant, server, clientId }));
    });
  }

  const ofClearPass = async (asker: Asker, ip: IpAddress) =>
    asked(asker, 'clearpass', async (secret, findToken) =>
      askClearPass({ settings: { ...asker.settings.userQuery, ...secret }, ip, findToken }, reach),
    );

  const ofJims = async (asker: Asker, hop: JimsHop, about: About) =>
    asked(asker, hop, async (secret, findToken) => {
      const { identityManagement } = asker.settings;
      const settings = { ...identityManagement, ...jimsServer(identityManagement, hop), ...secret };
      return askJims({ settings, about, findToken }, reach);
    });

  const ask: QueryUser['ask'] = async ({ ask: hop, ip, ...asker }) =>
    hop === 'clearpass' ? ofClearPass(asker, ip) : ofJims(asker, hop, { ip });
  return { ask, askBatch: ofJims };
}
