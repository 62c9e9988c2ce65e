import { fingerprintOf } from '../../shared/tenancy/secret.ts';
import { createTenant, findHolder, findTenant } from '../../shared/tenancy/create-tenant.ts';
import {
  alterCredential,
  type CredentialStore,
  issueCredential,
  type ManageCredentials,
  revokeCredential,
  rotateCredential,
} from '../../shared/tenancy/manage-credentials.ts';
import { provider } from '../../shared/tenancy/tenant.ts';
import { codeOfAsync } from '../support/errors.ts';
import { fakeLoginCache, fakeTenancy } from '../support/fake-tenancy.ts';
import { acme, globex, noon } from '../support/observations.ts';

let tenancy: ReturnType<typeof fakeTenancy>;
let loginCache: ReturnType<typeof fakeLoginCache>;
let deps: ManageCredentials;
beforeEach(() => {
  tenancy = fakeTenancy();
  loginCache = fakeLoginCache();
  deps = { credentials: tenancy.credentials, loginCache, now: () => noon };
});

const issue = async () => (await issueCredential(deps, acme, { role: 'web-api' })).credential;

test('a tenant begins with a credential for each of its roles, and no provider’s among them', async () => {
  const { tenant, credentials } = await createTenant({ tenants: tenancy.tenants, now: () => noon }, acme, {
    name: 'Acme',
  });

  expect(tenant).toEqual({ id: acme, name: 'Acme', createdAt: noon });
  expect(credentials.map(({ credential }) => credential.role)).toEqual([
    'web-api',
    'enforcement-point',
    'threat-sender',
    'radius',
    'log-sender',
    'operator',
    'auditor',
  ]);
  expect(new Set(credentials.map(({ secret }) => secret)).size).toBe(7);
});

test('a tenant that is there is neither created again nor handed out, and who lost the answer is told what to do', async () => {
  const creating = { tenants: tenancy.tenants, now: () => noon };
  await createTenant(creating, acme, { name: 'Acme' });

  const again = createTenant(creating, acme, { name: 'Somebody else' });

  await expect(again).rejects.toThrow('rotate them');
  expect(await codeOfAsync(again)).toBe('tenant-exists');
  expect((await findTenant(creating, acme)).name).toBe('Acme');
});

test('credentials are of the provider or of a tenant that is there', async () => {
  expect(await findHolder(tenancy, provider)).toBe(provider);
  expect(await codeOfAsync(findHolder(tenancy, acme))).toBe('tenant-absent');
});

test('no tenant gets a credential of the provider, and the provider none of a tenant', async () => {
  expect(await codeOfAsync(issueCredential(deps, acme, { role: 'provider' }))).toBe('parameter-invalid');
  expect(await codeOfAsync(issueCredential(deps, provider, { role: 'operator' }))).toBe('parameter-invalid');
});

test('a role can have any number of credentials, by name', async () => {
  const names = ['east', 'west', 'west'];
  for (const name of names) await issueCredential(deps, acme, { role: 'enforcement-point', name });

  const { items } = await tenancy.credentials.list(acme, { limit: 10 });

  expect(items.map(({ name }) => name).sort()).toEqual(names);
  expect(new Set(items.map(({ id }) => id)).size).toBe(3);
});

test('a second secret ends nothing; the third one ends the first, and the gateway is made to forget it', async () => {
  const { id } = await issue();

  expect(await rotateCredential(deps, acme, id)).toMatchObject({ takesEffect: 'at-once' });
  expect(loginCache.flushes).toBe(0);
  const { credential, takesEffect } = await rotateCredential(deps, acme, id);

  expect({ takesEffect, flushes: loginCache.flushes }).toEqual({ takesEffect: 'at-once', flushes: 1 });
  expect(credential.secrets).toHaveLength(2);
});

test('what was revoked is so, even when the gateway cannot be made to forget it: then it takes a minute', async () => {
  const { id } = await issue();
  const failing = { ...deps, loginCache: fakeLoginCache('failed') };

  const { credential, takesEffect } = await revokeCredential(failing, acme, id);

  expect({ revokedAt: credential.revokedAt, takesEffect }).toEqual({
    revokedAt: noon,
    takesEffect: 'within-60-seconds',
  });
  expect((await tenancy.credentials.find(acme, id))?.credential.revokedAt).toBe(noon);
});

test('revoking again changes nothing and tells the same', async () => {
  const { id } = await issue();
  const first = await revokeCredential(deps, acme, id);

  expect(await revokeCredential({ ...deps, now: () => noon + 1 }, acme, id)).toEqual(first);
});

test('a leaked secret is ended by its fingerprint alone, and the next rotation makes two again', async () => {
  const { id, secrets } = await issue();
  await rotateCredential(deps, acme, id);
  const leaked = fingerprintOf(secrets[0]?.digest ?? '');

  const { credential } = await revokeCredential(deps, acme, id, leaked);
  const rotated = await rotateCredential(deps, acme, id);

  expect(credential.secrets).toHaveLength(1);
  expect(credential.revokedAt).toBeUndefined();
  expect(rotated.credential.secrets).toHaveLength(2);
});

test('a name and the order of posts can be altered, and nothing else changes', async () => {
  const before = await issue();

  const after = await alterCredential(deps, acme, before.id, { name: 'publisher', orderByArrival: true });

  expect(after).toEqual({ ...before, name: 'publisher', orderByArrival: true });
});

test('the credentials of one tenant are absent to another, and so is an id that nobody could have', async () => {
  const { id } = await issue();

  expect(await codeOfAsync(revokeCredential(deps, globex, id))).toBe('credential-absent');
  expect(await codeOfAsync(rotateCredential(deps, provider, id))).toBe('credential-absent');
  expect(await codeOfAsync(alterCredential(deps, acme, 'x'.repeat(3_000), { name: 'x' }))).toBe('credential-absent');
  expect((await tenancy.credentials.find(acme, id))?.credential.revokedAt).toBeUndefined();
});

/** Somebody else changes the credential between each of so many reads and writes. */
function outrun(times: number): CredentialStore {
  let left = times;
  return {
    ...tenancy.credentials,
    async replace(read, change, now) {
      if (left > 0) {
        left -= 1;
        const { credential } = read;
        await tenancy.credentials.replace(read, { credential: { ...credential, name: `other ${left}` }, withdrawn: [] }, now); // prettier-ignore
      }
      return tenancy.credentials.replace(read, change, now);
    },
  };
}

test('a change that others outran is made on what they left; after the third time the caller is asked to look', async () => {
  const { id } = await issue();

  const { credential } = await revokeCredential({ ...deps, credentials: outrun(2) }, acme, id);

  expect(credential).toMatchObject({ name: 'other 0', revokedAt: noon });
  const { id: another } = await issue();
  expect(await codeOfAsync(revokeCredential({ ...deps, credentials: outrun(3) }, acme, another))).toBe('busy');
});
