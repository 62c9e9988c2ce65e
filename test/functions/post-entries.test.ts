import type { PostUsage } from '../../shared/identity/post-usage.ts';
import type { OwnLimits } from '../../shared/tenancy/limits.ts';
import type { Role } from '../../shared/contract.ts';
import { http } from '../../shared/edge/http.ts';
import type { AuthenticationTable, Revision } from '../../shared/identity/authentication-table.ts';
import { defaults } from '../../shared/configuration/configuration.ts';
import { findEntry } from '../../shared/identity/find-entries.ts';
import { plainReading } from '../../shared/identity/silence.ts';
import type { IpAddress } from '../../shared/identity/address.ts';
import { maxPostBytes, type PostEntries, type PostSettings } from '../../shared/identity/post-entries.ts';
import { receiptIdOf } from '../../shared/journal/receipt.ts';
import type { TenantId } from '../../shared/tenancy/tenant.ts';
import { problem } from '../../functions/post-entries/answer.ts';
import { answer, refused } from '../../functions/post-entries/handler.ts';
import { codeOfAsync } from '../support/errors.ts';
import { fakeEntryStore } from '../support/fake-entry-store.ts';
import { fakeJournal } from '../support/fake-journal.ts';
import { acme, desk, globex, minutes, noon } from '../support/observations.ts';
import { aCaller, aContext, anApiEvent } from '../support/requests.ts';
import { limitsOfAll } from '../support/limits.ts';
import { usageOf } from '../support/usage.ts';

let now: number;
let settings: PostSettings;
let journal: ReturnType<typeof fakeJournal>;
let receipts: typeof journal.receipts;
let table: AuthenticationTable;
let heard: string[];
let usage: PostUsage;
/** Addresses that endpoints were taught, as `tenant source mac ip`. */
let taught: string[];
beforeEach(() => {
  heard = [];
  taught = [];
  now = noon;
  usage = usageOf(() => now);
  settings = { entryTimeoutMinutes: 30, allowedClients: [], excludeAddresses: [], receiptDays: 14, endpoints: 'some' };
  journal = fakeJournal();
  ({ receipts } = journal);
  let writes = 0;
  table = { entries: fakeEntryStore(), now: () => now, newRevision: () => `revision-${(writes += 1)}` as Revision };
});

interface Posting {
  readonly tenant?: TenantId;
  readonly role?: Role;
  readonly method?: string;
  readonly accept?: string;
  readonly orderByArrival?: string;
  readonly requestId?: string;
}

async function post(
  body: string | Uint8Array,
  {
    tenant = acme,
    role = 'web-api',
    method = 'POST',
    accept,
    orderByArrival = 'false',
    requestId = 'request-1',
  }: Posting = {},
) {
  const deps: PostEntries = {
    table,
    ...journal,
    settingsOf: async () => Promise.resolve(settings),
    usage,
    teach: async (tenant, told, { source }) => Promise.resolve(void taught.push(...told.map(({ mac, ip }) => `${tenant} ${source} ${mac} ${ip}`))), // prettier-ignore
    hear: async (tenant, source, at) => Promise.resolve(void heard.push(`${tenant} ${source} ${at}`)),
  };
  const handler = http(() => deps, { 'POST /api/userfw/v1/post-entry': answer }, { refused, problem, now: () => now });
  const event = anApiEvent({
    route: `${method} /api/userfw/v1/post-entry`,
    caller: aCaller(role, { tenant, orderByArrival }),
    headers: accept === undefined ? {} : { Accept: accept },
    body,
  });
  event.requestContext.requestId = requestId;
  const { statusCode, headers, body: text } = await handler(event, aContext());
  return { status: statusCode, headers: headers ?? {}, text };
}

async function postJson(body: string | Uint8Array, posting?: Posting) {
  const { text, ...answered } = await post(body, posting);
  return { ...answered, body: JSON.parse(text) as Record<string, unknown> };
}

const entryOf = (fields: Record<string, string>) =>
  `<userfw-entry>${Object.entries(fields).map(([name, text]) => `<${name}>${text}</${name}>`).join('')}</userfw-entry>`; // prettier-ignore
const entries = (...each: Record<string, string>[]) =>
  `<userfw-entries>${each.map(entryOf).join('\n')}</userfw-entries>`;
const alice = { operation: 'logon', IP: desk, user: 'alice', timestamp: '2026-03-01T11:59:00Z' };
const userAt = async (ip: string, tenant = acme) =>
  (await findEntry(table, tenant, ip as IpAddress, Promise.resolve(plainReading(defaults)))).entry?.item.entry?.user;

