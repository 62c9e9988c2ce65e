/** The forwarding table as enforcement points are told it. `feed/` proves that nothing is missed, whoever is in whose way. */
import fc from 'fast-check';
import { randomBytes } from 'node:crypto';
import { type Configuration, defaults, type SecurityPolicy } from '../../shared/configuration/configuration.ts';
import { forwardingSettings } from '../../shared/decisions/forwarding-settings.ts';
import type { IpAddress } from '../../shared/identity/address.ts';
import type { Event } from '../../shared/identity/advance.ts';
import { type AuthenticationTable, change, changeOne, type Revision, type Slot } from '../../shared/identity/authentication-table.ts'; // prettier-ignore
import { keptMs, stampPosition } from '../../shared/identity/change-notes.ts';
import { type ForwardingCursor, isForwardingCursor } from '../../shared/identity/forwarding-cursor.ts';
import { showRow } from '../../shared/identity/forwarding-row.ts';
import type { Logon } from '../../shared/identity/observation.ts';
import { pullForwardingTable, type PullForwardingTable } from '../../shared/identity/pull-forwarding-table.ts';
import type { Silence } from '../../shared/identity/reading.ts';
import { heardReading, plainReading } from '../../shared/identity/silence.ts';
import { heard, type SourceHeard } from '../../shared/identity/source-heard.ts';
import type { TenantId } from '../../shared/tenancy/tenant.ts';
import { fakeEntryStore } from '../support/fake-entry-store.ts';
import { acme, aLogoff, aLogon, deleted, desk, globex, instant, minutes, noon, told } from '../support/observations.ts';
import { forwardingTable } from './feed/definition.ts';
import { enforcementPoint } from './feed/enforcement-point.ts';

const policyOn = (...sourceIdentity: string[]): SecurityPolicy => ({
  name: sourceIdentity.join(),
  fromZone: 'trust',
  toZone: 'untrust',
  source: ['any'],
  destination: ['any'],
  applications: ['any'],
  sourceIdentity,
  action: 'permit',
  log: false,
});

let now: number;
let configuration: Configuration;
let table: AuthenticationTable;
let deps: PullForwardingTable;
beforeEach(() => {
  now = noon;
  configuration = defaults;
  const newRevision = () => randomBytes(8).toString('hex') as Revision;
  table = { entries: fakeEntryStore(), now: () => now, newRevision };
  deps = { ...table, settingsOf: async () => Promise.resolve(settings()) };
});

const settings = () => ({ ...forwardingSettings(configuration), readingAt: plainReading(configuration) });
const commit = (...names: string[]) => {
  configuration = { ...configuration, policies: names.map((name) => policyOn(name)) };
};
const happens = async (ip: string, event: Event, slot: Slot = 'userid', tenant: TenantId = acme) =>
  changeOne(table, tenant, { key: { ip: ip as IpAddress, slot }, events: [event] });
let ticks = 0;
const logsOn = async (ip: string, who: Partial<Logon>, minutesLeft = 30) =>
  happens(ip, told(aLogon({ posture: 'HEALTHY', instant: instant((ticks += 1)), ...who }), minutesLeft));
const logsOff = async (ip: string) => happens(ip, told(aLogoff({ instant: instant((ticks += 1)) })));
const pull = async (since?: ForwardingCursor, { limit = 1_000, tenant = acme } = {}) =>
  pullForwardingTable(deps, tenant, { limit, untilAt: Infinity, ...(since && { since }) });

/** Somebody who pulls until there is no more. */
function puller(tenant = acme, limit = 1_000) {
  const point = enforcementPoint();
  return {
    async pull() {
      const answers = [];
      do {
        answers.push(await pull(point.cursor(), { limit, tenant }));
        point.hear(answers.at(-1) ?? fail());
      } while (answers.at(-1)?.more === 'yes');
      return answers;
    },
    /** `domain\user: groups`, by address. */
    shown: () => Object.fromEntries([...point.tableAt(now)].map(([ip, { domain, user, groups }]) => [ip, `${domain}\\${user}: ${groups.join(', ')}`])), // prettier-ignore
    tableAt: point.tableAt,
    cursor: point.cursor,
  };
}
const fail = () => {
  throw new Error('There is an answer.');
};

