import { authorize, type Call } from '../../shared/tenancy/authorize.ts';
import { altered, type Change, type Credential, loginsOf, revoked, rotated } from '../../shared/tenancy/credential.ts';
import { draw, type Issued, type Wish } from '../../shared/tenancy/manage-credentials.ts';
import { digestOf } from '../../shared/tenancy/secret.ts';
import { fakeJournal } from '../support/fake-journal.ts';
import { fakeTenancy } from '../support/fake-tenancy.ts';
import { acme, globex, hours, minutes, noon } from '../support/observations.ts';

let tenancy: ReturnType<typeof fakeTenancy>;
let journal: ReturnType<typeof fakeJournal>;
let receipts: typeof journal.receipts;
let now: number;
beforeEach(() => {
  tenancy = fakeTenancy();
  journal = fakeJournal();
  ({ receipts } = journal);
  now = noon;
});

const ask = async (authorization: string, told: Partial<Call> = {}) =>
  authorize(
    { logins: tenancy.logins, ...journal, now: () => now },
    { authorization: [authorization], clientAddress: '203.0.113.9', requestId: 'request-1', ...told },
  );

async function issue(wish: Wish, tenant = acme): Promise<Issued & { readonly user: string }> {
  const issued = draw(tenant, wish, noon);
  await tenancy.credentials.add(issued.credential);
  return { ...issued, user: issued.credential.user ?? '' };
}

async function end({ credential }: Issued, change: (before: Credential, now: number) => Change) {
  const read = await tenancy.credentials.find(credential.holder, credential.id);
  if (read) await tenancy.credentials.replace(read, change(read.credential, now), now);
}

