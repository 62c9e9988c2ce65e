/** Tenants, credentials and the logins that follow from them, in memory. Holds to the contract of the real stores. */
import type { LoginStore } from '../../shared/tenancy/authorize.ts';
import type { ApiKeyStore } from '../../shared/tenancy/log-in.ts';
import { versionOf } from '../../shared/tenancy/change-tenant.ts';
import type { TenantStore } from '../../shared/tenancy/create-tenant.ts';
import { type ApiKey, type Change, type Credential, type Login, loginsOf } from '../../shared/tenancy/credential.ts';
import type { Erasure } from '../../shared/tenancy/erasure.ts';
import type {
  CredentialStore,
  Listed,
  LoginCache,
  Page,
  StoredCredential,
} from '../../shared/tenancy/manage-credentials.ts';
import type { Tenant, TenantId } from '../../shared/tenancy/tenant.ts';

export interface Tenancy {
  readonly tenants: TenantStore;
  readonly credentials: CredentialStore;
  readonly logins: LoginStore;
  readonly apiKeys: ApiKeyStore;
}

export function fakeTenancy(): Tenancy {
  const tenants = new Map<string, Tenant>();
  const credentials = new Map<string, StoredCredential>();
  const logins = new Map<string, Login | ApiKey>();
  let revisions = 0;

  const key = (holder: TenantId, id: string) => `${holder}#${id}`;

  function write(change: Change, now: number) {
    const { credential } = change;
    revisions += 1;
    credentials.set(key(credential.holder, credential.id), structuredClone({ credential, revision: `${revisions}` }));
    for (const [digest, login] of loginsOf(change, now)) logins.set(digest, structuredClone(login));
  }

  async function saveErasure(id: TenantId, erasure: Erasure, holds: boolean): Promise<'saved' | 'conflict'> {
    const tenant = tenants.get(id);
    if (tenant === undefined || !holds) return Promise.resolve('conflict');
    tenants.set(id, structuredClone({ ...tenant, erasure }));
    return Promise.resolve('saved');
  }

  return {
    tenants: {
      async create(tenant, first) {
        const before = tenants.get(tenant.id)?.erasure;
        const isFree = before === undefined ? !tenants.has(tenant.id) : before.erasedAt !== undefined;
        if (!isFree || before?.requestId !== tenant.formerly?.requestId) return Promise.resolve('exists');
        tenants.set(tenant.id, structuredClone(tenant));
        for (const credential of first) write({ credential, withdrawn: [] }, credential.createdAt);
        return Promise.resolve('created');
      },
      find: async (id) => Promise.resolve(tenants.get(id)),
      list: async (page) => Promise.resolve(pageOf([...tenants.values()], page)),
      async replace(read, tenant) {
        const before = tenants.get(read.id);
        if (before === undefined || before.erasure !== undefined || versionOf(before) !== versionOf(read))
          return Promise.resolve('conflict');
        tenants.set(tenant.id, tenant);
        return Promise.resolve('replaced');
      },
      erase: async (id, begun) => saveErasure(id, begun, tenants.get(id)?.erasure === undefined),
      async arrive(tenant) {
        const before = tenants.get(tenant.id);
        const isFree = before === undefined || before.erasure?.erasedAt !== undefined;
        if (!isFree || before?.erasure?.requestId !== tenant.formerly?.requestId) return Promise.resolve('conflict');
        tenants.set(tenant.id, structuredClone(tenant));
        return Promise.resolve('saved');
      },
      async saveArrival(id, read, arrival) {
        const tenant = tenants.get(id);
        const { exportId, pages, finishedAt } = tenant?.arrival ?? {};
        const isAsRead = exportId === read.exportId && pages === read.pages && finishedAt === undefined;
        if (tenant === undefined || tenant.erasure !== undefined || !isAsRead) return Promise.resolve('conflict');
        tenants.set(id, structuredClone({ ...tenant, arrival }));
        return Promise.resolve('saved');
      },
      saveErasure: async (id, after) => saveErasure(id, after, tenants.get(id)?.erasure?.step === after.step - 1),
    },
    credentials: {
      async add(credential) {
        const taken = [...loginsOf({ credential, withdrawn: [] }, credential.createdAt).keys()].some((digest) => logins.has(digest)); // prettier-ignore
        if (taken || credentials.has(key(credential.holder, credential.id))) throw new Error('The name is taken.');
        write({ credential, withdrawn: [] }, credential.createdAt);
        return Promise.resolve();
      },
      find: async (holder, id) => Promise.resolve(structuredClone(credentials.get(key(holder, id)))),
      async replace(read, change, now) {
        const { holder, id } = change.credential;
        if (credentials.get(key(holder, id))?.revision !== read.revision) return Promise.resolve('conflict');
        const isForeign = [...loginsOf(change, now).keys()].some(
          (digest) => (logins.get(digest)?.tenant ?? holder) !== holder,
        );
        if (isForeign) return Promise.resolve('conflict');
        write(change, now);
        return Promise.resolve('replaced');
      },
      async list(holder, page) {
        const all = [...credentials.values()].map(({ credential }) => credential);
        return Promise.resolve(pageOf(all.filter((each) => each.holder === holder), page)); // prettier-ignore
      },
    },
    apiKeys: {
      async add(digest, key) {
        if (logins.has(digest)) throw new Error('The key is taken.');
        logins.set(digest, structuredClone(key));
        return Promise.resolve();
      },
    },
    logins: { find: async (digest) => Promise.resolve(structuredClone(logins.get(digest))) },
  };
}

function pageOf<Item extends Tenant | Credential>(all: readonly Item[], { limit, after = '' }: Page): Listed<Item> {
  const rest = all.filter(({ id }) => id > after).sort((one, other) => (one.id < other.id ? -1 : 1));
  const last = rest[limit - 1];
  return { items: rest.slice(0, limit), ...(rest.length > limit && last && { next: last.id }) };
}

/** API Gateway's memory of the authorizer's answers: counts how often it was emptied, or refuses to be. */
export function fakeLoginCache(answer: 'flushed' | 'failed' = 'flushed'): LoginCache & { flushes: number } {
  return {
    flushes: 0,
    async flush() {
      this.flushes += 1;
      return Promise.resolve(answer);
    },
  };
}
