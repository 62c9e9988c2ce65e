import fc from 'fast-check';
import { timestampMicros } from '../../../shared/wire/clearpass/timestamp.ts';

const micros = (iso: string, more = 0) => Date.parse(iso) * 1_000 + more;

test.each([
  ['2016-12-30T09:30:10.678123Z', micros('2016-12-30T09:30:10.678Z', 123)],
  ['2016-12-30T09:30:10Z', micros('2016-12-30T09:30:10Z')],
  ['2016-06-06T00:31:52-07:00', micros('2016-06-06T07:31:52Z')],
  ['2016-12-30T09:30:10.123456z', micros('2016-12-30T09:30:10.123Z', 456)],
  ['2016-01-29T0310Z', micros('2016-01-29T03:10:00Z')],
  ['2024-10-24T10:40:30-04:00', micros('2024-10-24T14:40:30Z')],
])('the form %s that clients send is read', (text, expected) => {
  expect(timestampMicros(text)).toBe(expected);
});

test.each([
  ['2016-01-29T031005.5Z', micros('2016-01-29T03:10:05.500Z')],
  ['2016-01-29T03:10Z', micros('2016-01-29T03:10:00Z')],
  ['2016-01-29T03:10:05', micros('2016-01-29T03:10:05Z')],
  ['2016-01-29T03:10:05+0530', micros('2016-01-28T21:40:05Z')],
  ['2016-01-29T03:10:05+05', micros('2016-01-28T22:10:05Z')],
  ['2016-01-29T03:10:05+14:00', micros('2016-01-28T13:10:05Z')],
  ['2016-01-29T03:10:05-14:00', micros('2016-01-29T17:10:05Z')],
  ['2016-02-29T00:00:00Z', micros('2016-02-29T00:00:00Z')],
  ['2000-02-29T00:00:00Z', micros('2000-02-29T00:00:00Z')],
  ['1970-01-01T00:00:00Z', 0],
  ['1969-12-31T23:00:00-07:00', micros('1970-01-01T06:00:00Z')],
])('the form %s is read too, without a zone as UTC', (text, expected) => {
  expect(timestampMicros(text)).toBe(expected);
});

test.each([
  ['.1', 100_000],
  ['.000001', 1],
  ['.0000019', 1],
  ['.9999999999', 999_999],
])('a fraction of %s seconds is cut at microseconds, never rounded', (fraction, expected) => {
  expect(timestampMicros(`2016-12-30T09:30:10${fraction}Z`)).toBe(micros('2016-12-30T09:30:10Z', expected));
});

test.each([
  '',
  'now',
  '1483090210',
  '2016-12-30',
  '2016-12-30 09:30:10Z',
  '2016-12-30t09:30:10Z',
  '16-12-30T09:30:10Z',
  '2016-00-30T09:30:10Z',
  '2016-13-30T09:30:10Z',
  '2016-12-00T09:30:10Z',
  '2016-12-32T09:30:10Z',
  '2016-02-30T09:30:10Z',
  '2016-04-31T09:30:10Z',
  '2017-02-29T09:30:10Z',
  '1900-02-29T09:30:10Z',
  '2100-02-29T09:30:10Z',
  '2016-12-30T24:00:00Z',
  '2016-12-30T09:60:10Z',
  '2016-12-30T09:30:61Z',
  '2016-12-30T09:3010Z',
  '2016-12-30T0930:10Z',
  '2016-12-30T09:30:10.Z',
  '2016-12-30T09:30:10,5Z',
  '2016-12-30T09:30:10+14:01',
  '2016-12-30T09:30:10-15:00',
  '2016-12-30T09:30:10+01:60',
  '2016-12-30T09:30:10+1:00',
  '2016-12-30T09:30:10Z+01:00',
  '2016-12-30T09:30:10 Z',
  ' 2016-12-30T09:30:10Z',
  '2016-12-30T09:30:10Z\n',
  '٢٠١٦-12-30T09:30:10Z',
  `2016-12-30T09:30:10.${'0'.repeat(33)}Z`,
])('%j is no instant', (text) => {
  expect(timestampMicros(text)).toBeUndefined();
});

test.each(['1969-12-31T23:59:59Z', '1970-01-01T00:00:00+00:01', '0099-01-01T00:00:00Z', '0001-01-01T00:00:00Z'])(
  '%s lies before 1970 and is none either',
  (text) => {
    expect(timestampMicros(text)).toBeUndefined();
  },
);

test.each([
  ['2016-12-31T23:59:60Z', micros('2017-01-01T00:00:00Z')],
  ['2016-12-31T16:59:60.5-07:00', micros('2017-01-01T00:00:00Z', 500_000)],
  ['2016-12-31T12:30:60Z', undefined],
  ['2016-12-31T23:59:60-07:00', undefined],
])("a leap second ends a day of UTC and is the next one's first: %s", (text, expected) => {
  expect(timestampMicros(text)).toBe(expected);
});

test('the far future is still read, as the last instant that a number can tell', () => {
  expect(timestampMicros('2255-06-05T23:47:34.740991Z')).toBe(Number.MAX_SAFE_INTEGER);
  expect(timestampMicros('9999-12-31T23:59:59Z')).toBe(Number.MAX_SAFE_INTEGER);
});

test('it says what the platform says, wherever both read', () => {
  const instants = fc.date({ min: new Date(0), max: new Date('2250-01-01'), noInvalidDate: true });
  fc.assert(
    fc.property(instants, fc.integer({ min: -14 * 60, max: 14 * 60 }), (date, offset) => {
      const local = new Date(date.getTime() + offset * 60_000).toISOString().slice(0, -1);
      const [hours, minutes] = [Math.floor(Math.abs(offset) / 60), Math.abs(offset) % 60].map((part) =>
        String(part).padStart(2, '0'),
      );
      const zone = `${offset < 0 ? '-' : '+'}${hours}:${minutes}`;

      expect(timestampMicros(`${local}${zone}`)).toBe(date.getTime() * 1_000);
    }),
  );
});

test('any text gives a whole number or nothing', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^\d{4}-\d\d-\d\dT[\d:]{4,8}(?:\.\d+)?[Zz+\-\d:]{0,6}$/), (text) => {
      const read = timestampMicros(text);
      expect(read === undefined || (Number.isSafeInteger(read) && read >= 0)).toBe(true);
    }),
  );
});
