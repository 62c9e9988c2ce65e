/** One tenant does more than it may, of everything at once, and its ClearPass hangs. Another goes on as if it were alone. */
import { setTimeout as wait } from 'node:timers/promises';
import { type ClearPass, startClearPass } from '../simulators/clearpass.ts';
import { allNeed, simulators } from './needs.ts';
import { type Answered, call, type Service, startService } from './service.ts';

type Tenant = 'acme' | 'globex';

let service: Service;
let clearPasses: Record<Tenant, ClearPass>;
const lines: string[] = [];
const asProvider = async (request: `${string} /${string}`, body: object) =>
  call(service.url, request, service.authorizations.acme.provider, JSON.stringify(body));
const asOperator = async (tenant: Tenant, request: `${string} /${string}`, body?: object) =>
  call(service.url, request, service.authorizations[tenant].operator, body && JSON.stringify(body));

async function configure(tenant: Tenant) {
  const { address, port } = clearPasses[tenant].server;
  const server = { name: 'cppm', address, port, connectMethod: 'http' };
  const secret = { clientId: 'postern', clientSecret: `the secret of ${tenant}` };
  const userQuery = { enabled: true, server, ...secret, delayQueryTime: 0 };
  const { status, body } = await asOperator(tenant, 'PUT /v1/configuration', {
    clearpass: { userQuery },
    policies: [{ name: 'staff', fromZone: 'trust', toZone: 'untrust', source: ['any'], destination: ['any'], applications: ['any'], sourceIdentity: ['GLOBAL\\staff'], action: 'permit' }], // prettier-ignore
  });
  if (status !== 200) throw new Error(JSON.stringify(body));
}

const logon = (ip: string, user = 'staff') =>
  `<userfw-entry><operation>logon</operation><IP>${ip}</IP><user>${user}</user></userfw-entry>`;
const logoff = (ip: string) => `<userfw-entry><operation>logoff</operation><IP>${ip}</IP></userfw-entry>`;
const post = async (tenant: Tenant, ...entries: readonly string[]) =>
  call(
    service.url,
    'POST /api/userfw/v1/post-entry',
    service.authorizations[tenant]['web-api'],
    `<userfw-entries>${entries.join('')}</userfw-entries>`,
  );

/** As senders do: what failed on our side, on a machine that is too busy, is repeated as it is. */
async function posted(tenant: Tenant, entry: string): Promise<Answered> {
  const answered = await post(tenant, entry);
  return ['busy', 'internal-error'].includes(String(answered.body.code)) ? posted(tenant, entry) : answered;
}

interface Decision {
  readonly action: string;
  readonly reason: string;
  readonly user: string | null;
}
async function decide(tenant: Tenant, ips: readonly string[]): Promise<readonly Decision[]> {
  const flows = ips.map((sourceIp) => ({ sourceIp, destinationIp: '198.51.100.7', application: 'https', fromZone: 'trust', toZone: 'untrust' })); // prettier-ignore
  const as = service.authorizations[tenant]['enforcement-point'];
  const { status, body } = await call(service.url, 'POST /v1/decisions', as, JSON.stringify({ flows }));
  if (status !== 200) throw new Error(JSON.stringify(body));
  return body.decisions as readonly Decision[];
}

const addresses = (network: string, count: number) => Array.from({ length: count }, (_, index) => `${network}.${index + 1}`); // prettier-ignore
/** Who is where, by address. */
async function usersOf(tenant: Tenant): Promise<ReadonlyMap<string, string>> {
  const { body } = await asOperator(tenant, 'GET /v1/entries?state=valid&limit=1000');
  return new Map((body.items as { ip: string; user: string }[]).map(({ ip, user }) => [ip, user]));
}

/** Where the noisy one has this user. */
const addressesOf = async (wanted: string) =>
  new Set([...(await usersOf('acme'))].flatMap(([ip, user]) => (user === wanted ? [ip] : [])));

/** Moves the clock of the functions to where a minute begins: the minutes that posts are counted in are the clock's. */
let movedMs = 0;
const minute = () => Math.floor((Date.now() + movedMs) / 60_000);
function beginMinute() {
  const ms = 60_000 - ((Date.now() + movedMs) % 60_000);
  movedMs += ms;
  service.runtime.advanceClock(ms);
}

