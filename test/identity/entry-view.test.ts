import type { Listed } from '../../shared/identity/authentication-table.ts';
import { never } from '../../shared/identity/entry.ts';
import { entryViews, viewOf } from '../../shared/identity/entry-view.ts';
import { codeOf } from '../support/errors.ts';
import { aLogon, aMark, desk, instant, itemAfter, minutes, noon, told } from '../support/observations.ts';

const nothing = () => false;
const staff = (domain: string, group: string) => domain === 'acme' && group === 'staff';
const listed = (item = itemAfter(told(aLogon(), 30))): Listed => ({ ip: desk, slot: 'userid', item });

test('an entry shows everything that is known, instants in UTC', () => {
  expect(entryViews.authentication(listed(), staff)).toEqual({
    ip: desk,
    state: 'valid',
    domain: 'acme',
    user: 'alice',
    groups: ['posture-healthy', 'staff'],
    referencedGroups: ['staff'],
    droppedGroupsNamedByPolicy: [],
    posture: 'HEALTHY',
    source: 'Aruba ClearPass',
    origin: 'aruba-clearpass',
    device: { identity: 'alice-laptop', os: 'windows 10' },
    instant: '2026-03-01T12:00:00Z',
    firstSeen: new Date(noon).toISOString(),
    heldSince: new Date(noon).toISOString(),
    lastUpdated: new Date(noon).toISOString(),
    timeoutMinutes: 30,
    expiresAt: new Date(noon + minutes(30)).toISOString(),
    reason: null,
    receipt: null,
    silence: null,
  });
});

test('an enforcement point sees the interested groups only', () => {
  expect(entryViews.forwarding(listed(), staff)).toEqual({
    ip: desk,
    state: 'valid',
    domain: 'acme',
    user: 'alice',
    groups: ['staff'],
    silence: null,
  });
  expect(entryViews.forwarding(listed(), nothing)).toMatchObject({ groups: [] });
});

test('groups that a policy names and that the limits dropped are found with the entry', () => {
  const item = itemAfter(told(aLogon({ groups: ['others'], droppedGroups: ['more', 'staff'] })));

  expect(entryViews.authentication(listed(item), staff)).toMatchObject({
    referencedGroups: [],
    droppedGroupsNamedByPolicy: ['staff'],
  });
});

test('what never expires has no end', () => {
  const item = itemAfter(told(aLogon(), 0));

  expect(item.expiresAt).toBe(never);
  expect(entryViews.authentication(listed(item), nothing)).toMatchObject({ expiresAt: null });
});

test('an instant keeps the fraction that it was sent with', () => {
  const shown = (micros: number) =>
    entryViews.authentication(listed(itemAfter(told(aLogon({ instant: instant(micros) })))), nothing);

  expect(shown(678_123)).toMatchObject({ instant: '2026-03-01T12:00:00.678123Z' });
  expect(shown(500_000)).toMatchObject({ instant: '2026-03-01T12:00:00.500Z' });
});

test.each(['init', 'pending', 'invalid'] as const)(
  'while it is %s nobody is shown, whoever was there before',
  (state) => {
    const item = { ...itemAfter(told(aLogon())), ...aMark(state) };

    expect(entryViews.authentication(listed(item), staff)).toMatchObject({ state, user: null, groups: [], device: {} });
    expect(entryViews.forwarding(listed(item), staff)).toMatchObject({ state, user: null, groups: [] });
  },
);

test('a view that there is not is refused', () => {
  expect(codeOf(() => viewOf('brief'))).toBe('parameter-invalid');
});
