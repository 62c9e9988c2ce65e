/** Whom a listing means, and whom the allow list spares, while addresses move from one device to another. */
import { hostApprovalId } from '../../shared/admission/approval.ts';
import { threatResponseDefaults } from '../../shared/configuration/threat-response.ts';
import { advanceEndpoint } from '../../shared/endpoints/endpoint-table.ts';
import type { Mac } from '../../shared/endpoints/mac.ts';
import { ipAddress } from '../../shared/identity/address.ts';
import { actOnHost } from '../../shared/infected-hosts/act-on-host.ts';
import { hostDecisions } from '../../shared/infected-hosts/decide-hosts.ts';
import { hostGuards } from '../../shared/infected-hosts/guard-hosts.ts';
import { wantedOf } from '../../shared/infected-hosts/host.ts';
import { byPoll, fakeActsOnHosts } from '../support/acts-on-hosts.ts';
import { aRecord, laptop, phone } from '../support/endpoints.ts';
import { fakeActionBudget, fakeApprovalStore } from '../support/fake-admission-stores.ts';
import { fakeEndpointTable } from '../support/fake-endpoint-store.ts';
import { isListed } from '../support/hosts.ts';
import { acme, globex, minutes, noon } from '../support/observations.ts';

const address = ipAddress('10.1.0.50');
const another = ipAddress('10.1.0.51');
const days = (count: number) => minutes(count * 24 * 60);

function aWorld({ guards = {}, ...allowed }: { macs?: string[]; users?: string[]; guards?: object } = {}) {
  let at = noon;
  const endpointTable = fakeEndpointTable();
  const fakes = fakeActsOnHosts({ now: () => at });
  const approvals = fakeApprovalStore();
  const allowList = { ...threatResponseDefaults.allowList, ...allowed };
  const settings = { allowList, guards: { ...threatResponseDefaults.guards, ...guards } };
  const settingsOf = async () => Promise.resolve(settings);
  const guarding = { endpoints: endpointTable.endpoints, approvals, budget: fakeActionBudget(), settingsOf, now: () => at }; // prettier-ignore
  const deps = { ...fakes.deps, guards: hostGuards(guarding) };
  let polls = 0;
  const later = (ms: number) => {
    at += ms;
    endpointTable.moveTo(at);
  };
  const hears = async (mac: Mac, status: 'start' | 'stop', tenant = acme) => {
    const session = `${mac} ${String(polls)}`;
    const record = aRecord({ instant: at, ip: address, user: mac === laptop ? 'printer' : 'alice', acctSessionId: status === 'start' ? session : (open.get(mac) ?? ''), status }); // prettier-ignore
    if (status === 'start') open.set(mac, session);
    await advanceEndpoint(endpointTable, tenant, mac, { kind: 'accounted', record });
    later(1_000);
  };
  const open = new Map<Mac, string>();
  const host = async () => (await deps.hosts.read(acme, address))?.host;
  return {
    later,
    host,
    settings,
    joins: async (mac: Mac, tenant = acme) => hears(mac, 'start', tenant),
    leaves: async (mac: Mac) => hears(mac, 'stop'),
    polls: async (level = 7, wanted: 'quarantined' | 'blocked' = 'quarantined') => {
      const cause = `poll-${String((polls += 1))}`;
      const { outcome, heldBy } = await actOnHost(deps, acme, address, isListed({ level, wanted, cause }), byPoll(cause)); // prettier-ignore
      later(minutes(5));
      return heldBy ?? outcome;
    },
    /** Another host takes the one act that the cap allows. */
    fillsTheCap: async () => actOnHost(deps, acme, another, isListed({ cause: 'other' }), byPoll('other')),
    approves: async () => {
      const asked = await approvals.read(acme, hostApprovalId(address, 'atp-cloud'));
      if (asked?.subject.kind !== 'host') throw new Error('Nobody was asked.');
      const about = { ip: address, feed: 'atp-cloud', cause: asked.subject.cause } as const;
      return (await hostDecisions(deps).release(acme, about, { name: 'soc', cause: 'approval-1' })).outcome;
    },
    wanted: async () => wantedOf((await host()) ?? { listings: {} }),
  };
}

