import type { IpAddress } from '../../shared/identity/address.ts';
import type { HeldLoss } from '../../shared/infected-hosts/feed.ts';
import { type GoodPoll, reconcile, type Reconciling } from '../../shared/infected-hosts/reconcile.ts';
import type { InfectedHost, Listing } from '../../shared/infected-hosts/host.ts';
import { aHost, aListing, anOperation } from '../support/hosts.ts';
import { desk, minutes, noon } from '../support/observations.ts';

const address = (last: number) => `198.51.100.${String(last)}` as IpAddress;
const poll = (list: readonly (readonly [IpAddress, number])[], told: Partial<GoodPoll> = {}): GoodPoll => ({
  id: 'poll-2',
  feed: 'atp-cloud',
  at: noon + minutes(5),
  list: new Map(list),
  ...told,
});
const settings: Reconciling = {
  rules: [
    { minLevel: 7, event: 'quarantine-endpoint' },
    { minLevel: 10, event: 'block-endpoint' },
  ],
  connectorOf: () => null,
  held: null,
  doubt: 'too-many',
};
const heldLoss = (told: Partial<HeldLoss> = {}): HeldLoss => ({
  ...{ since: noon + minutes(1), pollId: 'poll-1', lost: 12, of: 20, approvedAt: null, rejectedAt: null },
  ...told,
});
const many = (count: number, from = 0, told: Partial<Listing> = {}) =>
  Array.from({ length: count }, (_, at) =>
    aHost({ ip: address(from + at), listings: { 'atp-cloud': aListing(told) } }),
  );
const listOf = (hosts: readonly InfectedHost[]) => poll(hosts.map(({ ip }) => [ip, 7] as const));
const countOf = (all: readonly string[]) => Object.fromEntries([...new Set(all)].map((kind) => [kind, all.filter((each) => each === kind).length])); // prettier-ignore
const kinds = (...args: Parameters<typeof reconcile>) => reconcile(...args).happened.map(({ event }) => event.kind);

test('a host that is new is listed with what the rules call for at its level', () => {
  const { happened } = reconcile([], poll([[desk, 9], [address(1), 10], [address(2), 6]]), settings); // prettier-ignore
  expect(happened.map(({ event }) => event.kind === 'listed' && [event.wanted, event.level, event.cause])).toEqual([
    ['quarantined', 9, 'poll-2'],
    ['blocked', 10, 'poll-2'],
    ['free', 6, 'poll-2'],
  ]);
});

test('a list that is as it was, or whose levels fall, makes nothing happen', () => {
  expect(reconcile([aHost()], poll([[desk, 7]]), settings)).toEqual({ happened: [], loss: null });
  expect(kinds([aHost()], poll([[desk, 1]]), settings)).toEqual([]);
});

test('a level that rises, a host that is back, and a rule that calls for more are heard', () => {
  expect(kinds([aHost()], poll([[desk, 8]]), settings)).toEqual(['listed']);
  const missed = aHost({ listings: { 'atp-cloud': aListing({ missedAt: noon }) } });
  expect(kinds([missed], poll([[desk, 7]]), settings)).toEqual(['listed']);
  expect(kinds([aHost()], poll([[desk, 7]]), { ...settings, rules: [{ minLevel: 1, event: 'block-endpoint' }] })).toEqual(['listed']); // prettier-ignore
});

test('a host is missed by one good poll, and freed by another five minutes later', () => {
  expect(kinds([aHost()], poll([]), settings)).toEqual(['missed']);
  const missed = aHost({ listings: { 'atp-cloud': aListing({ missedAt: noon }) } });
  expect(kinds([missed], poll([], { at: noon + minutes(5) - 1 }), settings)).toEqual([]);
  expect(kinds([missed], poll([], { at: noon + minutes(5) }), settings)).toEqual(['freed']);
});

test('what another feed lists is not this one’s to miss', () => {
  expect(kinds([aHost({ listings: { api: aListing() } })], poll([]), settings)).toEqual([]);
});

test.each([
  [10, 10, null],
  [11, 5, null],
  [11, 6, { lost: 6, of: 11, isApproved: false }],
  [12, 6, null],
  [12, 12, { lost: 12, of: 12, isApproved: false }],
])('of %i hosts %i lost at once is a loss of %j', (count, lost, loss) => {
  const left = many(count).slice(lost).map(({ ip }) => [ip, 7] as const); // prettier-ignore
  const reconciled = reconcile(many(count), poll(left), settings);
  expect(reconciled.loss).toEqual(loss);
  expect(reconciled.happened.map(({ event }) => event.kind)).toEqual(Array.from({ length: lost }, () => (loss === null ? 'missed' : 'lost'))); // prettier-ignore
});

