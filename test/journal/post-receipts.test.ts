/** Receipts of posts, through the use cases that leave and find them: nothing that a post lost may be missing in them. */
import fc from 'fast-check';
import { answer, refused } from '../../functions/post-entries/handler.ts';
import { problem } from '../../functions/post-entries/answer.ts';
import { http } from '../../shared/edge/http.ts';
import type { IpAddress } from '../../shared/identity/address.ts';
import type { AuthenticationTable, Revision } from '../../shared/identity/authentication-table.ts';
import type { PostSettings } from '../../shared/identity/post-entries.ts';
import { findReceipt, findReceipts, type ReceiptSearch } from '../../shared/journal/find-receipts.ts';
import type { PostCounts, Receipt, Remark } from '../../shared/journal/receipt.ts';
import type { TenantId } from '../../shared/tenancy/tenant.ts';
import { codeOfAsync } from '../support/errors.ts';
import { fakeEntryStore } from '../support/fake-entry-store.ts';
import { fakeJournal } from '../support/fake-journal.ts';
import { acme, desk, globex, hours, minutes, noon } from '../support/observations.ts';
import { teachNobody } from '../support/teach-nobody.ts';
import { usageOf } from '../support/usage.ts';
import { aCaller, aContext, anApiEvent } from '../support/requests.ts';

interface Answered extends PostCounts {
  readonly receipt: string;
  readonly remarks: readonly Remark[];
  readonly remarksLeftOut: number;
}

function aService() {
  const journal = fakeJournal();
  let now = noon;
  let [requests, writes, days] = [0, 0, 14];
  const entries = fakeEntryStore();
  const table: AuthenticationTable = {
    entries,
    now: () => now,
    newRevision: () => `revision-${(writes += 1)}` as Revision,
  };
  const settings: PostSettings = {
    entryTimeoutMinutes: 30,
    allowedClients: [],
    excludeAddresses: ['203.0.113.66', '9.9.9.9'],
    endpoints: 'none',
    receiptDays: 14,
  };
  const deps = {
    table,
    ...journal,
    settingsOf: async () => Promise.resolve(settings),
    hear: async () => Promise.resolve(),
    teach: teachNobody,
    usage: usageOf(() => now),
  };
  const handler = http(() => deps, { 'POST /api/userfw/v1/post-entry': answer }, { refused, problem, now: () => now });
  const finding = {
    ...journal,
    receiptsOfEntries: async (tenant: TenantId, ip: IpAddress) =>
      (await entries.at(tenant, ip)).flatMap(({ item }) => item.entry?.receipt ?? []),
    daysOf: async () => Promise.resolve(days),
    now: () => now,
  };

  return {
    journal,
    table,
    at: (time: number) => (now = time),
    keepDays: (count: number) => (days = count),
    async post(body: string, { tenant = acme, credential = 'credential-1', remainingMs = 29_000 } = {}) {
      const event = anApiEvent({
        route: 'POST /api/userfw/v1/post-entry',
        caller: aCaller('web-api', { tenant, credentialId: credential, credentialName: `name of ${credential}` }),
        body,
      });
      event.requestContext.requestId = `request-${(requests += 1)}`;
      return JSON.parse((await handler(event, aContext(remainingMs))).body) as Answered;
    },
    async find(search: Partial<ReceiptSearch> = {}, tenant = acme) {
      const found: Receipt[] = [];
      let after: string | undefined;
      do {
        const page = await findReceipts(finding, tenant, {
          limit: 2,
          ...search,
          ...(after !== undefined && { after }),
        });
        found.push(...page.receipts);
        after = page.next;
      } while (after !== undefined);
      return found;
    },
    async whole(id: string, tenant = acme) {
      const remarks: Remark[] = [];
      let after: number | undefined = 0;
      let receipt: Receipt | undefined;
      while (after !== undefined) {
        const page: Awaited<ReturnType<typeof findReceipt>> = await findReceipt(finding, tenant, id, {
          after,
          limit: 700,
        });
        remarks.push(...page.remarks);
        [receipt, after] = [page.receipt, page.next];
      }
      return { receipt, remarks };
    },
  };
}

