import fc from 'fast-check';
import { roles } from '../../shared/contract.ts';
import {
  altered,
  type Change,
  type Credential,
  kindOf,
  loginsOf,
  revoked,
  rolesOf,
  rotated,
  withoutSecret,
} from '../../shared/tenancy/credential.ts';
import { draw } from '../../shared/tenancy/manage-credentials.ts';
import { digestOf, fingerprintOf, isSameDigest, newSecret } from '../../shared/tenancy/secret.ts';
import { provider } from '../../shared/tenancy/tenant.ts';
import { codeOf } from '../support/errors.ts';
import { acme, globex, minutes, noon } from '../support/observations.ts';

const later = noon + minutes(1);
const aToken = () => draw(acme, { role: 'operator' }, noon).credential;
const aUser = () => draw(acme, { role: 'web-api' }, noon).credential;

test('appliances that speak Basic have users, all others tokens', () => {
  expect(roles.filter((role) => kindOf(role) === 'basic')).toEqual(['web-api', 'threat-sender']);
});

test('a tenant has every role but the provider’s, the provider that one alone', () => {
  expect(rolesOf(acme)).toEqual(roles.filter((role) => role !== 'provider'));
  expect(rolesOf(provider)).toEqual(['provider']);
});

test('a user is named after its tenant, and fits what the clients of the Web API take', () => {
  const { user = '' } = draw('a-tenant-of-the-longest-name-32--' as typeof acme, { role: 'web-api' }, noon).credential;

  expect(user).toMatch(/^a-tenant-of-the-longest-name-32---[a-z0-9]{8}$/);
  expect(user.length).toBeLessThanOrEqual(64);
});

test('a secret is 256 random bits, and only its digest is in the credential', () => {
  const { credential, secret } = draw(acme, { role: 'operator' }, noon);

  expect(Buffer.from(secret, 'base64url')).toHaveLength(32);
  expect(JSON.stringify(credential)).not.toContain(secret);
  expect(credential.secrets).toEqual([{ digest: digestOf(secret), createdAt: noon }]);
  expect(newSecret()).not.toBe(newSecret());
});

test('no secret begins with what a command takes for an option', () => {
  expect(Array.from({ length: 1_000 }, newSecret).filter((secret) => !/^[A-Za-z][\w-]{42}$/.test(secret))).toEqual([]);
});

test('a second secret stands beside the first, a third takes the place of the oldest', () => {
  const second = rotated(aToken(), 'second', later);
  expect(second.withdrawn).toEqual([]);

  const third = rotated(second.credential, 'third', later);

  expect(third.credential.secrets.map(({ digest }) => digest)).toEqual(['second', 'third']);
  expect(third.withdrawn).toHaveLength(1);
});

test('one secret can be ended by its fingerprint, and the other stays', () => {
  const first = aUser();
  const digest = first.secrets[0]?.digest ?? '';
  const { credential } = rotated(first, digestOf('second'), later);

  const change = withoutSecret(credential, fingerprintOf(digest));

  expect(change.withdrawn).toEqual(first.secrets);
  expect(change.credential.secrets).toEqual([{ digest: digestOf('second'), createdAt: later }]);
  expect(codeOf(() => withoutSecret(change.credential, fingerprintOf(digest)))).toBe('secret-absent');
});

test('no API key of before access was switched on again lives on, nor one that a cache let in while it was off', () => {
  const { credential } = draw(acme, { role: 'threat-sender' }, noon);
  const off = altered(credential, { restAccess: false }, noon).credential;
  const on = altered(off, { restAccess: true }, later).credential;

  expect(on).toMatchObject({ keysFrom: later });
  expect(altered(on, { restAccess: true }, later + 1).credential).toEqual(on);
});

test('what is revoked stays so: neither rotated nor altered, and since when is not forgotten', () => {
  const { credential, withdrawn } = revoked(aToken(), noon);

  expect(credential).toMatchObject({ revokedAt: noon, secrets: [] });
  expect(withdrawn).toHaveLength(1);
  expect(revoked(credential, later)).toEqual({ credential, withdrawn: [] });
  expect(codeOf(() => rotated(credential, 'next', later))).toBe('credential-revoked');
  expect(codeOf(() => altered(credential, { name: 'next' }, noon))).toBe('credential-revoked');
});

test('digests of different lengths are different, and no error', () => {
  expect(isSameDigest(digestOf('a'), digestOf('a'))).toBe(true);
  expect(isSameDigest(digestOf('a'), digestOf('b'))).toBe(false);
  expect(isSameDigest(digestOf('a'), '')).toBe(false);
});

const steps = fc.array(
  fc.oneof(fc.constant('rotate' as const), fc.constant('revoke' as const), fc.constant('alter' as const), fc.nat(1)),
  { maxLength: 12 },
);

test('after any changes, exactly the valid secrets open: every login that was ever written says so', () => {
  fc.assert(
    fc.property(steps, fc.boolean(), (changes, isBasic) => {
      let credential: Credential = isBasic ? aUser() : aToken();
      let revision = 0;
      const logins = new Map(loginsOf({ credential, withdrawn: [] }, noon));
      const issued = new Set(credential.secrets.map(({ digest }) => digest));
      for (const step of changes) {
        const change = made(credential, step, (revision += 1));
        for (const [digest, login] of loginsOf(change, noon + revision)) logins.set(digest, login);
        for (const { digest } of change.credential.secrets) issued.add(digest);
        credential = change.credential;
      }

      const opens = (digest: string) => {
        const login = logins.get(isBasic ? digestOf(credential.user ?? '') : digest);
        return login?.revokedAt === undefined && (!isBasic || login?.passwords.includes(digest));
      };
      expect(credential.secrets.length).toBeLessThanOrEqual(2);
      expect([...issued].filter(opens).sort()).toEqual(credential.secrets.map(({ digest }) => digest).sort());
    }),
  );
});

function made(credential: Credential, step: 'rotate' | 'revoke' | 'alter' | number, revision: number): Change {
  if (step === 'revoke') return revoked(credential, noon + revision);
  if (credential.revokedAt !== undefined) return { credential, withdrawn: [] };
  if (step === 'rotate') return rotated(credential, digestOf(`secret ${revision}`), noon + revision);
  if (step === 'alter') return altered(credential, { name: `name ${revision}`, orderByArrival: true }, noon);
  const secret = credential.secrets[step];
  return secret ? withoutSecret(credential, fingerprintOf(secret.digest)) : { credential, withdrawn: [] };
}

test('no two tenants have a user in common', () => {
  expect(aUser().user).not.toBe(draw(globex, { role: 'web-api' }, noon).credential.user);
});
