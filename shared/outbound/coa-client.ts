/** Tells switches over UDP (RFC 5176). The same packet is sent again while there is no answer, so a switch acts once. */
import { randomInt } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import type { ChangeAnswer } from '../endpoints/events.ts';
import type { SwitchTeller, ToldSwitch } from '../endpoints/send-changes.ts';
import { rawAttribute } from '../wire/radius/attributes.ts';
import { type ChangeReply, replyTo, requestPacket } from '../wire/radius/packet.ts';
import type { AddressGuard } from './address-guard.ts';

export interface Retransmission {
  /** How often a packet is sent in all. */
  readonly sends: number;
  readonly everyMs: number;
}

const usual: Retransmission = { sends: 3, everyMs: 1_000 };

const names = { disconnect: 'Disconnect-Request', coa: 'CoA-Request' } as const;

export const udpSwitches = (guard: AddressGuard, retransmission = usual): SwitchTeller => ({
  async tell({ server, request, secrets }) {
    if (guard(server.address) === 'refused') return unanswered('address-refused');
    try {
      const attributes = request.attributes.map(rawAttribute);
      const first = randomInt(256);
      const packets = secrets.map((secret, index) => ({
        secret,
        packet: requestPacket(names[request.kind], (first + index) % 256, attributes, secret),
      }));
      return await exchange(server, packets, retransmission);
    } catch (error) {
      return unanswered(error instanceof Error && 'code' in error ? String(error.code) : String(error));
    }
  },
});

const unanswered = (detail: string | null): ChangeAnswer => ({ result: 'timeout', errorCause: null, roundTripMs: null, detail }); // prettier-ignore

interface Signed {
  readonly packet: Uint8Array;
  readonly secret: string;
}

async function exchange(
  { address, port }: ToldSwitch['server'],
  packets: readonly Signed[],
  { sends, everyMs }: Retransmission,
): Promise<ChangeAnswer> {
  const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
  let timer: NodeJS.Timeout | undefined;
  try {
    // Connected, so that nobody but the switch is heard.
    socket.connect(port, address);
    await once(socket, 'connect');
    const startedAt = performance.now();
    const answered = replyOf(socket, packets);
    // A port that nobody listens on yet may be listened on at the next sending.
    socket.on('error', () => undefined);
    for (let sent = 0; sent < sends; sent += 1) {
      // Where the first time is silence, the secret may be one that the switch does not have yet.
      for (const { packet } of sent === 0 ? packets.slice(0, 1) : packets) socket.send(packet, () => undefined);
      const late = new Promise<undefined>((resolve) => {
        timer = setTimeout(() => resolve(undefined), everyMs);
      });
      const reply = await Promise.race([answered, late]);
      clearTimeout(timer);
      if (reply !== undefined) {
        const roundTripMs = Math.round(performance.now() - startedAt);
        return { result: reply.answer, errorCause: reply.errorCause, roundTripMs, detail: null };
      }
    }
    return unanswered(null);
  } finally {
    clearTimeout(timer);
    socket.close();
  }
}

/** The first datagram that answers one of these very packets; all others are none of ours. */
const replyOf = async (socket: Socket, packets: readonly Signed[]): Promise<ChangeReply> =>
  new Promise((resolve) => {
    socket.on('message', (received) => {
      for (const { packet, secret } of packets) {
        const reply = replyTo(packet, received, secret);
        if (reply) resolve(reply);
      }
    });
  });
