import { allowedBy, meantBy } from '../../shared/endpoints/allow-list.ts';
import { aLogin, anAccounting, endpointAfter } from '../support/endpoint-steps.ts';
import { laptop } from '../support/log-lines.ts';
import { desk, noon } from '../support/observations.ts';

const nobody = { addresses: [], macs: [], users: [], roles: [] };
const alice = { mac: laptop, ips: [desk], users: ['alice'], roles: ['Employee'] };

test.each([
  ['its MAC, however it is written', { macs: ['0011.2233.CAFE'] }, { by: 'mac', word: '0011.2233.CAFE' }],
  ['its address', { addresses: [desk] }, { by: 'address', word: desk }],
  ['a prefix that holds its address', { addresses: ['192.0.2.0/24'] }, { by: 'address', word: desk }],
  ['its user, in any letters', { users: ['ALICE'] }, { by: 'user', word: 'alice' }],
  ['a role of its session', { roles: ['Employee'] }, { by: 'role', word: 'Employee' }],
])('an endpoint is on the allow list by %s', (_, listed, by) => {
  expect(allowedBy({ ...nobody, ...listed }, alice)).toEqual(by);
});

test.each([
  ['nothing is listed', {}],
  ['another is', { macs: ['00:11:22:33:ca:ff'], addresses: ['198.51.100.0/24', '2001:db8::/32'], users: ['bob'] }],
  ['a role in other letters is another role', { roles: ['employee'] }],
])('it is not where %s', (_, listed) => {
  expect(allowedBy({ ...nobody, ...listed }, alice)).toBeUndefined();
});

test('who an endpoint is, is what its open sessions and its addresses say', () => {
  const endpoint = endpointAfter([0, aLogin()], [1, anAccounting()]);

  expect(meantBy(endpoint, noon + 2)).toEqual(alice);
});