describe('interested groups: john and abe', () => {
  const john = { domain: 'acme', user: 'john', groups: ['posture-healthy', 'group1', 'group2'] };
  const abe = { domain: 'acme', user: 'abe', groups: ['posture-healthy', 'group1', 'group3'] };

  test('policies on group1, group3 and posture-healthy show each user those that they are in', async () => {
    commit('acme\\group1', 'acme\\group3', 'acme\\posture-healthy');
    await logsOn('198.51.100.1', john);
    await logsOn('198.51.100.2', abe);
    const point = puller();
    await point.pull();

    expect(point.shown()).toEqual({
      '198.51.100.1': 'acme\\john: posture-healthy, group1',
      '198.51.100.2': 'acme\\abe: posture-healthy, group1, group3',
    });
  });

  test('without the policy on group1 it is gone from both, at once, and nobody posted anything', async () => {
    commit('acme\\group1', 'acme\\group3', 'acme\\posture-healthy');
    await logsOn('198.51.100.1', john);
    await logsOn('198.51.100.2', abe);
    const point = puller();
    await point.pull();
    const before = (await table.entries.notes.after(acme, stampPosition(0))).notes.length;

    commit('acme\\group3', 'acme\\posture-healthy');
    await point.pull();

    expect(point.shown()).toEqual({
      '198.51.100.1': 'acme\\john: posture-healthy',
      '198.51.100.2': 'acme\\abe: posture-healthy, group3',
    });
    expect((await table.entries.notes.after(acme, stampPosition(0))).notes).toHaveLength(before);
  });

  test('a policy that names a group of theirs adds it to every entry, at once; the last one that does takes it away', async () => {
    await logsOn('198.51.100.1', john);
    const point = puller();
    await point.pull();
    expect(point.shown()).toEqual({ '198.51.100.1': 'acme\\john: ' });

    commit('acme\\group2', '*\\group2');
    await point.pull();
    expect(point.shown()).toEqual({ '198.51.100.1': 'acme\\john: group2' });

    commit('*\\group2');
    await point.pull();
    expect(point.shown()).toEqual({ '198.51.100.1': 'acme\\john: group2' });

    commit();
    await point.pull();
    expect(point.shown()).toEqual({ '198.51.100.1': 'acme\\john: ' });
  });
});

describe('Table 6: the forwarding table', () => {
  test('192.0.2.1, domain1, user2 in g1 to g4, policies on domain1\\g2 and domain1\\g4: g2, g4', async () => {
    commit('domain1\\g2', 'domain1\\g4');
    await logsOn('192.0.2.1', { domain: 'domain1', user: 'user2', groups: ['g1', 'g2', 'g3', 'g4'] });
    const point = puller();
    await point.pull();

    expect(point.shown()).toEqual({ '192.0.2.1': 'domain1\\user2: g2, g4' });
  });

  test('203.0.113.9, no domain, user1, none of whose groups is named: a row without groups', async () => {
    commit('domain1\\g2', 'domain1\\g4');
    await logsOn('203.0.113.9', { domain: 'GLOBAL', user: 'user1', groups: ['g1', 'g2'] });
    const point = puller();
    await point.pull();

    expect(point.shown()).toEqual({ '203.0.113.9': 'GLOBAL\\user1: ' });
  });
});

test("abe's three devices are three rows with the same user and groups, and a logoff of one leaves the others", async () => {
  commit('acme\\marketing-company-device');
  const abe = { domain: 'acme', user: 'abe', groups: ['marketing-company-device'] };
  for (const ip of ['192.0.2.11', '192.0.2.12', '2001:db8::13']) await logsOn(ip, abe);
  const point = puller();
  await point.pull();
  const row = 'acme\\abe: marketing-company-device';
  expect(point.shown()).toEqual({ '192.0.2.11': row, '192.0.2.12': row, '2001:db8::13': row });

  await logsOff('192.0.2.12');
  await point.pull();

  expect(point.shown()).toEqual({ '192.0.2.11': row, '2001:db8::13': row });
});

