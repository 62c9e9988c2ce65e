/** What the stores of tenants, credentials and logins promise together. Run against the fake and against each engine. */
import { ordered } from '../../shared/tenancy/erasure.ts';
import { provider } from '../../shared/tenancy/tenant.ts';
import { altered, type Credential, loginsOf, revoked, rotated } from '../../shared/tenancy/credential.ts';
import { draw } from '../../shared/tenancy/manage-credentials.ts';
import { digestOf } from '../../shared/tenancy/secret.ts';
import type { TenantId } from '../../shared/tenancy/tenant.ts';
import type { Tenancy } from '../support/fake-tenancy.ts';
import { acme, globex, minutes, noon } from '../support/observations.ts';

interface TenancyUnderTest extends Tenancy {
  /** Takes away what an erasure removes of a tenant, where its store keeps any. */
  readonly gone?: (tenant: TenantId) => Promise<unknown>;
}

export function tenancyContract(name: string, open: () => Promise<TenancyUnderTest>) {
  describe(name, () => {
    let stores: TenancyUnderTest;
    beforeEach(async () => {
      stores = await open();
    });

    const aTenant = (id = acme) => ({ id, name: `The ${id} company`, createdAt: noon });
    const later = noon + minutes(1);
    const read = async ({ holder, id }: Credential) => {
      const found = await stores.credentials.find(holder, id);
      if (found === undefined) throw new Error(`There is no credential ${id}.`);
      return found;
    };

    test('a tenant is found with the credentials that it was created with, and their logins', async () => {
      const { credential, secret } = draw(acme, { role: 'operator' }, noon);

      expect(await stores.tenants.create(aTenant(), [credential])).toBe('created');

      expect(await stores.tenants.find(acme)).toEqual(aTenant());
      expect((await read(credential)).credential).toEqual(credential);
      expect(await stores.logins.find(digestOf(secret))).toMatchObject({ tenant: acme, role: 'operator' });
      expect(await stores.tenants.find(globex)).toBeUndefined();
    });

    test('a tenant that is there is not created again, and nothing of the second try remains', async () => {
      const second = draw(acme, { role: 'operator' }, noon);
      await stores.tenants.create(aTenant(), []);

      expect(await stores.tenants.create({ ...aTenant(), name: 'Another' }, [second.credential])).toBe('exists');

      expect(await stores.tenants.find(acme)).toEqual(aTenant());
      expect(await stores.logins.find(digestOf(second.secret))).toBeUndefined();
      expect(await stores.credentials.list(acme, { limit: 10 })).toEqual({ items: [] });
    });

    describe('an erasure', () => {
      const begun = ordered({ requestedAt: noon, requestedBy: { id: 'c', name: 'Größe' }, requestId: 'request-1' });
      const pass = { beganAt: later, found: 3, at: { section: 'journal', after: { pk: 'T#x', sk: '#' } } } as const;

      test('is begun once, and of a tenant that is there', async () => {
        await stores.tenants.create(aTenant(), []);

        expect(await stores.tenants.erase(globex, begun)).toBe('conflict');
        expect(await stores.tenants.erase(acme, begun)).toBe('saved');
        expect(await stores.tenants.erase(acme, { ...begun, requestId: 'request-2' })).toBe('conflict');

        expect(await stores.tenants.find(acme)).toEqual({ ...aTenant(), erasure: begun });
        expect(await stores.tenants.find(globex)).toBeUndefined();
      });

      test('is put down step by step, over the step before it alone', async () => {
        await stores.tenants.create(aTenant(), []);
        await stores.tenants.erase(acme, begun);
        const first = { ...begun, step: 1, pass };

        expect(await stores.tenants.saveErasure(acme, first)).toBe('saved');
        expect(await stores.tenants.saveErasure(acme, { ...begun, step: 1 })).toBe('conflict');
        expect(await stores.tenants.saveErasure(globex, first)).toBe('conflict');

        expect((await stores.tenants.list({ limit: 10 })).items).toEqual([{ ...aTenant(), erasure: first }]);
      });

      test('leaves the id to another tenant, once it is over and the other knows of it', async () => {
        await stores.tenants.create(aTenant(), []);
        await stores.tenants.erase(acme, begun);
        const over = { ...begun, step: 1, erasedAt: later };
        const another = { ...aTenant(), name: 'Another', formerly: over };
        expect(await stores.tenants.create(another, [])).toBe('exists');
        await stores.tenants.saveErasure(acme, over);
        await stores.gone?.(acme);

        expect(await stores.tenants.create({ ...aTenant(), name: 'Another' }, [])).toBe('exists');
        expect(await stores.tenants.create(another, [])).toBe('created');

        expect(await stores.tenants.find(acme)).toEqual(another);
      });
    });

    describe('an arrival', () => {
      const arrival = { exportId: 'export-1', exportedAt: noon, beganAt: later, pages: 0 };
      const over = { ...ordered({ requestedAt: noon, requestedBy: { id: 'c', name: 'c' }, requestId: 'request-1' }), step: 1, erasedAt: later }; // prettier-ignore

      test('is put down where nobody is, and nowhere else', async () => {
        await stores.tenants.create(aTenant(globex), []);

        expect(await stores.tenants.arrive({ ...aTenant(globex), arrival })).toBe('conflict');
        expect(await stores.tenants.arrive({ ...aTenant(), arrival })).toBe('saved');
        expect(await stores.tenants.arrive({ ...aTenant(), arrival })).toBe('conflict');

        expect(await stores.tenants.find(acme)).toEqual({ ...aTenant(), arrival });
        expect(await stores.tenants.find(globex)).toEqual(aTenant(globex));
      });

      test('takes the place of a tenant that was erased, where it knows of it', async () => {
        await stores.tenants.create(aTenant(), []);
        await stores.tenants.erase(acme, { ...over, step: 0 });
        await stores.tenants.saveErasure(acme, over);
        await stores.gone?.(acme);

        expect(await stores.tenants.arrive({ ...aTenant(), arrival })).toBe('conflict');
        expect(await stores.tenants.arrive({ ...aTenant(), arrival, formerly: over })).toBe('saved');
      });

      test('goes on page by page, over what was read alone, until it is over', async () => {
        await stores.tenants.arrive({ ...aTenant(), arrival });
        const first = { ...arrival, pages: 1 };
        const last = { ...arrival, pages: 2, finishedAt: later };

        expect(await stores.tenants.saveArrival(acme, first, last)).toBe('conflict');
        expect(await stores.tenants.saveArrival(globex, arrival, first)).toBe('conflict');
        expect(await stores.tenants.saveArrival(acme, arrival, first)).toBe('saved');
        expect(await stores.tenants.saveArrival(acme, { ...first, exportId: 'another' }, last)).toBe('conflict');
        expect(await stores.tenants.saveArrival(acme, first, last)).toBe('saved');
        expect(await stores.tenants.saveArrival(acme, last, first)).toBe('conflict');

        expect((await stores.tenants.find(acme))?.arrival).toEqual(last);
      });

      test('is of a tenant that can be changed when it is over', async () => {
        const limited = { ...aTenant(), limits: { entries: 5 }, arrival };
        await stores.tenants.create(aTenant(globex), []);
        await stores.tenants.arrive(limited);
        const arrived = { ...limited, arrival: { ...arrival, pages: 1, finishedAt: later } };
        await stores.tenants.saveArrival(acme, arrival, arrived.arrival);

        expect(await stores.tenants.replace(arrived, { ...arrived, name: 'Another' })).toBe('replaced');

        expect(await stores.tenants.find(acme)).toEqual({ ...arrived, name: 'Another' });
        expect(await stores.tenants.find(globex)).toEqual(aTenant(globex));
      });

      test('of a tenant that is being erased does not go on', async () => {
        await stores.tenants.arrive({ ...aTenant(), arrival });
        await stores.tenants.erase(acme, over);

        expect(await stores.tenants.saveArrival(acme, arrival, { ...arrival, pages: 1 })).toBe('conflict');
      });
    });

    test('lists tenants and credentials page by page, each once, and says where the last page is', async () => {
      await stores.tenants.create(aTenant(globex), []);
      await stores.tenants.create(aTenant(acme), []);
      const three = [1, 2, 3].map(() => draw(acme, { role: 'radius' }, noon).credential);
      for (const credential of [...three, draw(globex, { role: 'radius' }, noon).credential]) {
        await stores.credentials.add(credential);
      }

      const first = await stores.tenants.list({ limit: 1 });
      expect(first).toEqual({ items: [aTenant(acme)], next: acme });
      expect(await stores.tenants.list({ limit: 1, after: acme })).toEqual({ items: [aTenant(globex)] });
      const { items, next } = await stores.credentials.list(acme, { limit: 2 });
      const rest = await stores.credentials.list(acme, { limit: 2, ...(next !== undefined && { after: next }) });
      const ids = [...items, ...rest.items].map(({ id }) => id);
      expect(ids).toEqual(three.map(({ id }) => id).sort());
      expect(rest.next).toBeUndefined();
    });

    test('a tenant is replaced while it is as it was read, in the list too, and no other tenant with it', async () => {
      await stores.tenants.create(aTenant(), []);
      await stores.tenants.create(aTenant(globex), []);
      const limited = { ...aTenant(), limits: { postsPerMinute: 600, entries: 1_000 } };
      const renamed = { ...limited, name: 'Acme again' };

      expect(await stores.tenants.replace(aTenant(), limited)).toBe('replaced');
      expect(await stores.tenants.replace(aTenant(), renamed)).toBe('conflict'); // it has limits by now
      expect(await stores.tenants.replace({ ...limited, limits: { entries: 1_000 } }, renamed)).toBe('conflict');
      expect(await stores.tenants.replace(limited, renamed)).toBe('replaced');

      expect(await stores.tenants.find(acme)).toEqual(renamed);
      expect(await stores.tenants.list({ limit: 10 })).toEqual({ items: [renamed, aTenant(globex)] });
      expect(await stores.tenants.replace(renamed, aTenant())).toBe('replaced');
      expect(await stores.tenants.find(acme)).toEqual(aTenant());
    });

    test('a tenant that is not there is not replaced', async () => {
      await stores.tenants.create(aTenant(globex), []);

      expect(await stores.tenants.replace(aTenant(), { ...aTenant(), name: 'New' })).toBe('conflict');

      expect(await stores.tenants.find(acme)).toBeUndefined();
      expect(await stores.tenants.list({ limit: 10 })).toEqual({ items: [aTenant(globex)] });
    });

    test('shows one holder nothing of another', async () => {
      const { credential } = draw(acme, { role: 'operator' }, noon);
      await stores.credentials.add(credential);

      expect(await stores.credentials.find(globex, credential.id)).toBeUndefined();
      expect(await stores.credentials.find(provider, credential.id)).toBeUndefined();
      expect(await stores.credentials.list(globex, { limit: 10 })).toEqual({ items: [] });
    });

    test('a credential keeps all that it holds, and so does its login', async () => {
      const wish = { role: 'web-api', name: 'Größe 1', orderByArrival: true, expiresAt: later } as const;
      const { credential, secret } = draw(acme, wish, noon);
      await stores.credentials.add(credential);

      expect((await read(credential)).credential).toEqual(credential);
      expect(await stores.logins.find(digestOf(credential.user ?? ''))).toEqual({
        tenant: acme,
        role: 'web-api',
        credentialId: credential.id,
        credentialName: 'Größe 1',
        kind: 'basic',
        passwords: [digestOf(secret)],
        orderByArrival: true,
        expiresAt: later,
      });
    });

    test('stores no credential over another', async () => {
      const { credential } = draw(acme, { role: 'web-api' }, noon);
      await stores.credentials.add(credential);

      await expect(stores.credentials.add({ ...credential, id: 'another' })).rejects.toThrow();
      await expect(stores.credentials.add({ ...credential, user: 'acme-other' })).rejects.toThrow();
      expect(await stores.logins.find(digestOf('acme-other'))).toBeUndefined();
      expect((await stores.credentials.list(acme, { limit: 10 })).items).toEqual([credential]);
    });

    test('a change replaces the credential and every login of it, the withdrawn ones included', async () => {
      const { credential, secret } = draw(acme, { role: 'operator' }, noon);
      await stores.credentials.add(credential);
      const second = rotated(credential, digestOf('second'), later);
      await stores.credentials.replace(await read(credential), second, later);
      const third = rotated(second.credential, digestOf('third'), later);

      expect(await stores.credentials.replace(await read(credential), third, later)).toBe('replaced');

      expect((await read(credential)).credential).toEqual(third.credential);
      expect(await stores.logins.find(digestOf('second'))).not.toHaveProperty('revokedAt');
      expect(await stores.logins.find(digestOf('third'))).not.toHaveProperty('revokedAt');
      expect(await stores.logins.find(digestOf(secret))).toMatchObject({ revokedAt: later });
    });

    test('refuses a change of what has changed since it was read, and leaves the logins alone', async () => {
      const { credential, secret } = draw(acme, { role: 'operator' }, noon);
      await stores.credentials.add(credential);
      const stale = await read(credential);
      await stores.credentials.replace(stale, altered(credential, { name: 'first' }, later), later);

      expect(await stores.credentials.replace(stale, revoked(credential, later), later)).toBe('conflict');

      expect((await read(credential)).credential.name).toBe('first');
      expect((await stores.logins.find(digestOf(secret)))?.credentialName).toBe('first');
    });

    test.each(['user', 'token'] as const)(
      'a record that names the %s of another tenant changes nothing of its login',
      async (named) => {
        const theirs = draw(globex, { role: named === 'user' ? 'web-api' : 'operator' }, noon).credential;
        const ours = draw(acme, { role: theirs.role }, noon).credential;
        await stores.credentials.add(theirs);
        await stores.credentials.add(ours);
        const login = named === 'user' ? digestOf(theirs.user ?? '') : (theirs.secrets[0]?.digest ?? '');
        const before = await stores.logins.find(login);
        const { user, secrets } = theirs;
        const forged = { ...ours, ...(user !== undefined && { user }), secrets };

        expect(await stores.credentials.replace(await read(ours), revoked(forged, later), later)).toBe('conflict');

        expect(await stores.logins.find(login)).toEqual(before);
        expect((await read(ours)).credential).toEqual(ours);
      },
    );

    test('of two changes at once one stands, whole', async () => {
      const { credential, secret } = draw(acme, { role: 'operator' }, noon);
      await stores.credentials.add(credential);
      const before = await read(credential);
      const changes = ['one', 'two'].map((name) => altered(credential, { name }, later));

      const outcomes = await Promise.all(changes.map((each) => stores.credentials.replace(before, each, later)));

      expect(outcomes.toSorted()).toEqual(['conflict', 'replaced']);
      const { name } = (await read(credential)).credential;
      expect((await stores.logins.find(digestOf(secret)))?.credentialName).toBe(name);
    });

    test('an API key is found by its digest as it was given, and is stored over nothing', async () => {
      const { credential } = draw(acme, { role: 'threat-sender', name: 'Größe 2' }, noon);
      const key = {
        tenant: acme,
        credentialId: credential.id,
        credentialName: 'Größe 2',
        kind: 'key',
        user: digestOf('user'),
        password: digestOf('password'),
        createdAt: noon,
        expiresAt: later,
      } as const;

      await stores.apiKeys.add(digestOf('key'), key);
      await expect(stores.apiKeys.add(digestOf('key'), { ...key, tenant: globex })).rejects.toThrow();

      expect(await stores.logins.find(digestOf('key'))).toEqual(key);
      expect((await stores.credentials.list(acme, { limit: 10 })).items).toEqual([]);
    });

    test('a threat sender keeps how its access to the REST APIs is switched, and so does its login', async () => {
      const { credential } = draw(acme, { role: 'threat-sender' }, noon);
      await stores.credentials.add(credential);
      const off = altered(credential, { restAccess: false }, later);
      await stores.credentials.replace(await read(credential), off, later);

      expect((await read(credential)).credential).toMatchObject({ restAccess: 'off', keysFrom: later });
      const login = digestOf(credential.user ?? '');
      expect(await stores.logins.find(login)).toMatchObject({ restAccess: 'off', keysFrom: later });
      await stores.credentials.replace(
        await read(credential),
        altered(off.credential, { restAccess: true }, later),
        later,
      );
      expect(await stores.logins.find(login)).not.toHaveProperty('restAccess');
      expect(await stores.logins.find(login)).toMatchObject({ keysFrom: later });
    });

    test('every login that is stored is the one that follows from its credential', async () => {
      const { credential } = draw(acme, { role: 'threat-sender' }, noon);
      await stores.credentials.add(credential);
      const change = revoked(rotated(credential, digestOf('second'), later).credential, later);
      await stores.credentials.replace(await read(credential), change, later);

      for (const [digest, login] of loginsOf(change, later)) expect(await stores.logins.find(digest)).toEqual(login);
    });
  });
}
