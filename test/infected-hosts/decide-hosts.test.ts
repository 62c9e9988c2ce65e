import { actOnHost } from '../../shared/infected-hosts/act-on-host.ts';
import { hostDecisions } from '../../shared/infected-hosts/decide-hosts.ts';
import { wantedOf } from '../../shared/infected-hosts/host.ts';
import { advanceHost } from '../../shared/infected-hosts/host-table.ts';
import type { Hold } from '../../shared/endpoints/endpoint.ts';
import type { IpAddress } from '../../shared/identity/address.ts';
import type { TenantId } from '../../shared/tenancy/tenant.ts';
import { byPoll, fakeActsOnHosts } from '../support/acts-on-hosts.ts';
import { laptop, phone } from '../support/endpoints.ts';
import { isListed } from '../support/hosts.ts';
import { acme, desk, globex, noon } from '../support/observations.ts';

const by = { name: 'soc', cause: 'approval-1' };
const address = (last: number) => `198.51.100.${String(last)}` as IpAddress;

const about = (ip: IpAddress, cause = 'poll-1') => ({ ip, feed: 'atp-cloud' as const, cause });

function deciding() {
  const fakes = fakeActsOnHosts();
  const wanted = async (ip: IpAddress) => {
    const stored = await fakes.deps.hosts.read(acme, ip);
    return stored && wantedOf(stored.host);
  };
  return { ...fakes, ...hostDecisions(fakes.deps), wanted };
}

test('what was held is done or dropped, once', async () => {
  const { deps, holding, release, drop, wanted } = deciding();
  for (const ip of [address(1), address(2)]) {
    holding.set(ip, 'blast-radius');
    await actOnHost(deps, acme, ip, isListed(), byPoll());
  }

  expect(await release(globex, about(address(1)), by)).toMatchObject({ outcome: 'nothing-to-do' });
  expect(await release(acme, about(address(1)), by)).toMatchObject({ outcome: 'done' });
  expect(await release(acme, about(address(1)), by)).toMatchObject({ outcome: 'nothing-to-do' });
  expect(await drop(acme, about(address(2)), by)).toMatchObject({ outcome: 'done' });
  expect(await drop(acme, about(address(2)), by)).toMatchObject({ outcome: 'nothing-to-do' });
  expect(await release(acme, about(address(2)), by)).toMatchObject({ outcome: 'nothing-to-do' });
  expect([await wanted(address(1)), await wanted(address(2))]).toEqual(['quarantined', 'free']);
});

test('an old question decides nothing about what was done since for another cause, or without a question', async () => {
  const { deps, connectors, holding, release, drop, wanted } = deciding();
  connectors.set(desk, 'pps');
  await actOnHost(deps, acme, desk, isListed({ cause: 'poll-2' }), byPoll('poll-2'));

  expect(await drop(acme, about(desk, 'poll-1'), by)).toMatchObject({ outcome: 'nothing-to-do' });
  expect(await drop(acme, about(desk, 'poll-2'), by)).toMatchObject({ outcome: 'nothing-to-do' });
  expect(await wanted(desk)).toBe('quarantined');

  holding.set(address(1), 'blast-radius');
  await actOnHost(deps, acme, address(1), isListed({ cause: 'poll-3' }), byPoll('poll-3'));
  expect(await release(acme, about(address(1), 'poll-1'), by)).toMatchObject({ outcome: 'nothing-to-do' });
  expect(await wanted(address(1))).toBe('free');
});

test('what the allow list has by then is not done by an approval, and is done when a poll finds it off the list', async () => {
  const { deps, lines, connectors, holding, release, wanted } = deciding();
  connectors.set(desk, 'pps');
  holding.set(desk, 'blast-radius');
  await actOnHost(deps, acme, desk, isListed(), byPoll());
  holding.set(desk, 'allow-list');

  expect(await release(acme, about(desk), by)).toMatchObject({ outcome: 'allow-list' });
  expect([await wanted(desk), lines.at(-1)?.code]).toEqual(['free', 'allow-list']);
  expect(await actOnHost(deps, acme, desk, isListed(), byPoll('poll-2'))).toMatchObject({ outcome: 'repeated' });
  holding.delete(desk);
  expect(await actOnHost(deps, acme, desk, isListed({ cause: 'poll-3' }), byPoll('poll-3'))).toMatchObject({ outcome: 'appeared', operations: [{ wanted: 'quarantined' }] }); // prettier-ignore
});

