import fc from 'fast-check';
import { readUserAnswer, type UserRecord } from '../../../shared/wire/clearpass/user-answer.ts';

const read = (answer: unknown) => readUserAnswer(Buffer.from(JSON.stringify(answer)));

function recordOf(json: object): UserRecord {
  const [record] = read(json).records ?? [];
  if (record === undefined) throw new Error('There is no record.');
  return record;
}

const whole = {
  mac: '00-50-56-01-02-03',
  ip: '192.0.2.50',
  ipv6: '2001:db8::50',
  user: 'Alice',
  domain: 'ACME',
  roles: ['Staff', '[User Authenticated]'],
  spt: 'HEALTHY',
  is_online: true,
  updated_at: '2026-03-01T12:00:00.123456Z',
  device_name: 'alice-laptop',
  device_category: 'Computer',
  device_family: 'Windows',
};

test('reads every field, in its own letters', () => {
  expect(recordOf(whole)).toEqual({
    mac: '00-50-56-01-02-03',
    ip: '192.0.2.50',
    ipv6: '2001:db8::50',
    user: 'Alice',
    domain: 'ACME',
    roles: ['Staff', '[User Authenticated]'],
    posture: 'HEALTHY',
    presence: 'online',
    updatedAt: Date.UTC(2026, 2, 1, 12) * 1_000 + 123_456,
    deviceName: 'alice-laptop',
    deviceCategory: 'Computer',
    deviceFamily: 'Windows',
    notes: [],
  });
});

test.each([
  ['an object', whole, 1],
  ['an array', [whole, whole], 2],
  ['a collection', { items: [whole] }, 1],
  ['an empty collection', { items: [], count: 0 }, 0],
  ['a collection in the form of ClearPass’s own lists', { _embedded: { items: [whole] } }, 1],
  ['an empty array', [], 0],
  ['an empty object', {}, 0],
  ['null', null, 0],
  ['an array with something else among its records', [null, 'x', whole], 1],
])('%s is read as its records', (_form, answer, count) => {
  expect(read(answer).records).toHaveLength(count);
});

test.each([
  ['a text', '"nobody"'],
  ['a number', '7'],
  ['a page of a portal', '<html>Log in</html>'],
  ['half an answer', '{"user":'],
  ['no UTF-8', Buffer.from([0x22, 0xff, 0x22])],
  ['items that are no array', '{"items":"none"}'],
  ['an array of no records', '["alice"]'],
])('%s is unreadable', (_form, body) => {
  expect(readUserAnswer(Buffer.from(body))).toEqual({ fault: 'answer-unreadable' });
});

test('a body of nothing but blanks has no records', () => {
  expect(readUserAnswer(Buffer.from(' \n'))).toEqual({ records: [] });
});

test('the user may be called username, and empty texts and nulls are absent', () => {
  expect(recordOf({ user: ' ', username: ' bob ', domain: null, spt: '' })).toEqual({
    user: 'bob',
    roles: [],
    notes: [],
  });
});

test('a number in the place of a text is that text; anything else is left out and told', () => {
  const { user, domain, notes } = recordOf({ user: 1234, domain: { name: 'acme' } });

  expect({ user, domain, codes: notes.map(({ code }) => code) }).toEqual({
    user: '1234',
    domain: undefined,
    codes: ['field-not-text'],
  });
});

test('the items of an array of roles are never split, and blank ones are skipped', () => {
  expect(recordOf({ roles: ['Staff, London', ' ', ' [Guest] '] })).toMatchObject({
    roles: ['Staff, London', '[Guest]'],
    notes: [],
  });
});

test.each([
  ['Staff', ['Staff'], []],
  ['Staff, [Guest],', ['Staff', '[Guest]'], ['roles-split']],
  ['', [], []],
  [['Staff', 7, null], ['Staff'], ['role-not-text']],
  [{ name: 'Staff' }, [], ['role-not-text']],
])('roles %j are %j', (roles, expected, codes) => {
  const record = recordOf({ user: 'alice', roles });

  expect(record.roles).toEqual(expected);
  expect(record.notes.map(({ code }) => code)).toEqual(codes);
});

test.each([
  [true, 'online'],
  ['true', 'online'],
  [' True ', 'online'],
  ['online', 'online'],
  [1, 'online'],
  ['1', 'online'],
  [false, 'offline'],
  ['FALSE', 'offline'],
  ['offline', 'offline'],
  [0, 'offline'],
  [null, undefined],
  ['', undefined],
])('is_online %j is %s', (told, presence) => {
  const record = recordOf({ user: 'alice', is_online: told });

  expect(record.presence).toBe(presence);
  expect(record.notes).toEqual([]);
});

test.each(['perhaps', {}, [], 2, 'constructor'])('is_online %j is a doubt: offline, and told', (told) => {
  const { presence, notes } = recordOf({ user: 'alice', is_online: told });

  expect([presence, notes.map(({ code }) => code)]).toEqual(['offline', ['presence-unreadable']]);
});

const second = Date.UTC(2026, 2, 1, 12, 30, 5) * 1_000;

test.each([
  ['2026-03-01T12:30:05Z', second],
  ['2026-03-01T12:30:05', second],
  ['2026-03-01T12:30:05.123456789Z', second + 123_456],
  ['2026-03-01 12:30:05', second],
  ['2026-03-01 12:30:05.25+00', second + 250_000],
  ['2026-03-01 05:30:05-07', second],
  ['2026-03-01 14:30:05 +0200', second],
  ['2026-03-01 12:30:05 UTC', second],
  ['2026-03-01 12:30:05 GMT', second],
  ['Sun, 01 Mar 2026 12:30:05 GMT', second],
  ['Sun, 1 Mar 2026 13:30:05 +0100', second],
  [second / 1e6, second],
  [`${second / 1e6}`, second],
  [second / 1e6 + 0.25, second + 250_000],
  [second / 1e3, second],
  [second, second],
])('updated_at %j is read to the microsecond', (told, micros) => {
  expect(recordOf({ user: 'alice', updated_at: told })).toMatchObject({ updatedAt: micros, notes: [] });
});

test.each(['yesterday', '01/03/2026', 7, -1, true, {}, '2026-02-30T00:00:00Z', 'Sun, 99 Mar 2026 12:30:05 GMT', 1e300])(
  'updated_at %j is no instant, and told',
  (told) => {
    const { updatedAt, notes } = recordOf({ user: 'alice', updated_at: told });

    expect([updatedAt, notes.map(({ code }) => code)]).toEqual([undefined, ['updated-at-unreadable']]);
  },
);

test('whatever is answered, reading it ends in records or a fault', () => {
  const anyRecord = fc.dictionary(
    fc.constantFrom(...Object.keys(whole), '__proto__', 'items', '_embedded'),
    fc.jsonValue(),
  );
  const anything = fc.oneof(fc.string(), fc.json(), fc.oneof(anyRecord, fc.array(anyRecord)).map((answer) => JSON.stringify(answer))); // prettier-ignore

  fc.assert(
    fc.property(anything, (body) => {
      const { records, fault } = readUserAnswer(Buffer.from(body));
      expect(records === undefined).toBe(fault === 'answer-unreadable');
      for (const { roles, updatedAt = 0 } of records ?? []) {
        expect(roles.every((role) => role.trim() === role && role !== '')).toBe(true);
        expect(Number.isSafeInteger(updatedAt)).toBe(true);
      }
    }),
  );
});
