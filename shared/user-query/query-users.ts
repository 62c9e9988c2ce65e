/** What an operator does about user queries: ask about an address now, and see how the asking goes. */
import { batchStatus, type BatchStore } from '../batch-query/batch.ts';
import type { IpAddress } from '../identity/address.ts';
import { ServiceError } from '../service-error.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import { type AskAbout, askAbout } from './ask-about.ts';
import { firstHop, type Hop, hopServer } from './hops.ts';
import type { QuerySettings } from './query-settings.ts';
import { openQuestions } from './questions.ts';
import { type ServerStore, statusOf } from './servers.ts';

export interface QueryUsers extends AskAbout {
  readonly settingsOf: (tenant: TenantId) => Promise<QuerySettings>;
  readonly servers: ServerStore;
  readonly batches: Pick<BatchStore, 'read'>;
}

/** Asks about an address, also where it is known that nobody is there. Throws `query-disabled`, `too-many-queries`. */
export async function askNow(deps: QueryUsers, tenant: TenantId, ip: IpAddress) {
  const settings = await deps.settingsOf(tenant);
  if (firstHop(settings, ip) === undefined) {
    throw new ServiceError(
      'query-disabled',
      `Nobody is asked about ${ip}. Switch clearpass.userQuery on, and see its includeAddresses and excludeAddresses; or identityManagement and its ipQuery, and see its filters.`,
    );
  }
  const asked = await askAbout(deps, { tenant, ip }, { settings, kind: 'forced' });
  if (asked.outcome === 'too-many-queries') {
    throw new ServiceError('too-many-queries', 'Too many questions are open. Ask again when some of them are settled.');
  }
  return asked;
}

/** Whom a tenant has asked, how that goes, and how many questions are open. */
export async function queryStatus({ table, settingsOf, servers, batches, questions }: QueryUsers, tenant: TenantId) {
  const settings = await settingsOf(tenant);
  const { userQuery, identityManagement: jims } = settings;
  const open = await openQuestions(questions, tenant, table.now());
  const statusAt = async (hop: Hop) => {
    const { name, server } = hopServer(settings, hop);
    return { name, server, ...statusOf(await servers.read(tenant, server), table.now()) };
  };
  const ofJims: readonly Hop[] = jims.secondary === null ? ['jims'] : ['jims', 'jims-secondary'];
  return {
    enabled: userQuery.enabled,
    openQuestions: open,
    servers: userQuery.server.address === '' ? [] : [await statusAt('clearpass')],
    identityManagement: {
      enabled: jims.enabled,
      ipQuery: jims.enabled && jims.ipQuery.enabled,
      servers: jims.primary.address === '' ? [] : await Promise.all(ofJims.map(statusAt)),
      batch: batchStatus(await batches.read(tenant), table.now()),
    },
  };
}
