import { actOnHost } from '../../shared/infected-hosts/act-on-host.ts';
import { advanceHost } from '../../shared/infected-hosts/host-table.ts';
import { byOperator, byPoll, fakeActsOnHosts } from '../support/acts-on-hosts.ts';
import { wantedOf } from '../../shared/infected-hosts/host.ts';
import { isListed } from '../support/hosts.ts';
import { acme, desk, globex, noon } from '../support/observations.ts';

test('a host that a feed lists is told to its connector, with a line, and a repeat says and does nothing', async () => {
  const { deps, told, lines, connectors, asked } = fakeActsOnHosts();
  connectors.set(desk, 'pps');
  const acted = await actOnHost(deps, acme, desk, isListed(), byPoll());
  const again = await actOnHost(deps, acme, desk, isListed(), byPoll('poll-2'));

  expect(acted).toMatchObject({ outcome: 'appeared', connector: 'pps', operations: [{ wanted: 'quarantined', cause: 'poll-1', why: 'listed' }] }); // prettier-ignore
  expect(again).toMatchObject({ outcome: 'repeated', operations: [] });
  expect(told).toEqual([{ tenant: acme, ip: desk }]);
  expect(asked).toEqual([desk]);
  expect(lines).toMatchObject([{ tenant: acme, state: 'applied', code: 'listed', sender: { kind: 'feed', name: 'atp-cloud' }, severity: 'high', action: 'quarantine', eventId: 'poll-1', changes: ['operation-1'] }]); // prettier-ignore
  expect(await deps.hosts.read(globex, desk)).toBeUndefined();
});

test('an address in no connector’s subnet is listed and said to be unmanaged, and nobody is told', async () => {
  const { deps, told, lines } = fakeActsOnHosts();
  await actOnHost(deps, acme, desk, isListed(), byPoll());
  expect(told).toEqual([]);
  expect(lines.map(({ state, code }) => [state, code])).toEqual([['ignored', 'unmanaged']]);
});

test('a level below all rules is listed, and no guard is asked', async () => {
  const { deps, asked, lines } = fakeActsOnHosts();
  await actOnHost(deps, acme, desk, isListed({ wanted: 'free', level: 3 }), byPoll());
  expect(asked).toEqual([]);
  expect(lines).toMatchObject([{ code: 'below-rules', severity: 'low' }]);
});

test.each([
  ['allow-list', 'ignored'],
  ['shared-address', 'held-for-approval'],
  ['blast-radius', 'held-for-approval'],
] as const)('what %s holds back is done by nobody, and its line says %s', async (heldBy, state) => {
  const { deps, told, lines, connectors, holding } = fakeActsOnHosts();
  connectors.set(desk, 'pps');
  holding.set(desk, heldBy);
  expect(await actOnHost(deps, acme, desk, isListed(), byPoll())).toMatchObject({ outcome: 'held', heldBy });
  expect(told).toEqual([]);
  expect(lines).toMatchObject([{ state, code: heldBy, flags: [heldBy], action: null }]);
});

test('what was held is done when an operator approves, and its question is closed when the feed lets go of it', async () => {
  const { deps, told, lines, connectors, holding, withdrawn } = fakeActsOnHosts();
  connectors.set(desk, 'pps');
  holding.set(desk, 'blast-radius');
  await actOnHost(deps, acme, desk, isListed(), byPoll());
  await actOnHost(deps, acme, desk, { kind: 'released', feed: 'atp-cloud' }, byOperator());
  expect(told).toHaveLength(1);
  expect(lines.at(-1)).toMatchObject({ code: 'approved', sender: { kind: 'operator', name: 'ops' }, action: 'quarantine' }); // prettier-ignore

  await actOnHost(deps, globex, desk, isListed(), byPoll());
  await actOnHost(deps, globex, desk, { kind: 'freed', feed: 'atp-cloud' }, byPoll('poll-3'));
  expect(withdrawn).toEqual([`${acme} ${desk} atp-cloud`, `${globex} ${desk} atp-cloud`]);
  expect(await deps.hosts.read(globex, desk)).toBeUndefined();
});

test('a host that is let go before its connector was told is not told at all', async () => {
  const { deps, lines, connectors } = fakeActsOnHosts();
  connectors.set(desk, 'pps');
  await actOnHost(deps, acme, desk, isListed(), byPoll());
  const acted = await actOnHost(deps, acme, desk, { kind: 'cleared' }, byOperator());
  expect(acted.host?.operations.map(({ state }) => state)).toEqual(['superseded']);
  expect(lines.map(({ code }) => code)).toEqual(['listed', 'cleared']);
});

test('an address that moves to another connector is told there, and taken back where it was', async () => {
  const { deps, lines, connectors } = fakeActsOnHosts();
  connectors.set(desk, 'pps');
  await actOnHost(deps, acme, desk, isListed(), byPoll());
  await advanceHost(deps, acme, desk, { kind: 'operation-taken', id: 'operation-1', leaseMs: 1 });
  connectors.set(desk, 'ise');
  const { operations } = await actOnHost(deps, acme, desk, { kind: 'moved' }, byPoll('poll-2'));
  expect(operations.map(({ connector, wanted, why }) => [connector, wanted, why]).sort()).toEqual([
    ['ise', 'quarantined', 'moved'],
    ['pps', 'free', 'moved'],
  ]);
  expect(lines.at(-1)).toMatchObject({ code: 'moved', message: expect.stringContaining('ise') as unknown });
});

