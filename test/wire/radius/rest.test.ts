import {
  all,
  dateOf,
  first,
  numberOf,
  octetTexts,
  readAttributes,
  restBody,
} from '../../../shared/wire/radius/rest.ts';

/** As rlm_rest of FreeRADIUS 3.2.1 sent it, byte for byte. */
const sent = `{"User-Name":{"type":"string","value":["alice"]},"User-Password":{"type":"string","value":["pw\\u00E2\\u0082\\u00AC"]},"NAS-IP-Address":{"type":"ipaddr","value":["192.0.2.10"]},"Framed-MTU":{"type":"integer","value":[1400]},"Class":{"type":"octets","value":["0x0102","0x6c6f67"]},"Called-Station-Id":{"type":"string","value":["aa-bb-cc-dd-ee-ff:corp"]},"NAS-Port-Type":{"type":"integer","value":["Ethernet"]},"Event-Timestamp":{"type":"date","value":["Nov 14 2023 22:13:20 UTC"]},"NAS-Port-Id":{"type":"string","value":["ge-0\\/0\\/1"]}}`; // prettier-ignore
const attributes = readAttributes(JSON.parse(sent) as Parameters<typeof readAttributes>[0]);
const told = (member: Parameters<typeof readAttributes>[0][string]) => readAttributes({ it: member });

test('a packet of rlm_rest is read, whatever the case of a name', () => {
  expect(first(attributes, 'user-name')).toBe('alice');
  expect(first(attributes, 'NAS-Port-Id')).toBe('ge-0/0/1');
  expect(numberOf(attributes, 'Framed-MTU')).toBe(1400);
  expect(octetTexts(attributes, 'Class')).toEqual(['\u0001\u0002', 'log']);
  expect(all(attributes, 'Absent')).toEqual([]);
});

test('text in UTF-8 comes byte by byte, and is put together again', () => {
  expect(first(attributes, 'User-Password')).toBe('pw€');
});

test.each([
  ['text that came whole', 'pw€', 'pw€'],
  ['text of which no UTF-8 can be made', 'pwé', 'pwé'],
  ['plain text', 'plain', 'plain'],
])('%s stays as it is', (_, value, read) => {
  expect(first(told({ value: [value] }), 'it')).toBe(read);
});

test('texts, numbers and lists of them mean the same, and empty ones are none', () => {
  for (const member of [{ value: '7' }, { value: 7 }, { value: ['7'] }, { type: 'integer', value: [7] }]) {
    expect(all(told(member), 'it')).toEqual(['7']);
  }
  expect(all(told({ value: ['', ''] }), 'it')).toEqual([]);
});

test.each([
  [1_700_000_000, 1_700_000_000_000],
  ['1700000000', 1_700_000_000_000],
  ['Nov 14 2023 22:13:20 UTC', 1_700_000_000_000],
  ['Mar  1 2026 12:00:00 GMT', Date.UTC(2026, 2, 1, 12)],
  ['2023-11-14T23:13:20+01:00', 1_700_000_000_000],
  ['Nov 14 2023 22:13:20 CET', undefined],
  ['Foo 14 2023 22:13:20 UTC', undefined],
  ['yesterday', undefined],
  ['', undefined],
])('the date %s is %s', (value, read) => {
  expect(dateOf(told({ value: [value] }), 'it')).toBe(read);
});

test('an answer names the list of each attribute, and has nothing evaluated', () => {
  expect(
    restBody([
      { list: 'reply', name: 'Filter-Id', values: ['%{User-Name}'] },
      { list: 'control', name: 'Class', values: ['a', 'b'] },
    ]),
  ).toEqual({
    'reply:Filter-Id': { op: ':=', do_xlat: false, value: ['%{User-Name}'] },
    'control:Class': { op: '+=', do_xlat: false, value: ['a', 'b'] },
  });
});
