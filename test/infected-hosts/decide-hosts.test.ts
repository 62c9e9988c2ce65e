import { actOnHost } from '../../shared/infected-hosts/act-on-host.ts';
import { hostDecisions } from '../../shared/infected-hosts/decide-hosts.ts';
import { wantedOf } from '../../shared/infected-hosts/host.ts';
import type { IpAddress } from '../../shared/identity/address.ts';
import { byPoll, fakeActsOnHosts } from '../support/acts-on-hosts.ts';
import { isListed } from '../support/hosts.ts';
import { acme, desk, globex } from '../support/observations.ts';

const by = { name: 'soc', cause: 'approval-1' };
const address = (last: number) => `198.51.100.${String(last)}` as IpAddress;

test('what was held is done or dropped, once', async () => {
  const { deps, holding } = fakeActsOnHosts();
  const { release, drop } = hostDecisions(deps);
  const wanted = async (ip: IpAddress) => {
    const stored = await deps.hosts.read(acme, ip);
    return stored && wantedOf(stored.host);
  };
  for (const ip of [address(1), address(2)]) {
    holding.set(ip, 'blast-radius');
    await actOnHost(deps, acme, ip, isListed(), byPoll());
  }

  expect(await release(acme, address(1), 'atp-cloud', by)).toMatchObject({ outcome: 'done' });
  expect(await release(acme, address(1), 'atp-cloud', by)).toMatchObject({ outcome: 'nothing-to-do' });
  expect(await drop(acme, address(2), 'atp-cloud', by)).toMatchObject({ outcome: 'done' });
  expect(await drop(acme, address(2), 'atp-cloud', by)).toMatchObject({ outcome: 'nothing-to-do' });
  expect(await release(acme, address(2), 'atp-cloud', by)).toMatchObject({ outcome: 'nothing-to-do' });
  expect(await release(globex, address(1), 'atp-cloud', by)).toMatchObject({ outcome: 'nothing-to-do' });
  expect([await wanted(address(1)), await wanted(address(2))]).toEqual(['quarantined', 'free']);
});

test('everything that one poll did is undone, what another did stays, and twice is once', async () => {
  const { deps, lines } = fakeActsOnHosts();
  const { undoHosts } = hostDecisions(deps);
  for (const last of [1, 2, 3]) await actOnHost(deps, acme, address(last), isListed({ cause: 'poll-7' }), byPoll('poll-7')); // prettier-ignore
  await actOnHost(deps, acme, desk, isListed({ cause: 'poll-8' }), byPoll('poll-8'));
  await actOnHost(deps, globex, address(1), isListed({ cause: 'poll-7' }), byPoll('poll-7'));

  const undone = await undoHosts(acme, 'poll-7', 99, by);
  expect(undone.map(({ ip, feed, outcome }) => [ip, feed, outcome])).toEqual([1, 2, 3].map((last) => [address(last), 'atp-cloud', 'done'])); // prettier-ignore
  expect(lines.filter(({ code }) => code === 'undone')).toHaveLength(3);
  expect((await undoHosts(acme, 'poll-7', 2, by)).map(({ outcome }) => outcome)).toEqual(['nothing-to-do', 'nothing-to-do']); // prettier-ignore
  const left = (await deps.hosts.list(acme, { limit: 9 })).hosts.filter(({ host }) => wantedOf(host) !== 'free');
  expect(left.map(({ host }) => host.ip)).toEqual([desk]);
  expect(wantedOf((await deps.hosts.read(globex, address(1)))?.host ?? { listings: {} })).toBe('quarantined');
});

test('what an operator let go on an endpoint is let go in the feeds, of addresses that they list, and of no other tenant', async () => {
  const { deps, lines } = fakeActsOnHosts();
  for (const tenant of [acme, globex]) await actOnHost(deps, tenant, desk, isListed(), byPoll());

  await hostDecisions(deps).letGo(acme, [desk, desk, address(9)], by);

  expect(lines.map(({ tenant, code }) => `${tenant} ${code}`)).toEqual([
    'acme unmanaged',
    'globex unmanaged',
    'acme cleared',
  ]);
  expect(await actOnHost(deps, acme, desk, isListed({ level: 9, wanted: 'blocked' }), byPoll('poll-2'))).toMatchObject({ outcome: 'silenced' }); // prettier-ignore
  expect(wantedOf((await deps.hosts.read(globex, desk))?.host ?? { listings: {} })).toBe('quarantined');
});