test('a logon that was posted is there, and the answer says so', async () => {
  const answered = await postJson(entries(alice));

  expect(answered.status).toBe(200);
  expect(answered.body).toEqual({ receipt: receiptIdOf(noon, 'request-1'), entries: 1, stored: 1, replayed: 0, stale: 0, changed: 0, refused: 0, busy: 0, remarks: [], remarksLeftOut: 0 }); // prettier-ignore
  expect(await userAt(desk)).toBe('alice');
});

test('what one tenant posts is nowhere in another', async () => {
  await post(entries(alice), { tenant: globex });

  expect(await codeOfAsync(userAt(desk))).toBe('entry-absent');
  expect(await userAt(desk, globex)).toBe('alice');
  expect(receipts.all(acme)).toEqual([]);
});

test('a repeated post is a replay and extends nothing', async () => {
  await post(entries(alice));
  now += minutes(10);
  const answered = await postJson(entries(alice));

  expect(answered.body).toMatchObject({ stored: 0, replayed: 1 });
  now = noon + minutes(30);
  expect(await codeOfAsync(userAt(desk))).toBe('entry-absent');
});

test('the entries of one address count in the order in which they are written, also without timestamps', async () => {
  const { timestamp, ...untimed } = alice;

  await post(entries(untimed, { operation: 'logoff', IP: desk }, { ...untimed, user: 'bob' }));

  expect(await userAt(desk)).toBe('bob');
});

test('good entries of a post are stored and bad ones refused one by one, each with its place and reason', async () => {
  const answered = await postJson(entries(alice, { ...alice, IP: '10.1' }, { operation: 'logon', IP: '192.0.2.51' }));

  expect(answered.status).toBe(200);
  expect(answered.body).toMatchObject({ entries: 3, stored: 1, refused: 2 });
  expect(answered.body.remarks).toMatchObject([
    { code: 'ip-invalid', line: 2 },
    { code: 'user-missing', line: 3 },
  ]);
  expect(receipts.all(acme)).toMatchObject([{ status: 'partial', httpStatus: 200, counts: { stored: 1, refused: 2 } }]);
});

test('a post of which nothing can be stored is a 400 that says why, and stores nothing', async () => {
  const answered = await postJson(entries({ ...alice, IP: '127.0.0.1' }));

  expect(answered).toMatchObject({
    status: 400,
    body: { code: 'no-entry-stored', refused: 1, remarks: [{ code: 'ip-invalid' }] },
  });
  expect(receipts.all(acme)).toMatchObject([{ status: 'refused', httpStatus: 400, code: 'no-entry-stored' }]);
  expect(await table.entries.list(acme, { limit: 10 })).toEqual({ items: [] });
});

test('a late logon, a logoff of somebody else and a logon under a newer logoff are told', async () => {
  await post(entries(alice), { requestId: 'first' });

  const answered = await postJson(
    entries(
      { ...alice, timestamp: '2026-03-01T11:00:00Z', user: 'bob' },
      { operation: 'logoff', IP: desk, user: 'carol', timestamp: '2026-03-01T11:59:30Z' },
      { ...alice, user: 'carol', timestamp: '2026-03-01T11:59:20Z' },
    ),
  );

  expect(answered.body).toMatchObject({ stored: 1, stale: 2, refused: 0 });
  expect(answered.body.remarks).toMatchObject([
    { code: 'stale' },
    { code: 'logoff-other-user' },
    { code: 'ended-by-newer-logoff' },
  ]);
});

test('an answer explains a hundred entries and says how many more there are; the receipt keeps all and shows ten', async () => {
  const bad = Array.from({ length: 130 }, () => ({ ...alice, IP: 'nowhere' }));

  const answered = await postJson(entries(...bad, alice));

  expect(answered.body).toMatchObject({ entries: 131, refused: 130, remarksLeftOut: 30 });
  expect(answered.body.remarks).toHaveLength(100);
  expect(receipts.all(acme)[0]?.remarks).toHaveLength(10);
  expect(receipts.allRemarks(acme)).toHaveLength(130);
});