/** Numbers of this name that were measured of a tenant. */
const measured = (tenant: Tenant, name: string) =>
  lines
    .filter((line) => line.includes(`"${name}":`) && line.includes(`"tenant":"${tenant}"`))
    .map((line) => JSON.parse(line.slice(line.indexOf('{'))) as Record<string, unknown>)
    .reduce((sum, told) => sum + Number(told[name]), 0);

/** How many posts of a tenant could not be counted. */
const uncounted = (tenant: Tenant) =>
  lines.filter((line) => line.includes('post-not-counted') && line.includes(`"tenant":"${tenant}"`)).length;

async function until(holds: () => Promise<boolean>) {
  while (!(await holds())) await wait(200);
}

/** One receipt a minute, which every answer of that minute named; a number for each; and nothing of it at the other tenant. */
async function refusalIsFound(refused: readonly Answered[], minutes: number) {
  const [receipt, ...others] = new Set(refused.map(({ body }) => body.receipt));
  expect(others.length).toBeLessThan(minutes);
  expect((await asOperator('acme', `GET /v1/receipts/${String(receipt)}`)).body).toMatchObject({
    status: 'refused',
    code: 'tenant-limit',
    httpStatus: 503,
  });
  expect((await asOperator('globex', `GET /v1/receipts/${String(receipt)}`)).status).toBe(404);
  expect((await asOperator('globex', 'GET /v1/receipts?status=refused')).body.items).toEqual([]);
  expect([measured('acme', 'PostsLimited'), measured('globex', 'PostsLimited')]).toEqual([refused.length, 0]);
}

/** What the receipt of a post says of its entries. */
async function remarksOf({ body: { receipt } }: Answered) {
  const { body } = await asOperator('acme', `GET /v1/receipts/${String(receipt)}?limit=1000`);
  return body.remarks as readonly { readonly code: string; readonly ip: string }[];
}

