/**
 * A receiver of syslog, as ClearPass is one: it takes datagrams, or octet-counted lines over TCP or TLS, and keeps each with the
 * moment when it came. It may hang up in the middle, or take nothing any more.
 */
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';

export interface SyslogReceiver {
  readonly address: string;
  readonly port: number;
  /** As they came, byte for byte. */
  readonly lines: () => readonly string[];
  /** The most that surely came in one second, wherever it begins, however late this process was to see them. */
  readonly mostInASecond: () => number;
  /** From the first to the last. */
  readonly span: () => { readonly lines: number; readonly ms: number };
  readonly statistics: () => Readonly<Record<'connections' | 'maxOpenConnections' | 'hungUp', number>>;
  readonly behave: (behaviour: Behaviour) => void;
  readonly forget: () => void;
  stop(): Promise<void>;
}

export interface Behaviour {
  /** Hangs up, without a word, once it has taken so many lines of a connection. */
  readonly resetsAfter?: number;
  /** Takes no byte any more. */
  readonly stalls?: 'from-the-start';
}

export interface SyslogReceiverOptions {
  readonly transport: 'udp' | 'tcp' | 'tls';
  /** Any free one where nothing is said. */
  readonly port?: number;
  /** Of this machine. */
  readonly address?: string;
  /** PEM, for TLS. */
  readonly key?: string;
  readonly cert?: string;
}

interface Came {
  readonly line: Buffer;
  readonly at: number;
  /** When this process looked last before: a line that it is late to see may have come since. */
  readonly since: number;
}

/** How often this process looks where nothing comes, in milliseconds. */
const looksMs = 5;

export async function startSyslogReceiver({
  transport,
  port = 0,
  address = '127.0.0.1',
  key,
  cert,
}: SyslogReceiverOptions): Promise<SyslogReceiver> {
  // A timer that is late goes off before what came meanwhile is read: that may have come since the time before.
  let [lookedBefore, lookedAt] = [performance.now(), performance.now()];
  const looking = setInterval(() => ([lookedBefore, lookedAt] = [lookedAt, performance.now()]), looksMs).unref();
  const came: Came[] = [];
  const open = new Set<Socket>();
  let behaviour: Behaviour = {};
  let [connections, maxOpenConnections, hungUp] = [0, 0, 0];

  const take = (line: Buffer, since = lookedBefore) =>
    came.push({ line: Buffer.from(line), at: performance.now(), since });

  function connected(socket: Socket) {
    connections += 1;
    open.add(socket);
    maxOpenConnections = Math.max(maxOpenConnections, open.size);
    socket.on('error', () => undefined);
    socket.once('close', () => open.delete(socket));
    if (behaviour.stalls) {
      socket.pause();
      return;
    }
    let rest = Buffer.alloc(0);
    let taken = 0;
    let since: number | undefined = lookedBefore; // what is read first has waited for the connection to be taken
    socket.on('data', (data: Buffer) => {
      rest = Buffer.concat([rest, data]);
      for (let frame = frameIn(rest); frame; frame = frameIn(rest)) {
        if (taken === behaviour.resetsAfter) {
          hungUp += 1;
          socket.resetAndDestroy();
          return;
        }
        take(frame.line, since);
        taken += 1;
        rest = rest.subarray(frame.end);
      }
      since = undefined;
    });
    socket.once('end', () => socket.end());
  }

  const listening = transport === 'udp' ? await udp(port, address, take) : await tcp(port, address, connected, transport === 'tls' ? { key, cert } : undefined); // prettier-ignore
  return {
    address,
    port: (listening.address() as AddressInfo).port,
    lines: () => came.map(({ line }) => line.toString()),
    mostInASecond() {
      let [most, first] = [0, 0];
      for (const [index, { at }] of came.entries()) {
        while (first < index && (came[first]?.since ?? at) <= at - 1_000) first += 1;
        most = Math.max(most, index - first + 1);
      }
      return most;
    },
    span: () => ({ lines: came.length, ms: (came.at(-1)?.at ?? 0) - (came[0]?.at ?? 0) }),
    statistics: () => ({ connections, maxOpenConnections, hungUp }),
    behave: (next) => (behaviour = next),
    forget: () => void came.splice(0),
    async stop() {
      clearInterval(looking);
      for (const socket of open) socket.destroy();
      listening.close();
      await once(listening, 'close');
    },
  };
}

async function udp(port: number, address: string, take: (line: Buffer) => void): Promise<UdpSocket> {
  const socket = createSocket({ type: 'udp4', recvBufferSize: 4_000_000 }).on('message', (line) => take(line));
  socket.bind(port, address);
  await once(socket, 'listening');
  return socket;
}

async function tcp(
  port: number,
  address: string,
  connected: (socket: Socket) => void,
  tls?: { readonly key?: string | undefined; readonly cert?: string | undefined },
): Promise<Server> {
  const server = tls ? createTlsServer({ key: tls.key, cert: tls.cert }, connected) : createServer({ allowHalfOpen: true }, connected); // prettier-ignore
  server.listen(port, address);
  await once(server, 'listening');
  return server;
}

function frameIn(bytes: Buffer): { readonly line: Buffer; readonly end: number } | undefined {
  const space = bytes.indexOf(0x20);
  if (space === -1) return undefined;
  const end = space + 1 + Number(bytes.subarray(0, space).toString());
  return bytes.length >= end ? { line: bytes.subarray(space + 1, end), end } : undefined;
}