const entryOf = (fields: Record<string, string>) =>
  `<userfw-entry>${Object.entries(fields).map(([name, text]) => `<${name}>${text}</${name}>`).join('')}</userfw-entry>`; // prettier-ignore
const postOf = (...each: Record<string, string>[]) =>
  `<userfw-entries>\n${each.map(entryOf).join('\n')}\n</userfw-entries>`;
const alice = { operation: 'logon', IP: desk, user: 'alice', timestamp: '2026-03-01T11:59:00Z' };
const many = (count: number, tag: string) => Array.from({ length: count }, (_, index) => `<${tag}>${tag}-${index}</${tag}>`).join(''); // prettier-ignore
const long = 'x'.repeat(256);

describe('each remark reaches the receipt, with its entry, place, address and user', () => {
  const { operation, ...aimless } = alice;
  const { IP, ...nowhere } = alice;
  const { user, ...nobody } = alice;
  const of = { ip: desk, user: 'alice' };
  const rows: [code: string, entry: Record<string, string>, about: Partial<Remark>][] = [
    ['operation-missing', aimless, of],
    ['operation-unknown', { ...alice, operation: 'login' }, of],
    ['ip-missing', nowhere, { user: 'alice' }],
    ['ip-invalid', { ...alice, IP: '10.1' }, { user: 'alice' }],
    ['user-missing', nobody, { ip: desk }],
    ['user-too-long', { ...alice, user: long }, { ip: desk }],
    ['domain-too-long', { ...alice, domain: long }, of],
    ['timestamp-unreadable', { ...alice, timestamp: 'yesterday' }, of],
    ['field-repeated', { ...alice, domain: 'a</domain><domain>b' }, of],
    ['field-not-text', { ...alice, domain: '<b>a</b>' }, of],
    ['element-unknown', { ...alice, colour: 'red' }, of],
    ['address-excluded', { ...alice, IP: '203.0.113.66' }, { ip: '203.0.113.66' as IpAddress, user: 'alice' }],
    ['user-carries-domain', { ...alice, user: 'ACME\\Alice' }, { ip: desk, user: 'acme\\alice' }],
    ['timestamp-in-future', { ...alice, timestamp: '2026-03-01T12:05:01Z' }, of],
    ['groups-dropped', { ...alice, 'role-list': many(211, 'role') }, of],
    ['group-too-long', { ...alice, 'role-list': `<role>${long}</role>` }, of],
    ['posture-unknown', { ...alice, posture: 'sleepy' }, of],
    ['source-too-long', { ...alice, source: long }, of],
    ['device-value-too-long', { ...alice, device_category: long }, of],
    ['device-groups-dropped', { ...alice, 'end-user-attribute': `<device-identity><groups>${many(201, 'group')}</groups></device-identity>` }, of], // prettier-ignore
    ['custom-attributes-dropped', { ...alice, 'end-user-attribute': `<a>1</a><a>2</a>` }, of],
    ['stale', { ...alice, timestamp: '2026-03-01T11:00:00Z' }, of],
    ['ended-by-newer-logoff', { ...alice, user: 'carol', timestamp: '2026-03-01T11:59:30Z' }, { ip: desk, user: 'carol' }], // prettier-ignore
    ['logoff-other-user', { ...alice, operation: 'logoff', user: 'dave', timestamp: '2026-03-01T11:59:20Z' }, { ip: desk, user: 'dave' }], // prettier-ignore
  ];

  test.each(rows)('%s', async (code, entry, about) => {
    const service = aService();
    await service.post(postOf({ ...alice, timestamp: '2026-03-01T11:58:00Z' }));
    if (code === 'ended-by-newer-logoff') {
      await service.post(postOf({ ...alice, operation: 'logoff', user: 'carol', timestamp: '2026-03-01T11:59:40Z' }));
    }

    const answered = await service.post(postOf({ ...alice, IP: '192.0.2.99' }, entry));
    const { receipt, remarks } = await service.whole(answered.receipt);

    expect(remarks).toMatchObject([{ code, entry: 2, line: 3, ...about }]);
    expect(remarks).toEqual(answered.remarks);
    expect(receipt?.remarkCounts).toEqual({ [code]: 1 });
    const line = { kind: 'post', code, receipt: answered.receipt, entry: 2, credentialId: 'credential-1', ...about };
    expect(service.journal.stories.all(acme).filter((each) => each.receipt === answered.receipt)).toMatchObject([line]);
  });

  test('busy', async () => {
    const service = aService();

    const answered = await service.post(postOf(alice), { remainingMs: 1_000 });
    const { receipt, remarks } = await service.whole(answered.receipt);

    expect(remarks).toMatchObject([{ code: 'busy', entry: 1, ip: desk, user: 'alice' }]);
    expect(receipt).toMatchObject({ status: 'partial', httpStatus: 503, code: 'busy', counts: { busy: 1, stored: 0 } });
  });
});