test('whoever gets the address of a device that the allow list spares is not acted on for it', async () => {
  const { joins, leaves, polls, wanted, settings } = aWorld({ macs: [laptop] });
  await joins(laptop);
  expect(await polls()).toBe('allow-list');
  await leaves(laptop);
  await joins(phone);
  expect([await polls(), await wanted()]).toEqual(['repeated', 'free']);

  settings.allowList.macs = [];
  expect([await polls(), await wanted()]).toEqual(['appeared', 'quarantined']);
});

test.each([{ macs: [laptop] }, { users: ['PRINTER'] }])(
  'a device that is spared (%j) is so while it is away, however long, until the list has it no more',
  async (allowed) => {
    const { joins, leaves, polls, wanted, later, settings, host } = aWorld(allowed);
    await joins(laptop);
    const listedAt = noon + 1_000;
    expect(await polls()).toBe('allow-list');
    await leaves(laptop);
    expect(await polls()).toBe('repeated');
    later(days(60));
    await joins(laptop);
    await leaves(laptop);
    later(days(60));
    expect([await polls(), await wanted()]).toEqual(['repeated', 'free']);

    settings.allowList = threatResponseDefaults.allowList;
    expect([await polls(), await wanted()]).toEqual(['appeared', 'quarantined']);
    expect((await host())?.accused?.at).toBe(listedAt);
  },
);

test('a rise is about whoever has the address as it rises: a device that is away stays spared, another does not', async () => {
  const { joins, leaves, polls, wanted, host } = aWorld({ macs: [laptop] });
  await joins(laptop);
  await polls();
  await leaves(laptop);
  expect([await polls(9, 'blocked'), await wanted()]).toEqual(['allow-list', 'free']);
  await joins(phone);
  expect([await polls(9, 'blocked'), await wanted()]).toEqual(['repeated', 'free']);
  expect((await host())?.listings['atp-cloud']?.wanted).toBe('blocked');

  const other = aWorld({ macs: [laptop] });
  await other.joins(laptop);
  await other.polls();
  await other.leaves(laptop);
  await other.joins(phone);
  expect([await other.polls(9, 'blocked'), await other.wanted()]).toEqual(['rose', 'blocked']);
});

test('what rises is asked about the device that is held, whoever has its address by then', async () => {
  const { joins, leaves, polls, settings, wanted } = aWorld();
  await joins(laptop);
  expect(await polls()).toBe('appeared');
  await leaves(laptop);
  await joins(phone);
  settings.allowList = { ...settings.allowList, macs: [laptop] as never };
  expect([await polls(9, 'blocked'), await wanted()]).toEqual(['allow-list', 'quarantined']);
});

test('an approval holds whoever had the address when the feed called for it, however late it comes', async () => {
  const { joins, leaves, polls, fillsTheCap, approves, later, host } = aWorld({ guards: { mostActions: 1 } });
  await joins(laptop);
  const listedAt = noon + 1_000;
  await fillsTheCap();
  expect(await polls()).toBe('blast-radius');
  await leaves(laptop);
  await joins(phone);
  later(minutes(60));

  expect(await approves()).toBe('done');
  expect((await host())?.accused).toEqual({ at: listedAt, mac: null });
});

test('no approval passes the allow list that has the device by then, though another has its address, and it stays so', async () => {
  const { joins, leaves, polls, fillsTheCap, approves, settings, wanted, later } = aWorld({ guards: { mostActions: 1 } }); // prettier-ignore
  await joins(laptop);
  await joins(phone, globex);
  await fillsTheCap();
  await polls();
  await leaves(laptop);
  settings.allowList = { ...settings.allowList, macs: [laptop] as never };

  expect(await approves()).toBe('allow-list');
  later(days(60));
  await joins(phone);
  expect([await polls(), await wanted()]).toEqual(['repeated', 'free']);
});