allNeed(
  'clock',
  'logs',
  'simulators',
)('a tenant that does more than it may', () => {
  beforeAll(async () => {
    const [started, ofNoisy, ofQuiet] = await Promise.all([
      startService(undefined, (line) => lines.push(line)),
      startClearPass({ address: simulators }),
      startClearPass({ address: simulators }),
    ]);
    [service, clearPasses] = [started, { acme: ofNoisy, globex: ofQuiet }];
    const limits = { postsPerMinute: 20, openQuestions: 30, entries: 50 };
    const limited = await asProvider(`PATCH /v1/tenants/${service.tenants.acme}`, { limits });
    if (limited.status !== 200) throw new Error(JSON.stringify(limited.body));
    for (const tenant of ['acme', 'globex'] as const) await configure(tenant);
  }, 600_000);
  afterAll(async () => Promise.all([service.stop(), clearPasses.acme.stop(), clearPasses.globex.stop()]));

  test('posts: the noisy one’s excess is to be repeated, and the quiet one is refused nothing', async () => {
    const [flood, work] = [addresses('10.1.0', 50), addresses('10.1.0', 20)];
    beginMinute();
    const first = minute();

    const [noisy, quiet] = await Promise.all([
      Promise.all(flood.map(async (ip) => posted('acme', logon(ip, 'noisy')))),
      Promise.all(work.map(async (ip) => posted('globex', logon(ip)))),
    ]);
    const minutes = minute() - first + 1; // a busy machine may take more than the one

    expect(quiet.map(({ status }) => status)).toEqual(work.map(() => 200));
    expect(await usersOf('globex')).toEqual(new Map(work.map((ip) => [ip, 'staff'])));
    expect((await decide('globex', work)).map(({ action }) => action)).toEqual(work.map(() => 'permit'));
    const [taken, refused] = [
      noisy.filter(({ status }) => status === 200),
      noisy.filter(({ status }) => status !== 200),
    ];
    expect(taken.length + refused.length).toBe(50);
    // A post that is repeated counts again, and one that a busy machine cannot count in time is taken all the same.
    expect(taken.length).toBeLessThanOrEqual(20 * minutes + uncounted('acme'));
    expect(taken.length).toBeGreaterThan(0);
    for (const each of refused) {
      expect(each).toMatchObject({ status: 503, body: { code: 'tenant-limit' } });
      expect(Number(each.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
      expect(Number(each.headers.get('retry-after'))).toBeLessThanOrEqual(60);
    }
    const stored = flood.filter((_, index) => noisy[index]?.status === 200);
    expect(await usersOf('acme')).toEqual(new Map(stored.map((ip) => [ip, 'noisy'])));
    await refusalIsFound(refused, minutes);
  }, 600_000);

  test('entries: the next minute the noisy one works again, up to its limit, and what is known goes on', async () => {
    beginMinute();
    const network = addresses('10.2.0', 120);

    const many = await post('acme', ...network.map((ip) => logon(ip, 'more')));
    const [stored, refused] = [Number(many.body.stored), Number(many.body.refused)];
    expect(many).toMatchObject({ status: 200, body: { entries: 120, busy: 0, replayed: 0, stale: 0 } });
    expect(stored + refused).toBe(120);
    // Twenty are there already, told of late by their functions or, by one that counts just then, twice.
    expect(stored).toBeGreaterThanOrEqual(10);
    expect(stored).toBeLessThanOrEqual(50);
    const remarks = (await remarksOf(many)).filter(({ code }) => code === 'entry-limit');
    expect(remarks).toHaveLength(refused);
    const known = network.filter((ip) => remarks.every((each) => each.ip !== ip));
    expect(await addressesOf('more')).toEqual(new Set(known));

    expect((await post('acme', ...known.map((ip) => logon(ip, 'changed')))).body).toMatchObject({ stored, refused: 0 });
    expect(await addressesOf('changed')).toEqual(new Set(known));
    expect(await post('acme', logon('10.2.9.9'))).toMatchObject({ status: 400, body: { code: 'no-entry-stored' } });
    expect((await post('acme', ...known.map(logoff))).body).toMatchObject({ stored });
    expect(await addressesOf('changed')).toEqual(new Set());

    const quiet = await post('globex', ...network.map((ip) => logon(ip)));
    expect(quiet).toMatchObject({ status: 200, body: { entries: 120, stored: 120, refused: 0 } });
    expect([measured('acme', 'EntriesLimited'), measured('globex', 'EntriesLimited')]).toEqual([refused + 1, 0]);

    for (let minute = 0; minute < 2; minute += 1) beginMinute(); // what has ended is counted by then
    expect((await post('acme', logon('10.2.9.9'))).body).toMatchObject({ stored: 1 });
  }, 600_000);

  test('questions: the noisy one has its limit of them open at a ClearPass that hangs, and the quiet one’s are answered', async () => {
    clearPasses.acme.behave({ hang: 1 });
    const work = addresses('10.3.1', 25);
    for (const ip of work) clearPasses.globex.setEndpoint(ip, { ip, user: 'Staff', roles: [] });

    const flood = await Promise.all([1, 2].map(async (part) => decide('acme', addresses(`10.3.${part}`, 100))));
    const missed = await decide('globex', work);

    const reasons = flood.flat().map(({ reason }) => reason);
    const tooMany = reasons.filter((reason) => reason === 'too-many-queries').length;
    expect(tooMany).toBeGreaterThanOrEqual(200 - 2 * 30); // two calls at once may each have found room
    expect(flood.flat().every(({ action }) => action === 'deny')).toBe(true);
    expect(missed.every(({ reason }) => reason !== 'too-many-queries')).toBe(true);
    await until(async () => (await decide('globex', work)).every(({ action }) => action === 'permit'));
    expect((await decide('globex', work)).map(({ user }) => user)).toEqual(work.map(() => 'staff'));
    expect(clearPasses.globex.statistics().maxOpenSockets).toBeLessThanOrEqual(20);
    expect((await asOperator('globex', 'GET /v1/queries/status')).body).toMatchObject({
      servers: [{ state: 'online' }],
    });

    // What the noisy one asked is settled too, as its server is offline by now; then it may ask again.
    await until(async () => (await asOperator('acme', 'GET /v1/queries/status')).body.openQuestions === 0);
    clearPasses.acme.behave({});
    expect((await decide('acme', ['10.3.9.9'])).map(({ reason }) => reason)).not.toContain('too-many-queries');
  }, 600_000);
});