test('the receipt of 28,000 entries that were all refused is whole, and says how many are not found by their address', async () => {
  const service = aService();
  const logoff = '<userfw-entry><operation>logoff</operation><IP>9.9.9.9</IP></userfw-entry>';

  const answered = await service.post(`<userfw-entries>${logoff.repeat(28_000)}</userfw-entries>`);
  const { receipt, remarks } = await service.whole(answered.receipt);

  expect(answered).toMatchObject({ code: 'no-entry-stored', entries: 28_000, refused: 28_000, remarksLeftOut: 27_900 });
  expect(remarks.map(({ entry }) => entry)).toEqual(Array.from({ length: 28_000 }, (_, index) => index + 1));
  expect(receipt).toMatchObject({
    remarkCounts: { 'address-excluded': 28_000 },
    remarksLeftOut: 0,
    storyLeftOut: 27_000,
  });
  expect(receipt?.remarks).toHaveLength(10);
});

test('of what a post only repeats nothing is told again in a story', async () => {
  const service = aService();
  const body = postOf({ ...alice, posture: 'sleepy' });

  await service.post(body);
  const again = await service.post(body);

  expect(again).toMatchObject({ replayed: 1, changed: 0, remarks: [{ code: 'posture-unknown' }] });
  expect(service.journal.stories.all(acme)).toHaveLength(1);
});

