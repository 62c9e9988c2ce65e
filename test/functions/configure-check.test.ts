import type { Dependencies } from '../../functions/configure/dependencies.ts';
import type { IpAddress } from '../../shared/identity/address.ts';
import { change, type Revision } from '../../shared/identity/authentication-table.ts';
import { aFullConfiguration } from '../support/configurations.ts';
import { configureDoors, versionsRoute } from '../support/configure-doors.ts';
import { acme, aLogon, globex, minutes, noon } from '../support/observations.ts';

let { deps, secrets, send, call, check } = configureDoors();
beforeEach(() => {
  ({ deps, secrets, send, call, check } = configureDoors());
});

const nothingWrong = { violations: [], violationsLeftOut: 0, warnings: [], warningsLeftOut: 0 };

test('says that a document is valid, and stores nothing of it, its secret included', async () => {
  expect(await check(aFullConfiguration)).toEqual({
    status: 200,
    etag: '',
    body: { valid: true, ...nothingWrong, impact: { entries: 0 }, read: { entries: 0, complete: true } },
  });
  expect((await call('GET')).etag).toBe('"none"');
  expect((await send(`GET ${versionsRoute}`)).body.items).toEqual([]);
  expect(secrets.count()).toBe(0);
});

test('tells the very violations that a PUT would be refused for', async () => {
  const document = { clearpass: { entryTimeout: 5, userQuery: { enabled: true } }, activeDirectory: { enabled: true }, policies: 'all' }; // prettier-ignore

  const checked = await check(document);
  const refused = await call('PUT', { body: document });

  expect(checked).toMatchObject({ status: 200, body: { valid: false, impact: null } });
  expect(refused.status).toBe(400);
  expect(checked.body.violations).toEqual(refused.body.violations);
  expect(checked.body.violations).toHaveLength(7);
});

test('tells how many violations it leaves out', async () => {
  const { body } = await check({ networks: Array.from({ length: 1_007 }, () => 'x') });

  expect([(body.violations as unknown[]).length, body.violationsLeftOut]).toEqual([1_000, 7]);
});

test('holds to If-Match, and takes no other word than "only"', async () => {
  expect(await check({}, { ifMatch: '"older"' })).toMatchObject({ status: 412, body: { code: 'version-changed' } });
  expect(await call('PUT', { body: {}, query: { check: 'yes' } })).toMatchObject({ status: 400, body: { code: 'parameter-invalid' } }); // prettier-ignore
  expect((await call('GET')).etag).toBe('"none"');
});

describe('with entries in the table', () => {
  const policy = { ...aFullConfiguration.policies[0], sourceIdentity: ['acme\\staff', 'alice'] };
  const rest = { violations: [], violationsLeftOut: 0, warningsLeftOut: 0 };

  async function logon(ip: string, user: string, groups: string[], { tenant = acme, timeoutMinutes = 30 } = {}) {
    const one = aLogon({ ip: ip as IpAddress, domain: 'acme', user, groups });
    let writes = 0;
    const table = { entries: deps.entries, now: deps.now, newRevision: () => `${ip}-${(writes += 1)}` as Revision };
    await change(table, tenant, {
      changes: [{ key: { ip: one.ip, slot: 'userid' }, events: [{ kind: 'logon', logon: one, timeoutMinutes }] }],
      untilAt: noon + 1_000,
    });
  }
  beforeEach(async () => {
    await logon('10.0.0.1', 'alice', ['staff']);
    await logon('10.0.0.2', 'bob', ['staff', 'admins']);
    await logon('10.0.0.3', 'staff', ['guests']);
    await logon('10.0.0.4', 'carol', ['staff'], { tenant: globex });
  });

  test('it warns of ambiguous names, and counts the entries whose interested groups would change', async () => {
    const { body } = await check({ policies: [policy] });

    expect(body).toEqual({
      valid: true,
      ...rest,
      warnings: [
        expect.objectContaining({
          pointer: '/policies/0/sourceIdentity/0',
          value: 'acme\\staff',
          rule: 'user-and-group',
        }),
        expect.objectContaining({ pointer: '/policies/0/sourceIdentity/1', value: 'alice', rule: 'only-elsewhere' }),
      ],
      impact: { entries: 2 },
      read: { entries: 3, complete: true },
    });
  });

  test('a warning does not keep a document from being stored, and once it is the impact is none', async () => {
    expect((await call('PUT', { body: { policies: [policy] } })).status).toBe(200);

    expect((await check({ policies: [policy] })).body.impact).toEqual({ entries: 0 });
    expect((await check({})).body.impact).toEqual({ entries: 2 });
    expect((await check({ policies: [policy] }, { tenant: 'globex' })).body).toMatchObject({ warnings: [], impact: { entries: 1 }, read: { entries: 1 } }); // prettier-ignore
  });

  test('entries that have expired do not count', async () => {
    expect((await check({ policies: [policy] }, {}, { now: () => noon + minutes(30) })).body).toMatchObject({
      warnings: [],
      read: { entries: 0, complete: true },
    });
  });

  test('a table that takes too long to read is read in part, which is said', async () => {
    let now = noon;
    const { entries } = deps;
    const slow: Dependencies['entries'] = {
      ...entries,
      async list(tenant, page) {
        now += 30_000;
        return entries.list(tenant, { ...page, limit: 2 });
      },
    };

    const { body } = await check({ policies: [policy] }, {}, { entries: slow, now: () => now });

    expect(body).toMatchObject({ impact: { entries: 2 }, read: { entries: 2, complete: false } });
  });
});