test('everything that one poll did is undone, what another did stays, and twice is once', async () => {
  const { deps, lines } = fakeActsOnHosts();
  const { undoHosts } = hostDecisions(deps);
  for (const last of [1, 2, 3]) await actOnHost(deps, acme, address(last), isListed({ cause: 'poll-7' }), byPoll('poll-7')); // prettier-ignore
  await actOnHost(deps, acme, desk, isListed({ cause: 'poll-8' }), byPoll('poll-8'));
  await actOnHost(deps, globex, address(1), isListed({ cause: 'poll-7' }), byPoll('poll-7'));

  const page = { limit: 99, untilAt: Infinity };
  const undone = await undoHosts(acme, 'poll-7', page, by);
  expect(undone.hosts.map(({ ip, came }) => [ip, came.came === 'done' && came.result.outcome])).toEqual([1, 2, 3].map((last) => [address(last), 'undone'])); // prettier-ignore
  expect(lines.filter(({ code }) => code === 'undone')).toHaveLength(3);
  expect(await undoHosts(acme, 'poll-7', page, by)).toEqual({ hosts: [], left: 'none' });
  const left = (await deps.hosts.list(acme, { limit: 9 })).hosts.filter(({ host }) => wantedOf(host) !== 'free');
  expect(left.map(({ host }) => host.ip)).toEqual([desk]);
  expect(wantedOf((await deps.hosts.read(globex, address(1)))?.host ?? { listings: {} })).toBe('quarantined');
});

test('an undo goes on where the one before stopped, whatever stopped it, and ends', async () => {
  let now = noon;
  const { deps } = fakeActsOnHosts({ now: () => now });
  const { undoHosts } = hostDecisions(deps);
  for (let last = 1; last <= 5; last += 1) await actOnHost(deps, acme, address(last), isListed({ cause: 'poll-7' }), byPoll('poll-7')); // prettier-ignore
  const undo = async (limit: number, untilAt = Infinity) => {
    const { hosts, left } = await undoHosts(acme, 'poll-7', { limit, untilAt }, by);
    return [hosts.filter(({ came }) => came.came === 'done').map(({ ip }) => ip), left];
  };

  expect(await undo(2)).toEqual([[address(1), address(2)], 'some']);
  expect(await undo(9, noon)).toEqual([[], 'some']);
  now += 1;
  expect(await undo(2)).toEqual([[address(3), address(4)], 'some']);
  expect(await undo(2)).toEqual([[address(5)], 'none']);
  expect(await undo(2)).toEqual([[], 'none']);
});

test('a rise that is undone is what it was before, until the host has left; undone from below, the rise stays', async () => {
  const { deps, connectors } = fakeActsOnHosts();
  connectors.set(desk, 'pps');
  const { undoHosts } = hostDecisions(deps);
  const page = { limit: 9, untilAt: Infinity };
  const wanted = async (ip: IpAddress) => wantedOf((await deps.hosts.read(acme, ip))?.host ?? { listings: {} });
  const rises = async (ip: IpAddress, cause = 'poll-8') => actOnHost(deps, acme, ip, isListed({ level: 10, wanted: 'blocked', cause }), byPoll(cause)); // prettier-ignore
  for (const ip of [desk, address(1)]) {
    await actOnHost(deps, acme, ip, isListed({ cause: 'poll-7' }), byPoll('poll-7'));
    await rises(ip);
  }

  await undoHosts(acme, 'poll-8', page, by);
  expect([await wanted(desk), await wanted(address(1))]).toEqual(['quarantined', 'quarantined']);
  expect((await deps.hosts.read(acme, desk))?.host.operations[0]).toMatchObject({ wanted: 'quarantined', why: 'undone' }); // prettier-ignore
  expect(await rises(desk, 'poll-9')).toMatchObject({ outcome: 'silenced', operations: [] });
  expect((await undoHosts(acme, 'poll-8', page, by)).hosts).toEqual([]);
  await undoHosts(acme, 'poll-7', page, by);
  expect(await wanted(desk)).toBe('free');

  await actOnHost(deps, acme, address(2), isListed({ cause: 'poll-10' }), byPoll('poll-10'));
  await rises(address(2), 'poll-11');
  await undoHosts(acme, 'poll-10', page, by);
  expect(await wanted(address(2))).toBe('blocked');
  await undoHosts(acme, 'poll-11', page, by);
  expect(await wanted(address(2))).toBe('free');
});

test('what an operator let go on an endpoint is let go in the feeds, of addresses that they list, and of no other tenant', async () => {
  const { deps, lines } = fakeActsOnHosts();
  for (const tenant of [acme, globex]) await actOnHost(deps, tenant, desk, isListed(), byPoll());

  const letGo = { mac: laptop, hold: 'all', through: [desk, desk], has: [desk, address(9)] } as const;
  await hostDecisions(deps).letGo(acme, letGo, by);
  await hostDecisions(deps).letGo(acme, letGo, by);

  expect(lines.map(({ tenant, code }) => `${tenant} ${code}`)).toEqual([
    'acme unmanaged',
    'globex unmanaged',
    'acme cleared',
  ]);
  expect(await actOnHost(deps, acme, desk, isListed({ level: 9, wanted: 'blocked' }), byPoll('poll-2'))).toMatchObject({ outcome: 'silenced' }); // prettier-ignore
  expect(wantedOf((await deps.hosts.read(globex, desk))?.host ?? { listings: {} })).toBe('quarantined');
});