describe('a row', () => {
  const rowAt = async () => (await pull()).rows[0] ?? fail();

  test('tells who takes over when its own time is over, by the order of the search', async () => {
    await logsOn(desk, { user: 'alice' }, 30);
    await happens(desk, told(aLogon({ origin: 'local', user: 'laura' }), 10), 'local');

    expect(showRow(await rowAt())).toMatchObject({
      ip: desk,
      user: 'laura',
      expiresAt: '2026-03-01T12:10:00.000Z',
      then: [{ user: 'alice', expiresAt: '2026-03-01T12:30:00.000Z' }],
    });
    const point = puller();
    await point.pull();
    now += minutes(10);
    expect(point.shown()).toEqual({ [desk]: 'acme\\alice: ' });
    now += minutes(20);
    expect(point.shown()).toEqual({});
  });

  test('tells nobody who is gone sooner, and no end where there is none', async () => {
    await logsOn(desk, { user: 'alice' }, 10);
    await happens(desk, told(aLogon({ origin: 'local', user: 'laura' }), 0), 'local');

    expect(showRow(await rowAt())).toMatchObject({ user: 'laura', expiresAt: null, then: [] });
  });

  test('raising local to 120 puts ClearPass first, at once', async () => {
    await logsOn(desk, { user: 'alice' }, 10);
    await happens(desk, told(aLogon({ origin: 'local', user: 'laura' }), 0), 'local');
    const point = puller();
    await point.pull();
    expect(point.shown()).toEqual({ [desk]: 'acme\\laura: ' });

    configuration = { ...configuration, priorities: { ...configuration.priorities, local: 120 } };
    await point.pull();

    expect(point.shown()).toEqual({ [desk]: 'acme\\alice: ' });
  });

  test('with user query on, ClearPass alone is told', async () => {
    await happens(desk, told(aLogon({ origin: 'local', user: 'laura' }), 0), 'local');
    const { clearpass } = configuration;
    configuration = { ...configuration, clearpass: { ...clearpass, userQuery: { ...clearpass.userQuery, enabled: true } } }; // prettier-ignore

    expect((await pull()).rows).toEqual([]);
  });

  test('is there for the marks of a user query too: its state tells', async () => {
    await happens(desk, { kind: 'missed', delayMs: 15_000 });

    expect(await rowAt()).toMatchObject({ state: 'init', user: null, domain: null, groups: [] });
  });

  test('of an entry of a silent source tells the end that it has while the silence lasts', async () => {
    await logsOn(desk, { user: 'alice' }, 30);
    const silent = settings();
    deps = { ...deps, settingsOf: async () => Promise.resolve({ ...silent, readingAt: (at) => ({ ...silent.readingAt(at), clockOf: () => noon, endOf: () => noon + minutes(600) }) }) }; // prettier-ignore
    now += minutes(60);

    expect(await rowAt()).toMatchObject({ user: 'alice', expiresAt: noon + minutes(600) });
  });
});

