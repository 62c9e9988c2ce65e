import fc from 'fast-check';
import { type ReadReport, readReport } from '../../../shared/wire/jims/report.ts';

const read = (answer: unknown): ReadReport =>
  readReport(Buffer.from(typeof answer === 'string' ? answer : JSON.stringify(answer)));
const reportOf = (answer: unknown) => {
  const { report } = read(answer);
  if (report === undefined) throw new Error('The answer cannot be read.');
  return report;
};

const alice = {
  'ip-address': '192.0.2.50',
  'user-name': 'Alice',
  'domain-name': 'ACME',
  roles: ['Staff', 'VPN, remote'],
  'device-name': 'alice-laptop',
  timestamp: 1_772_366_400,
  activity: 'login',
};

test('an answer holds its entries, and the cookie that the next batch begins with', () => {
  expect(reportOf({ cookie: 'c-7', report_entries: [alice, { ...alice, activity: 'logout' }] })).toEqual({
    cookie: 'c-7',
    unreadable: 0,
    entries: [
      {
        ip: '192.0.2.50',
        user: 'Alice',
        domain: 'ACME',
        roles: ['Staff', 'VPN, remote'],
        deviceName: 'alice-laptop',
        timestamp: 1_772_366_400_000_000,
        activity: 'login',
        notes: [],
      },
      expect.objectContaining({ activity: 'logout' }),
    ],
  });
});

test.each<[string, unknown, number]>([
  ['an empty body', '', 0],
  ['blanks', ' \r\n', 0],
  ['null', null, 0],
  ['no entries', { cookie: 'c', report_entries: [] }, 0],
  ['null for the entries', { cookie: 'c', report_entries: null }, 0],
  ['an empty object', {}, 0],
  ['a cookie alone', { cookie: 'c' }, 0],
  ['an array of entries', [alice, alice], 2],
  ['one entry', alice, 1],
])('%s is read', (_case, answer, entries) => {
  expect(reportOf(answer).entries).toHaveLength(entries);
});

test.each<[string, unknown]>([
  ['a page of HTML', '<html></html>'],
  ['half of an answer', '{"cookie":"c","report_entries":['],
  ['a number', 7],
  ['a text', '"alice"'],
  ['a message', { error: 'no' }],
  ['entries that are a text', { report_entries: 'alice' }],
  ['entries that are an object', { report_entries: { 0: alice } }],
])('%s is not read', (_case, answer) => {
  expect(read(answer)).toEqual({ fault: 'answer-unreadable' });
});

test('bytes that are no UTF-8 are not read', () => {
  expect(readReport(Buffer.from([0x7b, 0xff, 0x7d]))).toEqual({ fault: 'answer-unreadable' });
});

test('entries that are none are counted, and cost no other', () => {
  const told = [
    ...[{ activity: 'reboot' }, { activity: 1 }, { 'ip-address': [] }, { 'user-name': {} }, { 'domain-name': true }],
    ...[{ timestamp: -1 }, { timestamp: 'yesterday' }, { timestamp: 1e300 }, { timestamp: {} }],
  ];
  const bad = [null, 7, 'alice', [], ...told.map((each) => ({ ...alice, ...each }))];

  expect(reportOf({ report_entries: [...bad, alice] })).toMatchObject({ unreadable: bad.length, entries: [{ user: 'Alice' }] }); // prettier-ignore
});

test.each<[string, object, object]>([
  ['user that is null', { 'user-name': null }, { notes: [] }],
  ['user of blanks', { 'user-name': '  ' }, { notes: [] }],
  ['user that is a number', { 'user-name': 4711 }, { user: '4711' }],
  ['device that is an object', { 'device-name': {} }, { notes: [{ code: 'field-not-text' }] }],
  [
    'role that is a number',
    { roles: ['staff', 7, null, ''] },
    { roles: ['staff'], notes: [{ code: 'role-not-text' }] },
  ],
  ['text for roles', { roles: 'staff, all of it' }, { roles: ['staff, all of it'] }],
  ['number for roles', { roles: 7 }, { roles: [], notes: [{ code: 'role-not-text' }] }],
  ['no roles', { roles: null }, { roles: [] }],
  ['activity in capitals', { activity: ' LOGOUT ' }, { activity: 'logout' }],
  ['no activity', { activity: null }, { activity: 'login' }],
  ['seconds as text', { timestamp: '1772366400' }, { timestamp: 1_772_366_400_000_000 }],
  ['seconds with a fraction', { timestamp: 1_772_366_400.25 }, { timestamp: 1_772_366_400_250_000 }],
  ['milliseconds', { timestamp: 1_772_366_400_123 }, { timestamp: 1_772_366_400_123_000 }],
  ['the beginning of time', { timestamp: 0 }, { timestamp: 0 }],
])('an entry with %s stands', (_case, told, expected) => {
  expect(reportOf([{ ...alice, ...told }]).entries).toMatchObject([expected]);
});

test.each([
  ['a number', 12, '12'],
  ['null', null, undefined],
  ['an object', {}, undefined],
  ['empty', '', undefined],
  ['longer than we keep', 'c'.repeat(1_025), undefined],
])('a cookie that is %s', (_case, cookie, expected) => {
  expect(reportOf({ cookie, report_entries: [] }).cookie).toBe(expected);
});

test('whatever JSON comes is read or refused, and never breaks', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const { report, fault } = read({ report_entries: [value], cookie: value });

      expect(fault).toBeUndefined();
      expect((report?.entries.length ?? 0) + (report?.unreadable ?? 0)).toBe(1);
    }),
  );
});
