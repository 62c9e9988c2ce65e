/** Over real sockets, to a switch that behaves, to one that does not, and to one that lies. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { changeRequest } from '../../shared/endpoints/change-request.ts';
import { addressGuard } from '../../shared/outbound/address-guard.ts';
import { udpSwitches } from '../../shared/outbound/coa-client.ts';
import { startSwitch, type Switch } from '../simulators/switch.ts';
import { accessSwitch, laptop } from '../support/endpoints.ts';
import { noon } from '../support/observations.ts';

const guard = addressGuard(['127.0.0.0/8']);
const switches = udpSwitches(guard, { sends: 3, everyMs: 300 });
const session = { nas: accessSwitch, acctSessionId: '8O2.1x81bb0a3c' };
const { request } = changeRequest('juniper-ex', laptop, session, noon);
if (request === undefined) throw new Error('It cannot be asked.');

let device: Switch;
beforeEach(async () => {
  device = await startSwitch();
});
afterEach(async () => device.stop());

const tell = async (told: { secret?: string; former?: string; address?: string; port?: number } = {}) => {
  const { address, port, secret, former } = { former: undefined, ...device, ...told };
  return switches.tell({
    server: { address, port },
    request,
    secrets: [secret, ...(former === undefined ? [] : [former])],
  });
};

test('a switch lets go of a session and acknowledges', async () => {
  device.login({ station: '00-11-22-33-CA-FE', id: '8O2.1x81bb0a3c' });

  const answer = await tell();

  expect(answer).toMatchObject({ result: 'ack', errorCause: null, detail: null });
  expect(answer.roundTripMs).toBeGreaterThanOrEqual(0);
  expect(device.sessions()).toEqual([]);
});

test('a switch that knows no such session says so', async () => {
  expect(await tell()).toMatchObject({ result: 'nak', errorCause: 503 });
});

test('a switch that knows everybody lets go of whoever it is asked to', async () => {
  const everybodys = await startSwitch({ knows: 'everybody' });

  expect(await tell({ port: everybodys.port })).toMatchObject({ result: 'ack' });
  await everybodys.stop();
});

test('a packet that got lost is sent again as it was, and acts once', async () => {
  device.login({ station: '00-11-22-33-CA-FE', id: '8O2.1x81bb0a3c' });
  device.behave({ deaf: 2 });

  expect(await tell()).toMatchObject({ result: 'ack' });
  expect(device.requests()).toHaveLength(1);
  expect(device.statistics()).toMatchObject({ datagrams: 3, acknowledged: 1 });
});

test('a switch that says nothing is asked three times, and not waited for without end', async () => {
  device.behave({ deaf: 99 });

  expect(await tell()).toEqual({ result: 'timeout', errorCause: null, roundTripMs: null, detail: null });
  expect(device.statistics().datagrams).toBe(3);
});

test('a switch with another secret says nothing', async () => {
  expect(await tell({ secret: 'another' })).toMatchObject({ result: 'timeout' });
  expect(device.statistics()).toMatchObject({ dropped: 3, refused: 0 });
});

test('a switch that has not been given its new secret yet is told with the former one, and acts once', async () => {
  device.login({ station: '00-11-22-33-CA-FE', id: '8O2.1x81bb0a3c' });

  expect(await tell({ secret: 'new', former: 's3cret' })).toMatchObject({ result: 'ack' });
  expect(device.statistics()).toMatchObject({ acknowledged: 1, refused: 0 });
});

test('a switch that has its new secret hears nothing of the former one', async () => {
  device.login({ station: '00-11-22-33-CA-FE', id: '8O2.1x81bb0a3c' });
  device.changeSecret('new');

  expect(await tell({ secret: 'new', former: 's3cret' })).toMatchObject({ result: 'ack' });
  expect(device.statistics()).toMatchObject({ datagrams: 1, dropped: 0 });
});

test('a port that nobody listens on is no error, and no answer', async () => {
  const { port } = device;
  await device.stop();
  const answer = await tell({ port });
  device = await startSwitch();

  expect(answer).toMatchObject({ result: 'timeout' });
});

test('whoever answers without the secret is not heard', async () => {
  const liar = createSocket('udp4');
  liar.on('message', (datagram, from) => {
    const forged = Buffer.from(datagram.subarray(0, 20));
    forged.set([41, datagram[1] ?? 0, 0, 20]);
    liar.send(forged, from.port, from.address);
    liar.send(Buffer.from('garbage'), from.port, from.address);
    liar.send(Buffer.alloc(0), from.port, from.address);
  });
  liar.bind(0, '127.0.0.1');
  await once(liar, 'listening');

  expect(await tell({ port: liar.address().port })).toMatchObject({ result: 'timeout' });
  liar.close();
});

test.each(['169.254.169.254', '10.0.0.1', '::1', 'fe80::1', '0.0.0.0', 'switch.example.net'])(
  'nothing is sent to %s, which is none of the tenant’s',
  async (address) => {
    expect(await tell({ address })).toMatchObject({ result: 'timeout', detail: 'address-refused' });
  },
);

test('what no packet can hold is told, and nothing is sent', async () => {
  const long = { ...request, attributes: [{ name: 'Acct-Session-Id', value: 'x'.repeat(254) } as const] };
  const answer = await switches.tell({ server: device, request: long, secrets: ['s3cret'] });

  expect(answer).toMatchObject({ result: 'timeout', detail: expect.stringContaining('254 bytes') as string });
  expect(device.statistics().datagrams).toBe(0);
});
