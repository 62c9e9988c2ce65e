import { readFileSync } from 'node:fs';
import { readPost } from '../../shared/wire/clearpass/post-xml.ts';
import {
  arrivedAt,
  byArrival,
  codes,
  fault,
  ip,
  logoff,
  logon,
  meaning,
  notes,
  posted,
  understood,
} from '../support/posted-entries.ts';

const micros = (iso: string) => Date.parse(iso) * 1_000;

test('what PacketFence sends becomes a logon in our words', () => {
  const [entry] = readPost(readFileSync(new URL('../examples/clearpass/packetfence-logon.xml', import.meta.url)));

  expect(understood(entry ?? posted({}))).toEqual({
    observation: {
      operation: 'logon',
      origin: 'aruba-clearpass',
      ip: '192.0.2.50',
      domain: 'example.com',
      user: 'alice',
      groups: ['posture-healthy', 'employee'],
      posture: 'HEALTHY',
      source: 'PacketFence',
      device: {
        identity: 'alice-laptop',
        groups: ['employee'],
        category: 'windows os',
        os: 'windows 10',
        osVersion: '"10.0"',
      },
      instant: micros('2024-10-24T14:40:30Z'),
      timestamp: '2024-10-24T10:40:30-04:00',
    },
    notes: [],
    skewMs: Date.UTC(2024, 9, 24, 14, 40, 30) - arrivedAt,
  });
});

describe('operation', () => {
  test.each(['Logon', 'LOGOFF', 'login', 'log on'])('is logon or logoff, never %s', (operation) => {
    expect(fault(logon({ operation }))).toMatchObject({ code: 'operation-unknown', line: 3, column: 5 });
  });

  test('is asked for where it is missing', () => {
    expect(fault(posted({ ip, user: 'alice' }))?.code).toBe('operation-missing');
  });
});

describe('IP', () => {
  test('is stored in its canonical form', () => {
    expect(meaning(logon({ ip: '::ffff:192.0.2.50' })).ip).toBe('192.0.2.50');
    expect(meaning(logoff({ ip: '2001:DB8:0::A' })).ip).toBe('2001:db8::a');
  });

  test.each(['10.1', '127.0.0.1', 'fe80::1%eth0', 'laptop'])(
    'that is none, or nobody is behind, refuses the entry: %s',
    (text) => {
      expect(fault(logoff({ ip: text }))).toMatchObject({ code: 'ip-invalid', line: 3, column: 5 });
      expect(fault(logoff({ ip: text }))?.message).toContain(text);
    },
  );

  test('is asked for where it is missing', () => {
    expect(fault(posted({ operation: 'logoff' }))?.code).toBe('ip-missing');
  });
});

describe('domain', () => {
  test.each([undefined, 'global', 'GLOBAL', 'Global'])('%s on a logon is GLOBAL, in capitals', (domain) => {
    expect(meaning(logon(domain === undefined ? {} : { domain })).domain).toBe('GLOBAL');
  });

  test('is absent on a logoff that names none: it means any', () => {
    expect(meaning(logoff())).toEqual({
      operation: 'logoff',
      origin: 'aruba-clearpass',
      ip,
      instant: arrivedAt * 1_000,
      sentAs: '',
    });
    expect(meaning(logoff({ domain: 'gLoBaL' })).domain).toBe('GLOBAL');
  });

  test('is folded otherwise', () => {
    expect(meaning(logon({ domain: 'EXAMPLE.com' })).domain).toBe('example.com');
    expect(meaning(logoff({ domain: 'Corp', user: 'Alice' }))).toMatchObject({ domain: 'corp', user: 'alice' });
  });

  test('of more than 253 bytes after folding refuses the entry', () => {
    expect(meaning(logon({ domain: 'D'.repeat(253) })).domain).toBe('d'.repeat(253));
    expect(fault(logon({ domain: 'd'.repeat(254) }))?.code).toBe('domain-too-long');
    expect(fault(logoff({ domain: 'é'.repeat(127) }))?.code).toBe('domain-too-long');
  });
});