test('a loss that nobody has approved frees nobody, also not those that were missed before, and what is new is heard', () => {
  const hosts = [...many(12), aHost({ listings: { 'atp-cloud': aListing({ missedAt: noon }) } })];
  expect(countOf(kinds(hosts, poll([[address(99), 7]]), settings))).toEqual({ listed: 1, lost: 12 });
});

describe('while a loss is held', () => {
  const old = many(8);
  const lost = many(12, 8, { lostAt: noon + minutes(1) });
  const later = many(30, 100, { listedAt: noon + minutes(2) });

  test('hosts that appear since do not make it a loss of less than half: nobody is freed, and it is one loss', () => {
    const { happened, loss } = reconcile([...old, ...lost, ...later], listOf([...old, ...later]), { ...settings, held: heldLoss() }); // prettier-ignore
    expect(happened).toEqual([]);
    expect(loss).toEqual({ lost: 12, of: 20, isApproved: false });
  });

  test('whoever of those that were there leaves too is lost with them, and whoever is back is lost no more', () => {
    const held = { ...settings, held: heldLoss() };
    const { happened, loss } = reconcile([...old, ...lost], listOf([...old.slice(1), ...lost.slice(0, 2)]), held);
    expect(countOf(happened.map(({ event }) => event.kind))).toEqual({ listed: 2, lost: 1 });
    expect(loss).toEqual({ lost: 11, of: 18, isApproved: false });
    expect(reconcile([...old, ...lost], listOf([...old, ...lost]), held).loss).toBeNull();
  });

  test('nobody leaves while nobody has decided; once it is rejected whoever appeared since leaves by the rules again', () => {
    const hosts = [...old, ...lost, ...later];
    const without = listOf([...old, ...later.slice(1)]);
    expect(kinds(hosts, without, { ...settings, held: heldLoss() })).toEqual([]);
    expect(kinds(hosts, without, { ...settings, held: heldLoss({ rejectedAt: noon }) })).toEqual(['missed']);
  });

  test('those that appeared since are a loss of their own where more than half of them go at once', () => {
    const hosts = [...old, ...lost, ...later];
    const { happened, loss } = reconcile(hosts, listOf(old), { ...settings, held: heldLoss({ rejectedAt: noon }) });
    expect(countOf(happened.map(({ event }) => event.kind))).toEqual({ lost: 30 });
    expect(loss).toEqual({ lost: 42, of: 50, isApproved: false });
  });

  test('one that was approved is believed, and one that grew beyond it is not', () => {
    const approved = { ...settings, held: heldLoss({ approvedAt: noon }) };
    expect(countOf(kinds([...old, ...lost], listOf(old), approved))).toEqual({ missed: 12 });
    expect(kinds([...old, ...lost], listOf(old.slice(1)), approved)).toEqual(['lost']);
  });

  test('one whose worker was ended before it wrote that it is held is found by the hosts', () => {
    expect(reconcile([...old, ...lost], listOf(old), settings)).toEqual({ happened: [], loss: { lost: 12, of: 20, isApproved: false } }); // prettier-ignore
  });
});

test('of a feed that is switched off all hosts are doubted, however few, and freed once that is approved', () => {
  const off = { ...settings, doubt: 'all' } as const;
  expect(reconcile(many(2), poll([]), off)).toMatchObject({ loss: { lost: 2, of: 2, isApproved: false } });
  expect(kinds(many(2), poll([]), off)).toEqual(['lost', 'lost']);
  const held = heldLoss({ lost: 2, of: 2, approvedAt: noon });
  expect(kinds(many(2, 0, { lostAt: noon }), poll([]), { ...off, held })).toEqual(['missed', 'missed']);
  expect(reconcile([], poll([]), off).loss).toBeNull();
});

test('an address that another connector has now is moved, and one that its connector knows of is not', () => {
  const host = aHost({ operations: [anOperation({ connector: 'pps', state: 'acknowledged' })] });
  const at = (connector: string | null) => kinds([host], poll([[desk, 7]]), { ...settings, connectorOf: () => connector }); // prettier-ignore
  expect(at('pps')).toEqual([]);
  expect(at('ise')).toEqual(['moved']);
  expect(at(null)).toEqual(['moved']);
});