test.each([
  ['no well-formed XML', '<userfw-entries><userfw-entry>', 400, 'xml-malformed'],
  ['another root', '<entries/>', 400, 'xml-wrong-root'],
  ['no entry', '<userfw-entries/>', 400, 'post-empty'],
  ['an empty body', '', 400, 'post-empty'],
  ['2 MB and one byte', ' '.repeat(maxPostBytes + 1), 413, 'body-too-large'],
])('a post with %s is refused whole, and its receipt says why', async (_, body, status, code) => {
  const answered = await postJson(body);

  expect(answered).toMatchObject({ status, body: { code } });
  expect(receipts.all(acme)).toMatchObject([
    { status: 'refused', httpStatus: status, code, bytes: body.length, kind: 'post' },
  ]);
  expect(receipts.all(acme)[0]?.message).toBe(answered.body.detail);
  expect(await table.entries.list(acme, { limit: 10 })).toEqual({ items: [] });
});

test('twenty clients that post at once are all answered, and all that they told is there', async () => {
  const ips = Array.from({ length: 20 }, (_, index) => `192.0.2.${index + 1}`);
  const bodies = ips.map((ip) => entries({ ...alice, IP: ip }, { ...alice, IP: desk }));

  const answered = await Promise.all(bodies.map(async (body, index) => post(body, { requestId: `request-${index}` })));

  expect(new Set(answered.map(({ status }) => status))).toEqual(new Set([200]));
  expect(await Promise.all(ips.map(async (ip) => userAt(ip)))).toEqual(ips.map(() => 'alice'));
  expect(await codeOfAsync(userAt(desk, globex))).toBe('entry-absent');
});

test('2 MB exactly are taken', async () => {
  const padded = entries(alice).padEnd(maxPostBytes);

  expect(await postJson(padded)).toMatchObject({ status: 200, body: { stored: 1 } });
});

test('a client that is not on the list is refused, with a receipt that names its address', async () => {
  settings = { ...settings, allowedClients: ['198.51.100.7', '2001:db8::7'] };

  expect(await postJson(entries(alice))).toMatchObject({ status: 403, body: { code: 'client-refused' } });
  expect(receipts.all(acme)).toMatchObject([
    { status: 'refused', code: 'client-refused', clientAddress: '203.0.113.9' },
  ]);

  settings = { ...settings, allowedClients: ['198.51.100.7', '203.0.113.9'] };
  expect(await postJson(entries(alice))).toMatchObject({ status: 200 });
});

test('of an excluded address no entry is kept, and that is told', async () => {
  settings = { ...settings, excludeAddresses: ['192.0.2.0/26', '2001:db8:1::/48'] };

  const answered = await postJson(entries(alice, { ...alice, IP: '2001:db8:1::9' }, { ...alice, IP: '192.0.2.64' }));

  expect(answered.body).toMatchObject({
    stored: 1,
    refused: 2,
    remarks: [{ code: 'address-excluded' }, { code: 'address-excluded' }],
  });
});

test.each<[string, Posting, number, string]>([
  ['another method', { method: 'GET' }, 405, 'method-not-allowed'],
  ['another role', { role: 'operator' }, 403, 'role-refused'],
])('%s is refused, and leaves a receipt too', async (_, posting, status, code) => {
  const answered = await postJson(entries(alice), posting);

  expect(answered).toMatchObject({ status, body: { code } });
  expect(receipts.all(acme)).toMatchObject([{ status: 'refused', httpStatus: status, code }]);
  expect(await table.entries.list(acme, { limit: 10 })).toEqual({ items: [] });
});

test('a post that cannot be finished in time is a 503 to repeat; what was stored stays, and the repeat is a replay', async () => {
  const many = Array.from({ length: 900 }, (_, index) => ({
    ...alice,
    IP: `10.0.${Math.floor(index / 250)}.${index % 250}`,
  }));
  const slow = table;
  table = { ...slow, now: () => (now += 1_000) };

  const answered = await postJson(entries(...many));

  expect(answered).toMatchObject({ status: 503, headers: { 'Retry-After': '5' }, body: { code: 'busy' } });
  const stored = Number(answered.body.stored);
  expect(stored).toBeGreaterThan(0);
  expect(stored).toBeLessThan(900);
  expect(receipts.all(acme)).toMatchObject([{ status: 'partial', httpStatus: 503, code: 'busy', counts: { stored } }]);

  table = { ...slow, now: () => now };
  expect((await postJson(entries(...many), { requestId: 'again' })).body).toMatchObject({
    replayed: stored,
    stored: 900 - stored,
  });
});

