import { defaults } from '../../shared/configuration/configuration.ts';
import { whoIs } from '../../shared/decisions/who.ts';
import type { Entry, Item } from '../../shared/identity/entry.ts';
import type { Micros } from '../../shared/identity/observation.ts';
import { plainReading } from '../../shared/identity/silence.ts';
import { desk } from '../support/observations.ts';

const entry: Entry = {
  origin: 'aruba-clearpass',
  domain: 'acme',
  user: 'ann',
  groups: ['staff'],
  device: {},
  instant: 0 as Micros,
  firstSeen: 0,
  heldSince: 0,
  storedAt: 0,
  timeoutMinutes: 30,
};
const item = (told: Partial<Item> = {}): Item => ({ state: 'valid', expiresAt: 1_000, deleteAt: 2, entry, order: { logoffs: [] }, ...told }); // prettier-ignore
const seen = (...items: readonly Item[]) =>
  whoIs(
    items.map((each) => ({ ip: desk, slot: 'userid', item: each })),
    plainReading(defaults)(999),
  );

test('a live valid entry is its user', () => {
  expect(seen(item())).toEqual({
    state: 'valid',
    domain: 'acme',
    user: 'ann',
    groups: ['staff'],
    origin: 'aruba-clearpass',
    device: {},
  });
});

test.each(['invalid', 'pending', 'init'] as const)(
  'an entry that is %s is nobody yet, whoever was there before',
  (state) => {
    expect(seen(item({ state }))).toEqual({ state });
  },
);

test.each([
  ['no entry', []],
  ['an entry that has ended', [item({ state: 'ended' })]],
  ['an entry that expires at this millisecond', [item({ expiresAt: 999 })]],
])('%s is nobody', (_, absent) => {
  expect(seen(...absent)).toEqual({ state: 'none' });
});
