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
  async tell({ server, request, secret }) {
    if (guard(server.address) === 'refused') return unanswered('address-refused');
    try {
      const packet = requestPacket(names[request.kind], randomInt(256), request.attributes.map(rawAttribute), secret);
      return await exchange(server, packet, secret, retransmission);
    } catch (error) {
      return unanswered(error instanceof Error && 'code' in error ? String(error.code) : String(error));
    }
  },
});

const unanswered = (detail: string | null): ChangeAnswer => ({ result: 'timeout', errorCause: null, roundTripMs: null, detail }); // prettier-ignore

async function exchange(
  { address, port }: ToldSwitch['server'],
  packet: Uint8Array,
  secret: string,
  { sends, everyMs }: Retransmission,
): Promise<ChangeAnswer> {
  const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
  let timer: NodeJS.Timeout | undefined;
  try {
    // Connected, so that nobody but the switch is heard.
    socket.connect(port, address);
    await once(socket, 'connect');
    const startedAt = performance.now();
    const answered = replyOf(socket, packet, secret);
    // A port that nobody listens on yet may be listened on at the next sending.
    socket.on('error', () => undefined);
    for (let sent = 0; sent < sends; sent += 1) {
      socket.send(packet, () => undefined);
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

/** The first datagram that answers this very packet; all others are none of ours. */
const replyOf = async (socket: Socket, packet: Uint8Array, secret: string): Promise<ChangeReply> =>
  new Promise((resolve) => {
    socket.on('message', (received) => {
      const reply = replyTo(packet, received, secret);
      if (reply) resolve(reply);
    });
  });