test('whoever finds at the write that the host would be acted on after all asks the guards before it is', async () => {
  const { deps, connectors, holding } = fakeActsOnHosts();
  connectors.set(desk, 'pps');
  await actOnHost(deps, acme, desk, isListed(), byPoll());
  holding.set(desk, 'blast-radius');
  const { hosts } = deps;
  let reads = 0;
  const racing = {
    ...deps,
    hosts: {
      ...hosts,
      read: async (...args: Parameters<typeof hosts.read>) => {
        const found = await hosts.read(...args);
        // In between it leaves the feed.
        if (++reads === 1) await advanceHost(deps, acme, desk, { kind: 'freed', feed: 'atp-cloud' });
        return found;
      },
    },
  };
  expect(await actOnHost(racing, acme, desk, isListed(), byPoll('poll-2'))).toMatchObject({ outcome: 'held', heldBy: 'blast-radius' }); // prettier-ignore
});

test('a connector that is added under a host that nobody was told of has to pass the guards, and a line says once that it waits', async () => {
  const { deps, told, lines, connectors, holding, asked } = fakeActsOnHosts();
  await actOnHost(deps, acme, desk, isListed(), byPoll());
  connectors.set(desk, 'pps');
  holding.set(desk, 'blast-radius');

  const acted = await actOnHost(deps, acme, desk, { kind: 'moved' }, byPoll('poll-2'));
  expect(acted.operations).toEqual([]);
  // Firewalls that had it in their feed keep it.
  expect(acted.host && wantedOf(acted.host)).toBe('quarantined');
  expect([told, lines.map(({ code }) => code)]).toEqual([[], ['unmanaged', 'blast-radius']]);

  for (const act of [
    { kind: 'missed', feed: 'atp-cloud', at: noon },
    isListed(),
    { kind: 'investigated', investigation: 'in-progress' },
  ] as const) {
    // prettier-ignore
    expect((await actOnHost(deps, acme, desk, act, byPoll('poll-3'))).operations).toEqual([]);
  }
  const approved = await actOnHost(deps, acme, desk, { kind: 'released', feed: 'atp-cloud', about: 'poll-1' }, byOperator()); // prettier-ignore
  expect(approved.operations).toMatchObject([{ connector: 'pps', wanted: 'quarantined' }]);
  expect(lines.map(({ code }) => code)).toEqual(['unmanaged', 'blast-radius', 'investigation', 'approved']);
  expect(new Set(asked)).toEqual(new Set([desk]));

  // From one connector to another it is the same act.
  connectors.set(desk, 'ise');
  expect((await actOnHost(deps, acme, desk, { kind: 'moved' }, byPoll('poll-4'))).operations).toMatchObject([{ connector: 'ise' }]); // prettier-ignore
  expect(await deps.hosts.read(globex, desk)).toBeUndefined();
});

test('of a host that leaves one of its feeds while it waits for its connector the other is asked about, once', async () => {
  const { deps, lines, connectors, holding } = fakeActsOnHosts();
  await actOnHost(deps, acme, desk, isListed(), byPoll());
  await actOnHost(deps, acme, desk, isListed({ feed: 'api', cause: 'push-1' }), byPoll('push-1'));
  connectors.set(desk, 'pps');
  holding.set(desk, 'blast-radius');
  await actOnHost(deps, acme, desk, { kind: 'freed', feed: 'atp-cloud' }, byPoll('poll-2'));
  await actOnHost(deps, acme, desk, { kind: 'moved' }, byPoll('poll-3'));

  expect(lines.filter(({ code }) => code === 'blast-radius').map(({ eventId }) => eventId)).toEqual(['poll-2']);
  expect(await deps.hosts.read(globex, desk)).toBeUndefined();
});

test('a host that waits with its connector is let go by whoever rejects it', async () => {
  const { deps, connectors, holding, withdrawn } = fakeActsOnHosts();
  await actOnHost(deps, acme, desk, isListed(), byPoll());
  connectors.set(desk, 'pps');
  holding.set(desk, 'blast-radius');
  await actOnHost(deps, acme, desk, { kind: 'moved' }, byPoll('poll-2'));

  const acted = await actOnHost(
    deps,
    acme,
    desk,
    { kind: 'dropped', feed: 'atp-cloud', about: 'poll-1' },
    byOperator(),
  );
  expect([acted.outcome, acted.operations, acted.host && wantedOf(acted.host)]).toEqual(['dropped', [], 'free']);
  expect(withdrawn).toEqual([`${acme} ${desk} atp-cloud`]);
  expect(await actOnHost(deps, globex, desk, { kind: 'dropped', feed: 'atp-cloud', about: 'poll-1' }, byOperator())).toMatchObject({ outcome: 'unchanged' }); // prettier-ignore
});

test.each([
  ['approved', ['blast-radius', 'approved'], 'quarantined'],
  ['rejected', ['blast-radius', 'rejected'], 'free'],
] as const)('what an operator %s while the host was being written is done at once', async (answer, codes, wanted) => {
  const { deps, lines, connectors, holding, answers } = fakeActsOnHosts();
  connectors.set(desk, 'pps');
  holding.set(desk, 'blast-radius');
  answers.set(desk, answer);
  const { host } = await actOnHost(deps, acme, desk, isListed(), byPoll());
  expect(host && wantedOf(host)).toBe(wanted);
  expect(lines.map(({ code }) => code)).toEqual(codes);
});
