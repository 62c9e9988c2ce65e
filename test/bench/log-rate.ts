/**
 * Threat logs through the running service, twice as many as the limit allows, from ten senders at once: how much of the limit
 * the receiver has, and whether any of its seconds has more. All of it shares this machine.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { call, type Service, startService } from '../end-to-end/service.ts';
import { startSyslogReceiver } from '../simulators/syslog-receiver.ts';

const limit = 500;
const senders = 10;
const warmUpMs = 5_000;
const forMs = 30_000;
/** Ten senders with so many in a request, two requests a second: twice the limit. */
const linesAtOnce = (2 * limit) / senders / 2;
const atLeast = 0.98;

export async function logRate(): Promise<void> {
  const [service, receiver] = await Promise.all([startService(), startSyslogReceiver({ transport: 'tcp' })]);
  try {
    await configure(service, receiver);
    const first = await offered(service, warmUpMs); // workers start, and senders wait for them
    while (receiver.span().lines < first.accepted) await wait(100);
    receiver.forget();
    const sent = await offered(service, forMs);
    while (receiver.span().lines < sent.accepted) await wait(100);
    const { lines, ms } = receiver.span();
    const share = (lines - 1) / (limit * (ms / 1_000));
    const most = receiver.mostInASecond();
    console.log(`\nThreat logs, ${(sent.offered / (limit * (forMs / 1_000))).toFixed(1)} times the limit of ${limit} a second offered by ${senders} senders\n`); // prettier-ignore
    console.log(`of the limit, at the receiver    ${share.toFixed(3)}  aim ${atLeast}: ${share >= atLeast ? 'met' : 'MISSED'}`); // prettier-ignore
    console.log(`most in any second               ${most}  aim at most ${limit}: ${most <= limit ? 'met' : 'MISSED'}`);
    console.log(`connections at once              ${receiver.statistics().maxOpenConnections}`);
  } finally {
    await Promise.all([service.stop(), receiver.stop()]);
  }
}

async function configure(service: Service, { address, port }: { readonly address: string; readonly port: number }) {
  const operator = service.authorizations.acme.operator;
  const { body } = await call(service.url, 'GET /v1/configuration', operator);
  const threatLogs = { rateLimit: limit, destination: { address, port, transport: 'tcp' } };
  const { status } = await call(
    service.url,
    'PUT /v1/configuration',
    operator,
    JSON.stringify({ ...body, threatLogs }),
  );
  if (status !== 200) throw new Error(`The configuration is answered ${status}.`);
}

let lines = 0;
const line = () =>
  `<14>1 2026-03-01T12:00:00Z fw-1 RT_IDP - IDP_ATTACK_LOG_EVENT [junos@2636.1.1.1.2.86 source-address="192.0.2.1" attack-name="HTTP:MISC" n="${(lines += 1)}"]`;

async function send(service: Service, count = 1): Promise<number> {
  const body = Array.from({ length: count }, line).join('\n');
  for (;;) {
    const { status, body: told } = await call(service.url, 'POST /v1/threat-logs', service.authorizations.acme['log-sender'], body); // prettier-ignore
    if (status === 200) return told.accepted as number;
    // Senders that are late make up for it, and may be too many in a second then: they come again, as relays do.
    if (told.code !== 'tenant-limit') throw new Error(`Threat logs are answered ${status}.`);
    await wait(500);
  }
}

/** Each sender posts when its turn comes by the clock, however long the last took. */
async function offered(service: Service, ms: number) {
  const startedAt = performance.now();
  let [all, accepted] = [0, 0];
  const sender = async (number: number) => {
    for (let turn = 0; turn < (ms / 1_000) * 2; turn += 1) {
      const dueAt = startedAt + turn * 500 + number * 50;
      await wait(Math.max(0, dueAt - performance.now()));
      const taken = await send(service, linesAtOnce);
      accepted += taken;
      all += linesAtOnce;
    }
  };
  await Promise.all(Array.from({ length: senders }, async (_, number) => sender(number)));
  return { offered: all, accepted };
}