test('a store that fails is a 503, and what was posted can be posted again', async () => {
  const working = table.entries;
  table = { ...table, entries: { ...working, read: async () => Promise.reject(new Error('connection reset')) } };
  expect(await postJson(entries(alice))).toMatchObject({ status: 503, body: { code: 'internal-error' } });
  expect(receipts.all(acme)).toMatchObject([{ status: 'refused', httpStatus: 503, code: 'internal-error' }]);

  table = { ...table, entries: working };
  expect(await postJson(entries(alice), { requestId: 'again' })).toMatchObject({ status: 200 });
});

test('a sender whose clock is not trusted is ordered by arrival', async () => {
  await post(entries(alice), { orderByArrival: 'true' });
  now += 1_000;
  await post(entries({ ...alice, user: 'bob', timestamp: '1999-01-01T00:00:00Z' }), { orderByArrival: 'true' });

  expect(await userAt(desk)).toBe('bob');
});

test('the receipt says how far the sender’s clock is ahead', async () => {
  await post(entries({ ...alice, timestamp: '2026-03-01T12:01:00Z' }));

  expect(receipts.all(acme)).toMatchObject([{ clockSkewMs: minutes(1) }]);
});

test('a sender that reads XML is answered in XML, errors too', async () => {
  const good = await post(entries(alice), { accept: 'text/xml' });
  const bad = await post('<a & b', { accept: 'application/xml', requestId: 'second' });

  expect(good.headers['Content-Type']).toBe('application/xml');
  expect(good.text).toContain('<stored>1</stored>');
  expect(bad.headers['Content-Type']).toBe('application/xml');
  expect(bad.text).toContain('<code>xml-entity</code>');
});

test('ClearPass is heard with every post of which anything was taken, and with no other', async () => {
  await post('<userfw-entries><userfw-entry>');
  await post('<userfw-entries><userfw-entry><operation>logon</operation><IP>10.1</IP></userfw-entry></userfw-entries>');
  expect(heard).toEqual([]);

  const logoff =
    '<userfw-entries><userfw-entry><operation>logoff</operation><IP>10.0.0.1</IP></userfw-entry></userfw-entries>';
  await post(logoff, { tenant: globex });
  expect(heard).toEqual([`globex aruba-clearpass ${now}`]);
});

describe('a logon that names the MAC of its device', () => {
  const device = (mac: string) => `<end-user-attribute><MAC-Address>${mac}</MAC-Address></end-user-attribute>`;
  const logonOf = (ip: string, mac: string, timestamp = '2026-03-01T11:59:00Z') =>
    `<userfw-entry><operation>logon</operation><IP>${ip}</IP><user>alice</user><timestamp>${timestamp}</timestamp>${device(mac)}</userfw-entry>`;
  const posted = (...logons: readonly string[]) => `<userfw-entries>${logons.join('')}</userfw-entries>`;

  test('teaches its endpoint the address', async () => {
    await post(posted(logonOf(desk, '0011.2233.CAFE'), logonOf('192.0.2.51', '00-11-22-33-CA-FF')), { tenant: globex });

    expect(taught).toEqual([`globex post 00:11:22:33:ca:fe ${desk}`, 'globex post 00:11:22:33:ca:ff 192.0.2.51']);
  });

  test('teaches it once more where the post is repeated', async () => {
    const body = posted(logonOf(desk, '00:11:22:33:ca:fe'));
    await post(body);
    await post(body);

    const once = `acme post 00:11:22:33:ca:fe ${desk}`;
    expect(taught).toEqual([once, once]);
  });

  test('teaches nothing where it came too late, was refused, or names no MAC', async () => {
    await post(posted(logonOf(desk, '00:11:22:33:ca:fe')));
    taught = [];

    await post(posted(logonOf(desk, '00:11:22:33:ca:ff', '2026-03-01T11:58:00Z'), logonOf('192.0.2', '00:11:22:33:ca:fe'), logonOf('192.0.2.51', 'laptop'))); // prettier-ignore

    expect(taught).toEqual([]);
  });

  test('teaches nothing where the tenant has no endpoints', async () => {
    settings = { ...settings, endpoints: 'none' };

    await post(posted(logonOf(desk, '00:11:22:33:ca:fe')));

    expect(taught).toEqual([]);
  });
});