describe('user', () => {
  test.each([
    ['Alice', 'alice'],
    ['İ', 'i\u0307'],
    ['STRAßE', 'straße'],
    ['Jo\u0308rg', 'jörg'],
    ['0123', '0123'],
    ['John  Doe', 'john  doe'],
  ])('is folded: %s is %s', (user, folded) => {
    expect(meaning(logon({ user })).user).toBe(folded);
  });

  test('is asked for on a logon, and not on a logoff', () => {
    expect(fault(posted({ operation: 'logon', ip }))?.code).toBe('user-missing');
    expect(meaning(logoff())).not.toHaveProperty('user');
  });

  test('of more than 255 bytes after folding refuses the entry', () => {
    expect(meaning(logon({ user: 'U'.repeat(255) })).user).toBe('u'.repeat(255));
    expect(fault(logon({ user: 'u'.repeat(256) }))?.code).toBe('user-too-long');
    expect(fault(logoff({ user: 'é'.repeat(128) }))?.code).toBe('user-too-long');
    // A capital I with a dot has two bytes, its small form three.
    expect(fault(logon({ user: 'İ'.repeat(100) }))?.code).toBe('user-too-long');
  });

  test.each(['CORP\\Alice', 'alice@example.com'])('that carries a domain is kept as it is and told: %s', (user) => {
    expect(meaning(logon({ user })).user).toBe(user.toLowerCase());
    expect(codes(logon({ user }))).toEqual(['user-carries-domain']);
    expect(codes(logoff({ user }))).toEqual(['user-carries-domain']);
  });
});

describe('timestamp', () => {
  const ours = arrivedAt * 1_000;

  test('is the instant, and the skew of the sender is measured', () => {
    const observed = understood(logon({ timestamp: '2026-03-01T12:00:01.5Z' }));

    expect(observed.observation.instant).toBe(ours + 1_500_000);
    expect(observed.observation).not.toHaveProperty('sentAs');
    expect(observed).toMatchObject({ skewMs: 1_500, notes: [] });
  });

  test('that is absent leaves the time of arrival, and no skew', () => {
    const observed = understood(logon());

    expect(observed.observation).toMatchObject({ instant: ours, sentAs: '' });
    expect(observed).not.toHaveProperty('skewMs');
  });

  test.each(['yesterday', '2016-02-30T00:00:00Z', '1969-12-31T23:59:59Z'])(
    'that is unreadable or before 1970 refuses the entry: %s',
    (timestamp) => {
      expect(fault(logon({ timestamp }))).toMatchObject({ code: 'timestamp-unreadable', line: 3, column: 5 });
      expect(fault(logoff({ timestamp }), byArrival)?.code).toBe('timestamp-unreadable');
    },
  );

  test('is its own up to five minutes ahead of us', () => {
    expect(meaning(logon({ timestamp: '2026-03-01T12:05:00Z' }))).toMatchObject({ instant: ours + 300_000_000 });
    expect(meaning(logon({ timestamp: '2026-03-01T12:05:00Z' }))).not.toHaveProperty('sentAs');
  });

  test.each(['2026-03-01T12:05:00.000001Z', '9999-12-31T23:59:59Z'])(
    'further ahead counts as the time of arrival and is told: %s',
    (timestamp) => {
      const entry = logon({ timestamp });

      expect(meaning(entry)).toMatchObject({ instant: ours, sentAs: timestamp });
      expect(codes(entry)).toEqual(['timestamp-in-future']);
      expect(meaning(logoff({ timestamp }))).toEqual({
        operation: 'logoff',
        origin: 'aruba-clearpass',
        ip,
        instant: ours,
        timestamp,
        sentAs: timestamp,
      });
    },
  );

  test('of a sender that is ordered by arrival is only remembered and measured', () => {
    const entry = logon({ timestamp: '2026-03-01T13:00:00Z' });

    expect(understood(entry, byArrival)).toMatchObject({
      observation: { instant: ours, sentAs: '2026-03-01T13:00:00Z' },
      skewMs: 3_600_000,
      notes: [],
    });
    expect(meaning(logon(), byArrival)).toMatchObject({ instant: ours, sentAs: '' });
  });
});

test('what the reader refused or told is handed on', () => {
  const told = { code: 'field-repeated', message: 'Twice.', line: 4, column: 9 } as const;

  expect(fault(logon({ fault: told }))).toEqual(told);
  expect(notes(logon({ notes: [told], posture: 'SICK' }))).toMatchObject([told, { code: 'posture-unknown' }]);
});

test('a logoff says nothing of groups, posture, source and device', () => {
  const entry = logoff({ roles: ['staff'], posture: 'SICK', source: 's', device: { groups: [], custom: [], os: 'x' } });

  expect(understood(entry)).toEqual({
    observation: { operation: 'logoff', origin: 'aruba-clearpass', ip, instant: arrivedAt * 1_000, sentAs: '' },
    notes: [],
  });
});

test('every fault and note says how to mend the entry, and shows no more of it than fits', () => {
  const long = 'x'.repeat(100_000);
  const entries = [
    posted({}),
    logon({ operation: long }),
    posted({ operation: 'logon' }),
    logon({ ip: long }),
    logon({ user: long }),
    logon({ domain: long }),
    logon({ timestamp: long }),
  ];

  for (const entry of entries) {
    expect(fault(entry)?.message).toMatch(/(Send|Write|Leave) .*\.$/);
    expect(fault(entry)?.message.length).toBeLessThan(400);
  }
});