test('a clear of a device lets go no host that is held for another one, whatever the device was once held through', async () => {
  const { deps, connectors } = fakeActsOnHosts();
  const [others, own, unknown] = [address(1), address(2), address(3)] as const;
  for (const tenant of [acme, globex]) {
    for (const [ip, mac] of [
      [others, phone],
      [own, laptop],
      [unknown, null],
    ] as const) {
      connectors.set(ip, 'ise');
      const { operations } = await actOnHost(deps, tenant, ip, isListed(), byPoll());
      if (mac) await advanceHost(deps, tenant, ip, { kind: 'device-found', id: operations[0]?.id ?? '', mac });
    }
  }

  await hostDecisions(deps).letGo(
    acme,
    { mac: laptop, hold: 'all', through: [others, own, unknown], has: [others] },
    by,
  );

  const wanted = async (tenant: TenantId) => Promise.all([others, own, unknown].map(async (ip) => wantedOf((await deps.hosts.read(tenant, ip))?.host ?? { listings: {} }))); // prettier-ignore
  expect(await wanted(acme)).toEqual(['quarantined', 'free', 'free']);
  expect(await wanted(globex)).toEqual(['quarantined', 'quarantined', 'quarantined']);
});

test('a clear of one kind lets go a host that is held so, and leaves one that is held otherwise, whatever else is wanted of it', async () => {
  const { deps, connectors, holding } = fakeActsOnHosts();
  const [both, waits, asked] = [address(1), address(2), address(3)] as const;
  const block = { level: 10, wanted: 'blocked', cause: 'poll-2' } as const;
  for (const ip of [both, waits]) {
    connectors.set(ip, 'pps');
    await actOnHost(deps, acme, ip, isListed({ feed: ip === both ? 'api' : 'atp-cloud' }), byPoll());
  }
  for (const ip of [waits, asked]) holding.set(ip, 'blast-radius');
  for (const ip of [both, waits, asked]) await actOnHost(deps, acme, ip, isListed(block), byPoll('poll-2'));
  const wanted = async () => Promise.all([both, waits, asked].map(async (ip) => wantedOf((await deps.hosts.read(acme, ip))?.host ?? { listings: {} }))); // prettier-ignore
  const clear = async (hold: Hold, ip: IpAddress) => hostDecisions(deps).letGo(acme, { mac: laptop, hold, through: [ip], has: [] }, by); // prettier-ignore
  expect(await wanted()).toEqual(['blocked', 'quarantined', 'free']);

  await clear('quarantined', both);
  await clear('blocked', waits);
  expect(await wanted()).toEqual(['blocked', 'quarantined', 'free']);
  await clear('blocked', both);
  await clear('quarantined', waits);
  await clear('blocked', asked);
  expect(await wanted()).toEqual(['free', 'free', 'free']);
  const outcomes = [both, waits, asked].map(async (ip) => (await actOnHost(deps, acme, ip, isListed({ ...block, cause: 'poll-3' }), byPoll('poll-3'))).outcome); // prettier-ignore
  expect(await Promise.all(outcomes)).toEqual(['silenced', 'silenced', 'silenced']);
});

test('an endpoint that is let go is so through every address that is listed of it, of the kind that is cleared, and through no other device’s', async () => {
  const { deps, connectors } = fakeActsOnHosts();
  const [own, left, others, stricter] = [address(1), address(2), address(3), address(4)] as const;
  const devices = new Map([[own, laptop], [left, laptop], [others, phone], [stricter, laptop]]); // prettier-ignore
  for (const [ip, mac] of devices) {
    connectors.set(ip, 'ise');
    const { operations } = await actOnHost(deps, acme, ip, isListed({ wanted: ip === stricter ? 'blocked' : 'quarantined' }), byPoll()); // prettier-ignore
    await advanceHost(deps, acme, ip, { kind: 'device-found', id: operations[0]?.id ?? '', mac });
  }

  await hostDecisions(deps).letGo(acme, { mac: laptop, hold: 'quarantined', through: [], has: [own, others, stricter] }, by); // prettier-ignore

  const wanted = async (ip: IpAddress) => wantedOf((await deps.hosts.read(acme, ip))?.host ?? { listings: {} });
  expect(await Promise.all([own, left, others, stricter].map(wanted))).toEqual(['free', 'free', 'quarantined', 'blocked']); // prettier-ignore
});