describe('receipts are found', () => {
  const service = aService();
  const ids: Record<string, string> = {};
  beforeAll(async () => {
    const send = async (name: string, at: number, ...told: Parameters<typeof service.post>) => {
      service.at(at);
      ids[name] = (await service.post(...told)).receipt;
    };
    await send('good', noon - hours(30), postOf({ ...alice, source: 'ClearPass', timestamp: '2026-02-28T06:00:00Z' }));
    await send('late', noon - minutes(90), postOf({ ...alice, timestamp: '2026-02-27T00:00:00Z' }));
    await send('mixed', noon - minutes(60), postOf({ ...alice, IP: '192.0.2.88' }, { ...alice, IP: 'x', user: 'bob' }), { credential: 'other' }); // prettier-ignore
    await send('broken', noon - minutes(30), '<userfw-entries><', { credential: 'other' });
    await send('bad', noon - minutes(10), postOf({ ...alice, user: '', source: 'ClearPass' }));
    await send('foreign', noon - minutes(5), postOf({ ...alice, IP: 'x' }), { tenant: globex });
    service.at(noon);
  });

  const rows: [string, Partial<ReceiptSearch>, string[]][] = [
    ['all', {}, ['bad', 'broken', 'mixed', 'late', 'good']],
    ['by status', { status: 'refused' }, ['bad', 'broken']],
    ['by the id of a credential', { sender: 'other' }, ['broken', 'mixed']],
    ['by the name of a credential', { sender: 'name of credential-1' }, ['bad', 'late', 'good']],
    ['by what its entries name as their source', { sender: 'ClearPass' }, ['bad', 'good']],
    ['by time', { from: noon - minutes(60), to: noon - minutes(30) }, ['broken', 'mixed']],
    ['by an address, what was stored and what was not', { ip: desk }, ['bad', 'late', 'good']],
    ['by an address of which all was stored as it was sent', { ip: '192.0.2.88' as IpAddress }, ['mixed']],
    ['by an address of which nothing is known', { ip: '192.0.2.77' as IpAddress }, []],
    ['by a user whose address could not be read', { user: 'bob' }, ['mixed']],
    ['by address and user', { ip: desk, user: 'alice' }, ['late']],
    ['by address, status and sender', { ip: desk, status: 'refused', sender: 'ClearPass' }, ['bad']],
    ['by address and time', { ip: desk, to: noon - minutes(20), from: noon - hours(20) }, ['late']],
    ['by sender, status and time', { sender: 'other', status: 'refused', from: noon - minutes(59) }, ['broken']],
    ['one by one', { limit: 1 }, ['bad', 'broken', 'mixed', 'late', 'good']],
    ['one by one of an address', { limit: 1, ip: desk }, ['bad', 'late', 'good']],
  ];

  test.each(rows)('%s', async (_, search, expected) => {
    expect((await service.find(search)).map(({ id }) => id)).toEqual(expected.map((name) => ids[name]));
  });

  test('by their own tenant alone', async () => {
    expect((await service.find({}, globex)).map(({ id }) => id)).toEqual([ids.foreign]);
    expect(await codeOfAsync(service.whole(ids.foreign ?? ''))).toBe('receipt-absent');
    expect(await codeOfAsync(service.whole('nonsense'))).toBe('receipt-absent');
  });

  test('for as many days as the tenant keeps them, by the clock', async () => {
    service.keepDays(1);
    expect((await service.find()).map(({ id }) => id)).toEqual([ids.bad, ids.broken, ids.mixed, ids.late]);
    expect(await codeOfAsync(service.whole(ids.good ?? ''))).toBe('receipt-absent');
    expect(await service.find({ ip: desk, to: noon - hours(29) })).toEqual([]);
    service.keepDays(14);
  });
});

const part = fc.record(
  {
    operation: fc.constantFrom('logon', 'logoff', 'login', ''),
    IP: fc.constantFrom(desk, '192.0.2.51', '192.0.2.52', 'x', '', '127.0.0.1', '203.0.113.66'),
    user: fc.constantFrom('alice', 'bob', 'a\\b', ''),
    posture: fc.constantFrom('HEALTHY', 'sleepy'),
    timestamp: fc.constantFrom('2026-03-01T11:00:00Z', '2026-03-01T11:30:00Z', '2026-03-01T13:00:00Z', 'never'),
    colour: fc.constantFrom('red'),
  },
  { requiredKeys: ['operation', 'IP', 'user'] },
);

test('whatever is posted: the counts add up, each entry that was not taken as sent has a remark, and the receipt says what the answer said', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(part, { minLength: 1, maxLength: 30 }), { minLength: 1, maxLength: 4 }),
      async (posts) => {
        const service = aService();
        for (const [index, post] of posts.entries()) {
          service.at(noon + index);
          const answered = await service.post(postOf(...post));
          const { receipt, remarks } = await service.whole(answered.receipt);
          const { counts } = receipt ?? {};
          expect(answered).toMatchObject(counts ?? { receipt: 'missing' });
          expect(answered.remarks).toEqual(remarks.slice(0, 100));
          expect(answered.entries).toBe(post.length);
          expect(answered.stored + answered.replayed + answered.stale + answered.refused + answered.busy).toBe(
            post.length,
          );
          expect(answered.changed).toBeLessThanOrEqual(answered.stored);
          const remarked = new Set(remarks.map(({ entry }) => entry));
          expect(remarked.size).toBeGreaterThanOrEqual(answered.refused + answered.stale + answered.changed);
          expect(receipt?.remarks).toEqual(remarks.slice(0, 10));
          expect(Object.values(receipt?.remarkCounts ?? {}).reduce((sum, each) => sum + each, 0)).toBe(remarks.length);
        }
        expect(service.journal.measured).toHaveLength(posts.length);
      },
    ),
    { numRuns: 60 },
  );
});