describe('a tenant’s limits', () => {
  const limited = (own: OwnLimits) => {
    usage = usageOf(
      () => now,
      async (tenant) => (tenant === acme ? limitsOfAll(own)(tenant) : limitsOfAll()(tenant)),
    );
  };
  const at = (last: number, user = 'alice') => ({ operation: 'logon', IP: `192.0.2.${last}`, user });
  const somebodyAt = async (ip: string) => userAt(ip).catch(() => undefined);
  const refusals = async () => (await receipts.list(acme, { statuses: ['refused'], from: 0, to: now + 1, limit: 10, now })).receipts; // prettier-ignore

  test('posts beyond them are to be repeated when the minute is over, before anything in them is read', async () => {
    limited({ postsPerMinute: 2 });
    now = noon + 20_000;
    for (const last of [1, 2]) expect((await postJson(entries(at(last)))).status).toBe(200);

    const refused = await postJson('<no post at all', { requestId: 'request-3' });

    expect(refused).toMatchObject({ status: 503, headers: { 'Retry-After': '40' }, body: { code: 'tenant-limit' } });
    expect((await postJson(entries(at(3)), { tenant: globex })).status).toBe(200);
    now = noon + 60_000;
    expect((await postJson(entries(at(3)))).status).toBe(200);
    expect(await userAt('192.0.2.3')).toBe('alice');
  });

  test('of posts that they refuse one a minute leaves a receipt, all name it, and each is counted', async () => {
    limited({ postsPerMinute: 1 });
    await post(entries(at(1)));

    const refused = [];
    for (const requestId of ['request-2', 'request-3', 'request-4']) refused.push(await postJson(entries(at(2)), { requestId })); // prettier-ignore

    const [receipt, ...others] = await refusals();
    expect(others).toEqual([]);
    expect(receipt).toMatchObject({ requestId: 'request-2', code: 'tenant-limit', httpStatus: 503, message: expect.stringMatching(/1 posts of up to 4 kB/) as string }); // prettier-ignore
    expect(refused.map(({ body }) => body.receipt)).toEqual(Array(3).fill(receipt?.id));
    const counted = journal.measured.filter(({ measured }) => measured.PostsLimited === 1);
    expect(counted.map(({ tenant }) => tenant)).toEqual([acme, acme, acme]);
    expect(journal.measured.some(({ measured }) => measured.PostsRefused !== undefined)).toBe(false);
    now = noon + 60_000;
    for (const requestId of ['request-5', 'request-6']) await post(entries(at(2)), { requestId });
    expect(await refusals()).toHaveLength(2);
  });

  test('of posts that they refuse the next one leaves the receipt that could not be kept', async () => {
    limited({ postsPerMinute: 1 });
    await post(entries(at(1)));
    const kept = receipts;
    receipts = { ...kept, record: async () => Promise.resolve('lost') };
    await post(entries(at(2)), { requestId: 'request-2' });
    receipts = kept;

    const refused = await postJson(entries(at(2)), { requestId: 'request-3' });

    expect((await refusals()).map(({ id }) => id)).toEqual([refused.body.receipt]);
  });

  test('new entries beyond them are refused by themselves, and known addresses and logoffs go on', async () => {
    limited({ entries: 2 });
    await post(entries(at(1), at(2)));
    now = noon + 1_000;

    const answered = await postJson(
      entries(at(3), at(1, 'bob'), { operation: 'logoff', IP: '192.0.2.2' }, { operation: 'logoff', IP: '192.0.2.4' }),
      { requestId: 'request-2' },
    );

    expect(answered).toMatchObject({ status: 200, body: { entries: 4, stored: 3, refused: 1 } });
    expect(answered.body.remarks).toMatchObject([{ code: 'entry-limit', entry: 1, ip: '192.0.2.3', user: 'alice' }]);
    expect(await Promise.all(['192.0.2.1', '192.0.2.2', '192.0.2.3'].map(somebodyAt))).toEqual(['bob', undefined, undefined]); // prettier-ignore
    expect(journal.measured.at(-1)?.measured).toMatchObject({ EntriesRefused: 1, EntriesLimited: 1 });
    expect((await postJson(entries(at(3)), { tenant: globex })).body).toMatchObject({ stored: 1 });
  });

  test('of an address that is full a post’s logoff is told, though its logon is not', async () => {
    limited({ entries: 1 });
    await post(entries(at(1)));

    const logoff = { operation: 'logoff', IP: '192.0.2.2', user: 'carol' };
    const answered = await postJson(entries(at(2), logoff, at(2, 'dave')), { requestId: 'request-2' });

    expect(answered.body).toMatchObject({ entries: 3, stored: 1, refused: 2 });
    expect(await somebodyAt('192.0.2.2')).toBeUndefined();
    expect((await postJson(entries(at(5)), { requestId: 'request-3' })).body).toMatchObject({ status: 400, code: 'no-entry-stored' }); // prettier-ignore
  });
});
