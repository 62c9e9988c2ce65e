/**
 * A switch that takes changes of authorization over UDP: it knows sessions, lets go of those that it is asked to, says
 * that it knows one no more, and behaves as badly as it is told to.
 */
import { createSocket, type RemoteInfo } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { MalformedPacketError } from '../../shared/wire/radius/malformed-packet-error.ts';
import { codes, isSigned, type Packet, readPacket, signed } from '../../shared/wire/radius/packet.ts';

export interface SwitchSession {
  /** As it stands in Calling-Station-Id. */
  readonly station: string;
  /** Acct-Session-Id. */
  readonly id: string;
}

export interface SwitchBehaviour {
  /** How many of the next packets it says nothing to; they may be one packet, sent again. */
  readonly deaf: number;
  /** How many of the next requests it acknowledges, and does nothing about. */
  readonly forgets: number;
  readonly latencyMs: number;
  /** Refuses whatever it is asked, with this Error-Cause. */
  readonly refuses: number | null;
}

export interface Switch {
  readonly address: string;
  readonly port: number;
  readonly secret: string;
  /** From now on it knows this one alone. */
  readonly changeSecret: (secret: string) => void;
  readonly login: (session: SwitchSession) => void;
  readonly sessions: () => readonly SwitchSession[];
  readonly behave: (behaviour: Partial<SwitchBehaviour>) => void;
  /** Requests, each once however often it was sent. */
  readonly requests: () => readonly Packet[];
  readonly statistics: () => SwitchStatistics;
  readonly stop: () => Promise<void>;
}

export interface SwitchStatistics {
  /** Datagrams that came in, also those that were sent again. */
  readonly datagrams: number;
  /** Datagrams that were signed with another secret, or are no packets. */
  readonly dropped: number;
  readonly acknowledged: number;
  readonly refused: number;
  /** The most requests about one station that were open at once. */
  readonly mostAtOnce: number;
}

const unsigned = new Uint8Array(16);
const [callingStationId, acctSessionId, errorCause] = [31, 44, 101];
const [residualContextNotFound, missingAttribute] = [503, 402];

export interface SwitchOptions {
  readonly secret?: string;
  readonly address?: string;
  /** Any free one where nothing is said. */
  readonly port?: number;
  /** Whom it lets go of: who has logged in on it, or whoever it is asked to. */
  readonly knows?: 'who-logged-in' | 'everybody';
}

export async function startSwitch({
  secret: first = 's3cret',
  address = '127.0.0.1',
  port = 0,
  knows = 'who-logged-in',
}: SwitchOptions = {}): Promise<Switch> {
  const socket = createSocket('udp4');
  let secret = first;
  let sessions: SwitchSession[] = [];
  let behaviour: SwitchBehaviour = { deaf: 0, forgets: 0, latencyMs: 0, refuses: null };
  const counts = { datagrams: 0, dropped: 0, acknowledged: 0, refused: 0, mostAtOnce: 0 };
  /** What was answered to a packet from a port: one that comes again is answered so again. */
  const answers = new Map<string, Promise<Uint8Array>>();
  const requests: Packet[] = [];
  const open = new Map<string, number>();

  /** What it does, and the Error-Cause if it does not. */
  function act(packet: Packet): number | null {
    if (behaviour.refuses !== null) return behaviour.refuses;
    const [station, id] = [textOf(packet, callingStationId), textOf(packet, acctSessionId)];
    if (station === undefined && id === undefined) return missingAttribute;
    if (behaviour.forgets > 0) {
      behaviour = { ...behaviour, forgets: behaviour.forgets - 1 };
      return null;
    }
    if (knows === 'everybody') return null;
    const isMeant = (session: SwitchSession) =>
      (station ?? session.station) === session.station && (id ?? session.id) === session.id;
    const left = sessions.filter((session) => !isMeant(session));
    if (left.length === sessions.length) return residualContextNotFound;
    sessions = left;
    return null;
  }

  async function answered(packet: Packet): Promise<Uint8Array> {
    const station = textOf(packet, callingStationId) ?? textOf(packet, acctSessionId) ?? '';
    const atOnce = (open.get(station) ?? 0) + 1;
    open.set(station, atOnce);
    counts.mostAtOnce = Math.max(counts.mostAtOnce, atOnce);
    await wait(behaviour.latencyMs);
    const cause = act(packet);
    open.set(station, (open.get(station) ?? 1) - 1);
    counts[cause === null ? 'acknowledged' : 'refused'] += 1;
    const { id, authenticator } = packet;
    const attributes = cause === null ? [] : [{ type: errorCause, value: Uint8Array.from([0, 0, cause >> 8, cause]) }];
    return signed({ code: packet.code + (cause === null ? 1 : 2), id, authenticator, attributes }, secret);
  }

  async function hear(datagram: Uint8Array, from: RemoteInfo) {
    counts.datagrams += 1;
    const packet = readRequest(datagram, secret);
    if (packet === undefined) {
      counts.dropped += 1;
      return;
    }
    const name = `${from.address}:${from.port} ${Buffer.from(packet.authenticator).toString('hex')}`;
    if (!requests.some(({ authenticator }) => Buffer.compare(authenticator, packet.authenticator) === 0))
      requests.push(packet);
    if (behaviour.deaf > 0) {
      behaviour = { ...behaviour, deaf: behaviour.deaf - 1 };
      return;
    }
    const answer = answers.get(name) ?? answered(packet);
    answers.set(name, answer);
    socket.send(await answer, from.port, from.address, () => undefined);
  }

  socket.on('message', (datagram, from) => void hear(datagram, from));
  socket.bind(port, address);
  await once(socket, 'listening');
  return {
    address,
    port: socket.address().port,
    secret: first,
    changeSecret: (told) => {
      secret = told;
    },
    login: (session) => void sessions.push(session),
    sessions: () => sessions,
    behave: (told) => {
      behaviour = { ...behaviour, ...told };
    },
    requests: () => requests,
    statistics: () => counts,
    stop: async () => new Promise((resolve) => socket.close(() => resolve())),
  };
}

function readRequest(datagram: Uint8Array, secret: string): Packet | undefined {
  try {
    const packet = readPacket(datagram);
    const isRequest = packet.code === codes['Disconnect-Request'] || packet.code === codes['CoA-Request'];
    return isRequest && isSigned(datagram, unsigned, secret) ? packet : undefined;
  } catch (error) {
    if (error instanceof MalformedPacketError) return undefined;
    throw error;
  }
}

function textOf({ attributes }: Packet, type: number): string | undefined {
  const found = attributes.find((attribute) => attribute.type === type && attribute.vendor === undefined);
  return found && Buffer.from(found.value).toString();
}
