/** Over real sockets, to a receiver that behaves and to one that does not. */
import { ForwardFailed, type LogDestination } from '../../shared/threat-logs/forward-logs.ts';
import { addressGuard } from '../../shared/outbound/address-guard.ts';
import { logReceivers } from '../../shared/outbound/log-client.ts';
import { startSyslogReceiver, type SyslogReceiver } from '../simulators/syslog-receiver.ts';
import { certificateFor } from '../support/certificates.ts';

const guard = addressGuard(['127.0.0.0/8']);
const patient = logReceivers(guard, { connect: 60_000, stall: 60_000, close: 60_000 });
/** For receivers that would never do what is waited for. */
const impatient = logReceivers(guard, { connect: 60_000, stall: 200, close: 200 });
const lines = ['<14>1 - fw RT_IDP - IDP_ATTACK_LOG_EVENT [a b="ü"]', '<14>x\ny', '<14>\0'].map((line) =>
  Buffer.from(line),
);
const texts = lines.map((line) => line.toString());

let receiver: SyslogReceiver;
afterEach(async () => receiver.stop());

const reached = (told: Partial<LogDestination> & Pick<LogDestination, 'transport'>): LogDestination => ({
  host: receiver.address,
  port: receiver.port,
  caCertificate: null,
  ...told,
});

async function sendAll(destination: LogDestination, sent: readonly Uint8Array[] = lines, receivers = patient) {
  const connection = await receivers.open(destination);
  for (const line of sent) await connection.send([line]);
  await connection.close();
}

const until = async (holds: () => boolean) => {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
};

test.each(['udp', 'tcp'] as const)('lines arrive over %s as they are, in their order', async (transport) => {
  receiver = await startSyslogReceiver({ transport });

  await sendAll(reached({ transport }));
  await until(() => receiver.lines().length === 3);

  expect(receiver.lines()).toEqual(texts);
});

test('over TLS too, where the certificate is of whom we trust', async () => {
  const certificate = await certificateFor('127.0.0.1', 'localhost');
  receiver = await startSyslogReceiver({ transport: 'tls', ...certificate });

  await sendAll(reached({ transport: 'tls', caCertificate: certificate.cert }));
  await until(() => receiver.lines().length === 3);
  expect(receiver.lines()).toEqual(texts);

  await expect(sendAll(reached({ transport: 'tls' }))).rejects.toMatchObject({ reason: 'certificate-refused' });
});

test.each(['tcp', 'udp'] as const)('a port that nobody listens on is told, over %s', async (transport) => {
  receiver = await startSyslogReceiver({ transport });
  await receiver.stop();

  await expect(sendAll(reached({ transport }))).rejects.toMatchObject({ reason: expect.stringMatching(/^connection-/) as string }); // prettier-ignore
  receiver = await startSyslogReceiver({ transport });
});

test.each([0, 1, 2])('a receiver that hangs up after %d of three lines is told', async (resetsAfter) => {
  receiver = await startSyslogReceiver({ transport: 'tcp' });
  receiver.behave({ resetsAfter });

  await expect(sendAll(reached({ transport: 'tcp' }))).rejects.toMatchObject({ reason: expect.stringMatching(/^connection-/) as string }); // prettier-ignore
});

test.each([
  ['more than a connection holds', Array.from({ length: 400 }, () => Buffer.alloc(65_536, 'x'))],
  ['no more than a connection holds', lines],
])('a receiver that takes nothing any more has not got %s', async (_, sent) => {
  receiver = await startSyslogReceiver({ transport: 'tcp' });
  receiver.behave({ stalls: 'from-the-start' });

  await expect(sendAll(reached({ transport: 'tcp' }), sent, impatient)).rejects.toMatchObject({ reason: 'receiver-stalled' }); // prettier-ignore
});

test('an address that is not allowed is not connected to, nor a name that means one', async () => {
  receiver = await startSyslogReceiver({ transport: 'tcp' });
  const guarded = logReceivers(addressGuard([]));

  for (const host of ['127.0.0.1', 'localhost', '169.254.169.254', '10.0.0.1']) {
    for (const transport of ['udp', 'tcp'] as const) {
      await expect(guarded.open(reached({ host, transport }))).rejects.toMatchObject({ reason: 'address-refused' });
    }
  }
  await expect(guarded.open(reached({ host: 'nobody.invalid', transport: 'udp' }))).rejects.toMatchObject({ reason: 'name-unresolved' }); // prettier-ignore
  expect(receiver.statistics().connections).toBe(0);
});

test('a socket for datagrams that cannot be connected is not kept', async () => {
  receiver = await startSyslogReceiver({ transport: 'udp' });
  const sockets = () => process.getActiveResourcesInfo().filter((name) => name.startsWith('UDP')).length;
  const before = sockets();
  const everywhere = logReceivers(addressGuard(['255.255.255.255']));

  await expect(everywhere.open(reached({ host: '255.255.255.255', transport: 'udp' }))).rejects.toBeInstanceOf(ForwardFailed); // prettier-ignore

  await until(() => sockets() === before);
});
