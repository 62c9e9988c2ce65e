import { mostAnswerBytes, mostListed, readInfectedHosts } from '../../../shared/wire/atp-cloud/infected-hosts.ts';

const read = (answer: unknown) =>
  readInfectedHosts(Buffer.from(typeof answer === 'string' ? answer : JSON.stringify(answer)));
const listOf = (ip: readonly unknown[], count: unknown = ip.length) => ({ data: { count, ip } });

test('a list has its addresses as they were written, in their order, with their levels', () => {
  expect(read(listOf([{ '192.0.2.1': 6 }, { '2001:DB8::1': 10 }, { '192.0.2.1': 0 }]))).toEqual({
    listed: [
      { address: '192.0.2.1', level: 6 },
      { address: '2001:DB8::1', level: 10 },
      { address: '192.0.2.1', level: 0 },
    ],
  });
});

test('a list of nobody is a list', () => {
  expect(read(listOf([]))).toEqual({ listed: [] });
});

test('what stands beside the list is passed over', () => {
  expect(read({ data: { count: 0, ip: [], page: 1 }, request_id: 'x' })).toEqual({ listed: [] });
});

test('fifty thousand hosts are read', () => {
  const ip = Array.from({ length: mostListed }, (_, index) => ({ [`10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`]: 7 })); // prettier-ignore

  expect(read(listOf(ip)).listed).toHaveLength(mostListed);
  expect(read(listOf([...ip, { '192.0.2.1': 7 }])).fault).toMatchObject({ code: 'too-many-hosts' });
});

test.each<[string, unknown, string]>([
  ['nothing', '', 'answer-unreadable'],
  ['a page in HTML', '<html><body>Sign in</body></html>', 'answer-unreadable'],
  ['a list that was cut off', '{"data":{"count":2,"ip":[{"192.0.2.1":6},', 'answer-unreadable'],
  ['two documents', '{"data":{"count":0,"ip":[]}}{}', 'answer-unreadable'],
  ['null', 'null', 'answer-malformed'],
  ['a list without what is around it', [{ '192.0.2.1': 6 }], 'answer-malformed'],
  ['an error in the form of an answer', { error: 'internal' }, 'answer-malformed'],
  ['no data', { data: null }, 'answer-malformed'],
  ['data as a list', { data: [] }, 'answer-malformed'],
  ['no count', { data: { ip: [] } }, 'answer-malformed'],
  ['a count as text', listOf([], '0'), 'answer-malformed'],
  ['a count below nothing', listOf([], -1), 'answer-malformed'],
  ['a count of a half', listOf([], 0.5), 'answer-malformed'],
  ['no list', { data: { count: 0 } }, 'answer-malformed'],
  ['null for the list', { data: { count: 0, ip: null } }, 'answer-malformed'],
  ['an object for the list', { data: { count: 1, ip: { '192.0.2.1': 6 } } }, 'answer-malformed'],
  ['fewer hosts than it counts', listOf([{ '192.0.2.1': 6 }], 2), 'count-differs'],
  ['more hosts than it counts', listOf([{ '192.0.2.1': 6 }], 0), 'count-differs'],
  ['a host as text', listOf(['192.0.2.1']), 'answer-malformed'],
  ['a host that is null', listOf([null]), 'answer-malformed'],
  ['a host without an address', listOf([{}]), 'answer-malformed'],
  ['two hosts in one', listOf([{ '192.0.2.1': 6, '192.0.2.2': 6 }]), 'answer-malformed'],
  ['a level above ten', listOf([{ '192.0.2.1': 11 }]), 'level-invalid'],
  ['a level below nothing', listOf([{ '192.0.2.1': -1 }]), 'level-invalid'],
  ['half a level', listOf([{ '192.0.2.1': 6.5 }]), 'level-invalid'],
  ['a level as text', listOf([{ '192.0.2.1': '6' }]), 'level-invalid'],
  ['no level', listOf([{ '192.0.2.1': null }]), 'level-invalid'],
  ['a level beyond numbers', '{"data":{"count":1,"ip":[{"192.0.2.1":1e999}]}}', 'level-invalid'],
])('%s is no list at all', (_case, answer, code) => {
  const told = read(answer);

  expect(told).toEqual({ fault: { code, message: expect.stringMatching(/^[A-Z"].+\.$/) as string } });
});

test('text that is not UTF-8, and an answer beyond all measure, are no lists', () => {
  expect(readInfectedHosts(Uint8Array.of(0xff, 0xfe, 0x7b)).fault).toMatchObject({ code: 'answer-unreadable' });
  expect(readInfectedHosts(new Uint8Array(mostAnswerBytes + 1)).fault).toMatchObject({ code: 'answer-unreadable' });
});

test('lists within lists without end are no list', () => {
  expect(read(`{"data":{"count":1,"ip":${'['.repeat(200_000)}`).fault).toMatchObject({ code: 'answer-unreadable' });
});