describe('a pull', () => {
  test('after the whole table tells what changed, and nobody who is gone', async () => {
    await logsOn(desk, { user: 'alice' });
    await logsOn('192.0.2.51', { user: 'bob' });
    const first = await pull();
    expect(first).toMatchObject({ full: 'yes', more: 'no', removed: [] });
    expect(first.rows).toHaveLength(2);
    now += 20_000;
    const second = await pull(first.cursor);
    now += 60_000;
    const third = await pull(second.cursor);
    expect(third).toMatchObject({ full: 'no', more: 'no', rows: [], removed: [] });

    await happens('192.0.2.51', deleted);
    await logsOn('192.0.2.52', { user: 'carol' });

    const fourth = await pull(third.cursor);
    expect(fourth).toMatchObject({ full: 'no', rows: [{ user: 'carol' }], removed: ['192.0.2.51'] });
    expect(await pull(fourth.cursor)).toMatchObject({ rows: [], removed: [] });
    expect(await pull(third.cursor)).toMatchObject({ rows: [{ user: 'carol' }], removed: ['192.0.2.51'] });
  });

  test('of a large table goes on where it was, and each page is small', async () => {
    const ips = Array.from({ length: 950 }, (_, index) => `10.0.${Math.floor(index / 250)}.${index % 250}`);
    const changes = ips.map((ip) => ({ key: { ip: ip as IpAddress, slot: 'userid' as const }, events: [told(aLogon())] })); // prettier-ignore
    await change(table, acme, { changes, untilAt: Infinity });
    const point = puller(acme, 100);

    const answers = await point.pull();

    expect(Object.keys(point.shown())).toHaveLength(950);
    for (const { rows } of answers) expect(rows.length).toBeLessThanOrEqual(200); // the last page, and the first changes
    expect(answers.filter(({ full }) => full === 'yes')).toHaveLength(1);
  });

  test('of many changes comes in pages too, and nothing is told twice on the way', async () => {
    const point = puller(acme, 100);
    await point.pull();
    now += minutes(5);
    await point.pull();
    for (let index = 0; index < 600; index += 1) await logsOn(`10.1.${index % 2}.${Math.floor(index / 2)}`, { user: `u${index}` }); // prettier-ignore

    const answers = await point.pull();

    expect(Object.keys(point.shown())).toHaveLength(600);
    expect(answers.length).toBeLessThan(12);
    expect(JSON.stringify(point.cursor()).length).toBeLessThan(5_000);
  });

  test('goes on while a note stays open, and the cursor waits for that note until its writer must have ended', async () => {
    const first = await pull();
    const change = { ip: '192.0.2.99' as IpAddress, slot: 'userid' as const, read: '' };
    await table.entries.notes.put(acme, { notedAt: now, id: 'dead', untilAt: now + 60_000, changes: [change] });
    await logsOn(desk, { user: 'alice' });

    now += 30_000;
    const second = await pull(first.cursor, { limit: 1 });
    const third = await pull(second.cursor, { limit: 1 });
    expect(second.cursor.at < stampPosition(noon + 1)).toBe(true);
    expect([...second.rows, ...third.rows]).toMatchObject([{ user: 'alice' }]);
    now += 30_000;
    expect((await pull(third.cursor)).cursor.at < stampPosition(noon + 1)).toBe(true);
    now += 5_000;
    expect((await pull(third.cursor)).cursor.at > stampPosition(noon + 1)).toBe(true);
  });

  test('with a cursor older than notes are kept says so and tells the whole table', async () => {
    const first = await pull();
    now += keptMs + minutes(2);
    await logsOn(desk, { user: 'alice' });

    expect(await pull(first.cursor)).toMatchObject({
      full: 'yes',
      reason: 'cursor-too-old',
      rows: [{ user: 'alice' }],
    });
  });

  test('after a commit that changes no row goes on as if nothing was', async () => {
    commit('acme\\staff', 'acme\\guests');
    await logsOn(desk, { user: 'alice' });
    const first = await pull();

    configuration = { ...configuration, policies: [policyOn('ACME\\guests', 'any'), policyOn('acme\\staff', 'acme\\guests')], defaultPolicy: 'permit' }; // prettier-ignore

    expect(await pull(first.cursor)).toMatchObject({ full: 'no' });
  });

  test('tells the whole table when a source falls silent and when it is back: rows change though nothing was written', async () => {
    const settingsWith = (silences: readonly Silence[]) => async () =>
      Promise.resolve({ ...settings(), readingAt: (at: number) => ({ ...settings().readingAt(at), silences }) });
    const first = await pull();
    const silence = { source: 'aruba-clearpass', since: noon - 1, action: 'keep' } as const;

    deps = { ...deps, settingsOf: settingsWith([silence]) };
    const second = await pull(first.cursor);
    const third = await pull(second.cursor);
    deps = { ...deps, settingsOf: settingsWith([]) };
    const fourth = await pull(third.cursor);

    const reasons = [second, third, fourth].map(({ full, reason }) => [full, reason]);
    expect(reasons).toEqual([
      ['yes', 'source-silent-or-back'],
      ['no', undefined],
      ['yes', 'source-silent-or-back'],
    ]);
  });

  test('tells the whole table also after a silence of which no pull heard, where timers stood still in it', async () => {
    const whenSilent = { ...defaults.whenSilent, 'aruba-clearpass': { action: 'freeze', afterMinutes: 5 } } as const;
    const settingsWith = (...heardAt: readonly number[]) => {
      const record = heardAt.reduce<SourceHeard | undefined>(heard, undefined);
      const records = new Map(record && [['aruba-clearpass' as const, record]]);
      return async () =>
        Promise.resolve({ ...settings(), readingAt: heardReading({ ...configuration, whenSilent }, records) });
    };
    await logsOn(desk, { user: 'alice' }, 30);
    deps = { ...deps, settingsOf: settingsWith(noon) };
    const before = await pull();
    now = noon + minutes(21);
    deps = { ...deps, settingsOf: settingsWith(noon, noon + minutes(20)) };

    const after = await pull(before.cursor);

    expect(before.rows).toMatchObject([{ user: 'alice', expiresAt: noon + minutes(30) }]);
    expect(after).toMatchObject({ full: 'yes', reason: 'source-silent-or-back' });
    expect(after.rows).toMatchObject([{ user: 'alice', expiresAt: noon + minutes(45) }]);
    expect(await pull(after.cursor)).toMatchObject({ full: 'no' });
  });

  test('tells a tenant nothing of another, and refuses its cursor', async () => {
    await happens(desk, told(aLogon({ user: 'gwen' })), 'userid', globex);
    const [ours, theirs] = [puller(), puller(globex)];
    await ours.pull();
    await theirs.pull();
    await logsOn(desk, { user: 'alice' });
    await ours.pull();
    await theirs.pull();

    expect(ours.shown()).toEqual({ [desk]: 'acme\\alice: ' });
    expect(theirs.shown()).toEqual({ [desk]: 'acme\\gwen: ' });
    await expect(pull(theirs.cursor())).rejects.toMatchObject({ code: 'cursor-invalid' });
  });

  test('refuses a cursor of a time that is still to come', async () => {
    const { cursor } = await pull();

    await expect(pull({ ...cursor, at: stampPosition(now + 6_000) })).rejects.toMatchObject({ code: 'cursor-invalid' });
  });
});

