/** The whole service with a proxy before each of its engines, and tenants whose entries never end by time. */
import type { Role } from '../../shared/contract.ts';
import { call, embeddedService, type Service } from '../end-to-end/service.ts';
import { type FaultProxy, faultProxy, passed } from './fault-proxy.ts';
import { dynamodbFaults, seededFates, sqsFaults } from './fates.ts';
import type { Tenant } from './load.ts';
import { issueSenders } from './senders.ts';

export interface UnderFaults extends Service {
  readonly proxies: Readonly<Record<'dynamodb' | 'sqs', FaultProxy>>;
  readonly as: (role: Role, tenant: Tenant) => string;
  /** The `Authorization` headers of each tenant's senders. */
  readonly senders: Readonly<Record<Tenant, readonly string[]>>;
  /** What the functions have logged so far. */
  readonly lines: readonly string[];
  /** From now on by this seed; what it comes to is counted in what this returns. */
  readonly provoke: (seed: number) => ReadonlyMap<string, number>;
  readonly relent: () => void;
}

export async function startUnderFaults(senderCount: number): Promise<UnderFaults> {
  const proxies = new Map<string, FaultProxy>();
  const lines: string[] = [];
  const service = await embeddedService({
    log: (line) => void lines.push(line),
    interpose: async (engine, url) => {
      const proxy = await faultProxy(url);
      proxies.set(engine, proxy);
      return proxy;
    },
  });
  const [dynamodb, sqs] = [proxies.get('dynamodb'), proxies.get('sqs')];
  if (!dynamodb || !sqs) throw new Error('The runtime has put nothing before its engines.');
  const as = (role: Role, tenant: Tenant) => service.authorizations[tenant][role];
  const sendersOf = async (tenant: Tenant) => {
    await keepEntries(service.url, as('operator', tenant));
    return issueSenders(service.url, as('provider', tenant), tenant, senderCount);
  };
  const senders = { acme: await sendersOf('acme'), globex: await sendersOf('globex') };

  return {
    ...service,
    proxies: { dynamodb, sqs },
    as,
    senders,
    lines,
    provoke(seed) {
      const provoked = new Map<string, number>();
      dynamodb.decide(seededFates(dynamodbFaults, seed, provoked));
      sqs.decide(seededFates(sqsFaults(), seed, provoked));
      return provoked;
    },
    relent() {
      for (const proxy of [dynamodb, sqs]) proxy.decide(() => passed);
    },
  };
}

/** The naive reading of the rules knows no clock: entries stay until they are ended. */
async function keepEntries(url: string, operator: string) {
  const { body } = await call(url, 'GET /v1/configuration', operator);
  const clearpass = { ...(body.clearpass as object), entryTimeout: 0 };
  const { status } = await call(url, 'PUT /v1/configuration', operator, JSON.stringify({ ...body, clearpass }));
  if (status !== 200) throw new Error(`The configuration is answered ${status}.`);
}
