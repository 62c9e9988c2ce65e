/** What an operator does about user queries: ask about an address now, and see how the asking goes. */
import type { IpAddress } from '../identity/address.ts';
import { ServiceError } from '../service-error.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import { type AskAbout, askAbout } from './ask-about.ts';
import { mayAsk, type QuerySettings } from './query-settings.ts';
import { openQuestions } from './questions.ts';
import { serverName, type ServerStore, statusOf } from './servers.ts';

export interface QueryUsers extends AskAbout {
  readonly settingsOf: (tenant: TenantId) => Promise<QuerySettings>;
  readonly servers: ServerStore;
}

/** Asks about an address, also where it is known that nobody is there. Throws `query-disabled`, `too-many-queries`. */
export async function askNow(deps: QueryUsers, tenant: TenantId, ip: IpAddress) {
  const settings = await deps.settingsOf(tenant);
  if (mayAsk(settings.userQuery, ip) === 'no') {
    throw new ServiceError(
      'query-disabled',
      `ClearPass is not asked about ${ip}. Switch clearpass.userQuery on, and see its includeAddresses and excludeAddresses.`,
    );
  }
  const asked = await askAbout(deps, { tenant, ip }, { settings, kind: 'forced' });
  if (asked.outcome === 'too-many-queries') {
    throw new ServiceError('too-many-queries', 'Too many questions are open. Ask again when some of them are settled.');
  }
  return asked;
}

/** The servers that a tenant has ClearPass asked at, and how many questions are open. */
export async function queryStatus({ table, settingsOf, servers, questions }: QueryUsers, tenant: TenantId) {
  const { userQuery } = await settingsOf(tenant);
  const open = await openQuestions(questions, tenant, table.now());
  if (userQuery.server.address === '') return { enabled: userQuery.enabled, openQuestions: open, servers: [] };
  const server = serverName(userQuery.server);
  const status = statusOf(await servers.read(tenant, server), table.now());
  const { name } = userQuery.server;
  return { enabled: userQuery.enabled, openQuestions: open, servers: [{ name, server, ...status }] };
}
