import type { IpAddress } from '../../shared/identity/address.ts';
import { mappingOf } from '../../shared/user-query/mapping.ts';
import { readUserAnswer } from '../../shared/wire/clearpass/user-answer.ts';
import { desk, noon } from '../support/observations.ts';

/** What is made of an answer, asked for at noon. */
function mapped(answer: unknown, ip: IpAddress = desk) {
  const { records = [] } = readUserAnswer(Buffer.from(JSON.stringify(answer)));
  return mappingOf(records, { ip, now: noon });
}

const logonOf = (answer: unknown, ip?: IpAddress) => {
  const mapping = mapped(answer, ip);
  if (mapping.kind !== 'user') throw new Error(mapping.reason);
  return mapping.logon;
};

const an = (hour: number) => new Date(noon + hour * 3_600_000).toISOString();

test('somebody who is online is a logon, folded and grouped as a post would be', () => {
  const answer = {
    mac: '00-50-56-AB-CD-EF',
    ip: desk,
    user: 'Alice',
    domain: 'ACME',
    roles: ['Staff', 'staff', '[User Authenticated]'],
    spt: 'Healthy',
    is_online: true,
    updated_at: '2026-03-01T11:00:00.123456Z',
    device_name: 'Alice-Laptop',
    device_category: 'Computer',
    device_family: 'Windows',
  };

  expect(mapped(answer)).toEqual({
    kind: 'user',
    logon: {
      operation: 'logon',
      origin: 'aruba-clearpass',
      ip: desk,
      domain: 'acme',
      user: 'alice',
      groups: ['posture-healthy', 'staff', '[user authenticated]'],
      posture: 'HEALTHY',
      source: 'Aruba ClearPass',
      device: {
        identity: 'alice-laptop',
        category: 'computer',
        custom: { 'MAC-Address': '00-50-56-ab-cd-ef', 'device-family': 'windows' },
      },
      instant: (noon - 3_600_000) * 1_000 + 123_456,
      timestamp: '2026-03-01T11:00:00.123456Z',
    },
    notes: [],
  });
});

test.each([
  ['no record', [], 'no-record'],
  ['a record of another address', { ip: '192.0.2.51', user: 'alice' }, 'other-address'],
  ['an address that cannot be read', { ip: 'unknown', user: 'alice' }, 'other-address'],
  ['a device with nobody at it', { ip: desk, mac: '00-50-56-01-02-03', is_online: true }, 'no-user'],
  ['somebody who has left', { ip: desk, user: 'alice', is_online: 'false' }, 'user-offline'],
  ['somebody of whom it is doubtful', { ip: desk, user: 'alice', is_online: 'perhaps' }, 'user-offline'],
  ['a user longer than we keep', { ip: desk, user: 'a'.repeat(256) }, 'user-too-long'],
  ['a domain longer than we keep', { ip: desk, user: 'alice', domain: 'a'.repeat(254) }, 'domain-too-long'],
])('%s is nobody', (_case, answer, reason) => {
  expect(mapped(answer)).toEqual({ kind: 'nobody', reason });
});

test('a record that tells no address and no presence is of who was asked about', () => {
  expect(logonOf({ user: 'alice' })).toMatchObject({ ip: desk, user: 'alice', domain: 'GLOBAL' });
});

test('either address of a device answers for it, in any form, and only the asked one gets the entry', () => {
  const answer = { ip: '::ffff:192.0.2.50', ipv6: '2001:0DB8::0050', user: 'alice' };
  const ipv6 = '2001:db8::50' as IpAddress;

  expect(logonOf(answer)).toMatchObject({ ip: desk });
  expect(logonOf(answer, ipv6)).toMatchObject({ ip: ipv6 });
});

test('of several records the newest of somebody online here counts', () => {
  const answer = [
    { ip: desk, user: 'undated' },
    { ip: desk, user: 'older', updated_at: an(-3) },
    { ip: desk, user: 'newest', updated_at: an(-2) },
    { ip: desk, user: 'gone', updated_at: an(-1), is_online: false },
    { ip: desk, updated_at: an(-1) },
    { ip: '192.0.2.51', user: 'elsewhere', updated_at: an(-1) },
  ];

  expect(logonOf(answer).user).toBe('newest');
  expect(logonOf(answer.toReversed()).user).toBe('newest');
});

test.each([
  ['absent', undefined],
  ['unreadable', 'yesterday'],
])('an updated_at that is %s is now, and says that the instant is ours', (_case, told) => {
  expect(logonOf({ user: 'alice', updated_at: told })).toMatchObject({ instant: noon * 1_000, sentAs: '' });
});

test('an updated_at that is still to come is now, and told', () => {
  const mapping = mapped({ user: 'alice', updated_at: an(1) });

  expect(mapping).toMatchObject({
    logon: { instant: noon * 1_000 },
    notes: [{ code: 'timestamp-in-future' }],
  });
});

test('what was read otherwise or left out is told', () => {
  const mapping = mapped({ user: 'acme\\alice', roles: 'staff,vpn', spt: 'FINE' });

  expect(mapping).toMatchObject({ kind: 'user', logon: { user: 'acme\\alice', groups: ['staff', 'vpn'] } });
  expect(mapping.kind === 'user' && mapping.notes.map(({ code }) => code)).toEqual([
    'roles-split',
    'user-carries-domain',
    'posture-unknown',
  ]);
});