test.each<[string, object]>([
  ['nothing', {}],
  ['no tenant', { tenant: 1 }],
  ['an instant that is none', { at: 'soon' }],
  ['seconds that are none', { seconds: [1] }],
  ['more than a cursor holds', { more: true }],
])('a cursor with %s in it is none', async (what, changed) => {
  const { cursor } = await pull();

  expect(isForwardingCursor(cursor)).toBe(true);
  expect(isForwardingCursor(what === 'nothing' ? {} : { ...cursor, ...changed })).toBe(false);
});

describe('after any posts, deletes, expiries and commits', () => {
  type Step = { readonly event: Event; readonly slot: Slot; readonly ip: string } | { readonly commit: readonly string[]; readonly local: number } | { readonly minutes: number }; // prettier-ignore
  const ip = fc.constantFrom(desk, '192.0.2.51', '2001:db8::50');
  const logon = (slot: Slot, origin: Logon['origin']) =>
    fc.record({
      slot: fc.constant(slot),
      ip,
      event: fc
        .record({
          origin: fc.constant(origin),
          user: fc.constantFrom('alice', 'bob'),
          domain: fc.constantFrom('acme', 'GLOBAL'),
          groups: fc.subarray(['posture-healthy', 'staff', 'guests']),
          instant: fc.nat({ max: 9 }).map(instant),
        }) // prettier-ignore
        .chain((who) => fc.constantFrom(10, 30, 0).map((length) => told(aLogon(who), length))),
    });
  const step: fc.Arbitrary<Step> = fc.oneof(
    { arbitrary: logon('userid', 'aruba-clearpass'), weight: 4 },
    { arbitrary: logon('local', 'local'), weight: 2 },
    { arbitrary: fc.record({ slot: fc.constant<Slot>('userid'), ip, event: fc.nat({ max: 9 }).map((at) => told(aLogoff({ instant: instant(at) }))) }), weight: 2 }, // prettier-ignore
    { arbitrary: fc.record({ slot: fc.constantFrom<Slot>('userid', 'local'), ip, event: fc.constantFrom<Event>(deleted, { kind: 'missed', delayMs: 1_000 }) }), weight: 2 }, // prettier-ignore
    { arbitrary: fc.record({ commit: fc.subarray(['acme\\staff', 'guests', '*\\posture-healthy']), local: fc.constantFrom(100, 120, 0) }), weight: 1 }, // prettier-ignore
    { arbitrary: fc.record({ minutes: fc.constantFrom(0.3, 5, 11, 31, 70) }), weight: 3 },
  );

  test('the forwarding table equals its definition recomputed from scratch, told whole or change by change', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 15 }), async (steps) => {
        table = { ...table, entries: fakeEntryStore() };
        deps = { ...deps, ...table };
        [now, configuration] = [noon, defaults];
        const follower = puller(acme, 2);
        for (const each of steps) {
          if ('event' in each) await happens(each.ip, each.event, each.slot);
          else if ('minutes' in each) now += minutes(each.minutes);
          else {
            commit(...each.commit);
            configuration = { ...configuration, priorities: { ...configuration.priorities, local: each.local } };
          }
          const { items } = await table.entries.walk(acme, { limit: Infinity });
          const whole = puller(acme, 2);
          await whole.pull();
          await follower.pull();
          const defined = sorted(forwardingTable(items, configuration, now));
          expect(sorted(whole.tableAt(now))).toEqual(defined);
          expect(sorted(follower.tableAt(now))).toEqual(defined);
        }
      }),
      { numRuns: 300, seed: 11 },
    );
  });

  const sorted = (all: ReadonlyMap<string, unknown>) => [...all].sort(([one], [other]) => (one < other ? -1 : 1));
});
