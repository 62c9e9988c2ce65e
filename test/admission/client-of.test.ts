import { clientAt, clientOfLine } from '../../shared/admission/client-of.ts';
import { aClient, sensorTemplate } from '../support/admission.ts';

const sensor = aClient({ name: 'sensor-1', address: '198.51.100.7', template: 'sensor', relays: ['relay-1'] });
const settings = { clients: [aClient(), sensor], templates: [sensorTemplate] };
const line = { host: null, fromHostIp: null, clientAddress: '203.0.113.1', credentialName: 'relay-1' };
const nameOf = (found: ReturnType<typeof clientAt>) => found.problem?.code ?? found.client?.name;

test('who sends JSON is known by its address, however that is written', () => {
  expect(nameOf(clientAt(settings, '198.51.100.20'))).toBe('policy-enforcer');
  expect(nameOf(clientAt(settings, '::ffff:198.51.100.20'))).toBe('policy-enforcer');
  expect(nameOf(clientAt(settings, '198.51.100.21'))).toBe('admission-client-unknown');
});

test('who sends JSON with a template for syslog is told where to send lines', () => {
  expect(clientAt(settings, sensor.address).problem?.message).toContain('/api/v1/admission-control/syslog');
});

test('of two clients at one address each is known by how it sends', () => {
  const both = { ...settings, clients: [aClient({ name: 'lines', template: 'sensor' }), aClient()] };

  expect(nameOf(clientAt(both, aClient().address))).toBe('policy-enforcer');
  expect(nameOf(clientOfLine(both, { ...line, clientAddress: aClient().address }))).toBe('lines');
});

test.each([
  ['HOST with its address', { host: '198.51.100.7' }],
  ['HOST with its name', { host: 'SENSOR-1' }],
  ['the address that the relay had it from', { fromHostIp: '198.51.100.7', host: 'whatever' }],
  ['its own address', { clientAddress: '198.51.100.7', credentialName: 'sender', host: 'whatever' }],
])('a line is known by %s', (_, told) => {
  expect(nameOf(clientOfLine(settings, { ...line, ...told }))).toBe('sensor-1');
});

test.each([
  ['nobody’s host', { host: 'elsewhere' }],
  ['no host', {}],
  ['a relay that may not speak for it', { host: 'sensor-1', credentialName: 'relay-2' }],
  ['a host that the relay contradicts', { host: 'sensor-1', fromHostIp: '198.51.100.8' }],
  ['the relay’s own address in place of the host', { fromHostIp: '198.51.100.8', clientAddress: '198.51.100.7' }],
  ['a client that sends JSON', { host: 'policy-enforcer' }],
])('a line with %s is refused', (_, told) => {
  expect(nameOf(clientOfLine(settings, { ...line, ...told }))).toBe('admission-client-unknown');
});

test('a client whose template is gone says so', () => {
  expect(clientAt({ clients: [aClient({ template: 'gone' })], templates: [] }, aClient().address).problem?.code).toBe('message-unmatched'); // prettier-ignore
});
