import type { IpAddress } from '../../shared/identity/address.ts';
import { type GoodPoll, reconcile, type Reconciling } from '../../shared/infected-hosts/reconcile.ts';
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
  approvedLoss: 0,
};
const many = (count: number, missedAt: number | null = null) =>
  Array.from({ length: count }, (_, at) =>
    aHost({ ip: address(at), listings: { 'atp-cloud': aListing({ missedAt }) } }),
  );
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
  [11, 6, { lost: 6, of: 11 }],
  [12, 6, null],
  [12, 12, { lost: 12, of: 12 }],
])('of %i hosts %i lost at once is a loss of %j', (count, lost, loss) => {
  const left = many(count).slice(lost).map(({ ip }) => [ip, 7] as const); // prettier-ignore
  const reconciled = reconcile(many(count), poll(left), settings);
  expect(reconciled.loss).toEqual(loss);
  expect(reconciled.happened).toHaveLength(loss === null ? lost : 0);
});

test('a loss that nobody has approved frees nobody, also not those that were missed before, and what is new is heard', () => {
  const hosts = [...many(12), aHost({ listings: { 'atp-cloud': aListing({ missedAt: noon }) } })];
  expect(kinds(hosts, poll([[address(99), 7]]), settings)).toEqual(['listed']);
});

test('a loss that was approved is believed, and one that grew beyond it is not', () => {
  expect(kinds(many(12), poll([]), { ...settings, approvedLoss: 12 })).toHaveLength(12);
  expect(kinds(many(13), poll([]), { ...settings, approvedLoss: 12 })).toEqual([]);
});

test('an address that another connector has now is moved, and one that its connector knows of is not', () => {
  const host = aHost({ operations: [anOperation({ connector: 'pps', state: 'acknowledged' })] });
  const at = (connector: string | null) => kinds([host], poll([[desk, 7]]), { ...settings, connectorOf: () => connector }); // prettier-ignore
  expect(at('pps')).toEqual([]);
  expect(at('ise')).toEqual(['moved']);
  expect(at(null)).toEqual(['moved']);
});