const basic = (user: string, password: string) => `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

test('a user with its password is told as its tenant, role and credential, all of it text', async () => {
  const { credential, user, secret } = await issue({ role: 'web-api', name: 'publisher', orderByArrival: true });
  await issue({ role: 'web-api' }, globex);

  expect(await ask(basic(user, secret))).toEqual({
    tenant: acme,
    role: 'web-api',
    credentialId: credential.id,
    credentialName: 'publisher',
    orderByArrival: 'true',
  });
});

test('a token opens as Bearer, and as the password of the user "token"', async () => {
  const { secret } = await issue({ role: 'operator' }, globex);

  expect(await ask(`Bearer ${secret}`)).toMatchObject({ tenant: globex, role: 'operator', orderByArrival: 'false' });
  expect(await ask(basic('token', secret))).toMatchObject({ tenant: globex, role: 'operator' });
});

test('the password of one tenant opens nothing of another', async () => {
  const ours = await issue({ role: 'web-api' });
  const theirs = await issue({ role: 'web-api' }, globex);

  expect(await ask(basic(ours.user, theirs.secret))).toBe('unauthorized');
  expect(await ask(basic(theirs.user, ours.secret))).toBe('unauthorized');
});

test("a user's name opens nothing as a token, and a token nothing as a user's name", async () => {
  const { user, secret } = await issue({ role: 'web-api' });
  const { secret: token } = await issue({ role: 'operator' });

  expect(await ask(`Bearer ${user}`)).toBe('unauthorized');
  expect(await ask(`Bearer ${secret}`)).toBe('unauthorized');
  expect(await ask(basic('token', user))).toBe('unauthorized');
  expect(await ask(basic(token, token))).toBe('unauthorized');
  expect(receipts.all(acme)).toEqual([]);
});

test('both secrets open while two are valid, and the one that was rotated out does not', async () => {
  const { credential, user, secret } = await issue({ role: 'web-api' });
  const rotate = async (next: string) =>
    end({ credential, secret }, (before, at) => rotated(before, digestOf(next), at));

  await rotate('second');
  expect(await ask(basic(user, secret))).toMatchObject({ tenant: acme });
  expect(await ask(basic(user, 'second'))).toMatchObject({ tenant: acme });
  await rotate('third');

  expect(await ask(basic(user, secret))).toBe('unauthorized');
  expect(await ask(basic(user, 'second'))).toMatchObject({ tenant: acme });
  expect(await ask(basic(user, 'third'))).toMatchObject({ tenant: acme });
});

test('a credential ends at its instant, not before', async () => {
  const { secret } = await issue({ role: 'operator', expiresAt: noon + minutes(1) });

  now = noon + minutes(1) - 1;
  expect(await ask(`Bearer ${secret}`)).toMatchObject({ tenant: acme });
  now = noon + minutes(1);
  expect(await ask(`Bearer ${secret}`)).toBe('unauthorized');
  expect(receipts.all(acme)).toMatchObject([{ code: 'credential-expired' }]);
});

test("a known user's wrong password leaves one receipt a minute, for its own tenant", async () => {
  const { credential, user } = await issue({ role: 'web-api', name: 'publisher' });

  for (let attempt = 0; attempt < 3; attempt += 1) expect(await ask(basic(user, 'wrong'))).toBe('unauthorized');
  now = noon + minutes(1);
  await ask(basic(user, 'wrong'), { requestId: 'request-2' });

  const receipt = {
    kind: 'login',
    status: 'refused',
    credentialId: credential.id,
    credentialName: 'publisher',
    clientAddress: '203.0.113.9',
    httpStatus: 401,
    bytes: 0,
    code: 'password-wrong',
    message: expect.stringContaining('Set the sender to') as string,
    remarks: [],
  };
  expect(receipts.all(acme)).toMatchObject([
    { ...receipt, requestId: 'request-1', at: noon },
    { ...receipt, requestId: 'request-2', at: noon + minutes(1) },
  ]);
  expect(receipts.all(globex)).toEqual([]);
});

test.each(['web-api', 'operator'] as const)(
  'a revoked credential of role %s opens nothing, and says so',
  async (role) => {
    const issued = await issue({ role });
    await end(issued, revoked);

    const said = role === 'web-api' ? basic(issued.user, issued.secret) : `Bearer ${issued.secret}`;

    expect(await ask(said)).toBe('unauthorized');
    expect(receipts.all(acme)).toMatchObject([{ code: 'credential-revoked', credentialId: issued.credential.id }]);
  },
);

test('who is unknown leaves no receipt: nobody could read it', async () => {
  expect(await ask(basic('acme-00000000', 'guess'))).toBe('unauthorized');
  expect(await ask('Bearer guess')).toBe('unauthorized');
  expect(await ask('')).toBe('unauthorized');
  expect(receipts.all(acme)).toEqual([]);
});

test('what reads the logins is asked once, and with nothing from which a secret could be had', async () => {
  const { user, secret } = await issue({ role: 'web-api' });
  const asked: string[] = [];
  const find = async (digest: string) => {
    asked.push(digest);
    return tenancy.logins.find(digest);
  };

  await authorize(
    { logins: { find }, ...journal, now: () => now },
    { authorization: [basic(user, secret)], clientAddress: '203.0.113.9', requestId: 'request-1' },
  );

  expect(asked).toEqual([digestOf(user)]);
});

test('a store that does not answer is a failure and no refusal', async () => {
  const logins = { find: async () => Promise.reject(new Error('timed out')) };
  const call = { authorization: ['Bearer abc'], clientAddress: '203.0.113.9', requestId: 'request-1' };

  await expect(authorize({ logins, ...journal, now: () => now }, call)).rejects.toThrow('timed out');
});

test('a wrong password counts as refused for who posts, each time, and for nobody else', async () => {
  const sender = await issue({ role: 'web-api', name: 'publisher' });
  const other = await issue({ role: 'threat-sender', name: 'policy enforcer' });

  for (let attempt = 0; attempt < 2; attempt += 1) {
    await ask(basic(sender.user, 'wrong'));
    await ask(basic(other.user, 'wrong'));
  }

  const refused = { credentialId: sender.credential.id, outcome: 'refused', code: 'password-wrong' };
  expect(journal.senders.heard(acme)).toMatchObject([refused, refused]);
  expect(journal.measured).toMatchObject([
    { tenant: acme, measured: { LoginsRefused: 1, SenderRefusedInARow: 1 } },
    { tenant: acme, measured: { LoginsRefused: 1, SenderRefusedInARow: 2 } },
  ]);
  expect(journal.senders.heard(globex)).toEqual([]);
});

describe('an API key', () => {
  const apiKey = Buffer.alloc(32, 0xfb).toString('base64');

  /** A threat sender that has logged in. */
  async function loggedIn(tenant = acme) {
    const issued = await issue({ role: 'threat-sender', name: 'policy enforcer' }, tenant);
    await tenancy.apiKeys.add(digestOf(apiKey), {
      tenant,
      credentialId: issued.credential.id,
      credentialName: 'policy enforcer',
      kind: 'key',
      user: digestOf(issued.user),
      password: digestOf(issued.secret),
      createdAt: noon,
      expiresAt: noon + hours(12),
    });
    return issued;
  }

  const askWithKey = async () => ask(basic(apiKey, ''));

  test('opens what its user opens, as its user', async () => {
    const { user, secret } = await loggedIn(globex);

    expect(await askWithKey()).toMatchObject({
      tenant: globex,
      role: 'threat-sender',
      credentialName: 'policy enforcer',
    });
    expect(await askWithKey()).toEqual(await ask(basic(user, secret)));
  });

  test('costs one read more than a password, and no more', async () => {
    const { user } = await loggedIn();
    const asked: string[] = [];
    const find = async (digest: string) => {
      asked.push(digest);
      return tenancy.logins.find(digest);
    };
    const call = { authorization: [basic(apiKey, '')], clientAddress: '203.0.113.9', requestId: 'request-1' };

    await authorize({ logins: { find }, ...journal, now: () => now }, call);

    expect(asked).toEqual([digestOf(apiKey), digestOf(user)]);
  });

  test('ends after twelve hours, not before, and its end is told', async () => {
    await loggedIn();

    now = noon + hours(12) - 1;
    expect(await askWithKey()).toMatchObject({ tenant: acme });
    now = noon + hours(12);
    expect(await askWithKey()).toBe('unauthorized');
    expect(receipts.all(acme)).toMatchObject([{ code: 'key-expired', credentialName: 'policy enforcer' }]);
  });

  test('ends with its user', async () => {
    await end(await loggedIn(), revoked);

    expect(await askWithKey()).toBe('unauthorized');
    expect(receipts.all(acme)).toMatchObject([{ code: 'credential-revoked' }]);
  });

  test('ends with the password that it was got with: not when a second one comes, but when its own goes', async () => {
    const issued = await loggedIn();
    const rotate = async (next: string) => end(issued, (before, at) => rotated(before, digestOf(next), at));

    await rotate('second');
    expect(await askWithKey()).toMatchObject({ tenant: acme });
    await rotate('third');
    expect(await askWithKey()).toBe('unauthorized');
    expect(receipts.all(acme)).toMatchObject([{ code: 'key-withdrawn' }]);
  });

  test('knows that access to the REST APIs is off, and has ended when it is on again', async () => {
    const issued = await loggedIn();
    const turn = async (restAccess: boolean) => end(issued, (before, at) => altered(before, { restAccess }, at));

    now = noon + minutes(1);
    await turn(false);
    expect(await askWithKey()).toMatchObject({ tenant: acme, restAccess: 'off' });
    expect(await ask(basic(issued.user, issued.secret))).toMatchObject({ restAccess: 'off' });
    now = noon + minutes(2);
    await turn(true);

    expect(await askWithKey()).toBe('unauthorized');
    expect(await ask(basic(issued.user, issued.secret))).not.toHaveProperty('restAccess');
    expect(receipts.all(acme)).toMatchObject([{ code: 'key-withdrawn' }]);
  });

  test('opens nothing as a token, as a user with a password, or as the digest that it is kept by', async () => {
    await loggedIn();

    for (const said of [`Bearer ${apiKey}`, basic(apiKey, 'p'), basic('token', apiKey), basic(digestOf(apiKey), 'p')]) {
      expect(await ask(said)).toBe('unauthorized');
    }
    expect(receipts.all(acme)).toEqual([]);
  });

  test('leads to no other tenant, though it names the credential there', async () => {
    const theirs = await loggedIn(globex);
    const found = await tenancy.logins.find(digestOf(apiKey));
    const logins = {
      find: async (digest: string) =>
        digest === digestOf(apiKey) && found ? { ...found, tenant: acme } : tenancy.logins.find(digest),
    };
    const call = { authorization: [basic(apiKey, '')], clientAddress: '203.0.113.9', requestId: 'request-1' };

    expect(await authorize({ logins, ...journal, now: () => now }, call)).toBe('unauthorized');
    expect(await ask(basic(theirs.user, theirs.secret))).toMatchObject({ tenant: globex });
  });

  test('leads to no other credential, should another one be found by the name of its user', async () => {
    const { user } = await loggedIn();
    const other = { ...draw(globex, { role: 'threat-sender' }, noon).credential, user };
    const logins = {
      find: async (digest: string) =>
        digest === digestOf(user) ? loginsOf({ credential: other, withdrawn: [] }, noon).get(digest) : tenancy.logins.find(digest), // prettier-ignore
    };
    const call = { authorization: [basic(apiKey, '')], clientAddress: '203.0.113.9', requestId: 'request-1' };

    expect(await authorize({ logins, ...journal, now: () => now }, call)).toBe('unauthorized');
  });
});
