/**
 * Lines of syslog to a tenant's receiver: a datagram each (RFC 5426), or octet-counted on one connection (RFC 6587 and, with
 * TLS, RFC 5425). Nothing is changed in a line.
 */
import { createSocket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { connect as connectTcp, isIP, isIPv6, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import {
  ForwardFailed,
  type LogConnection,
  type LogDestination,
  type LogReceivers,
} from '../threat-logs/forward-logs.ts';
import type { AddressGuard } from './address-guard.ts';
import { reasonOf } from './failure-reason.ts';

/** All in milliseconds. */
export interface LogBudgets {
  readonly connect: number;
  /** How long a receiver may take no byte. */
  readonly stall: number;
  /** How long it may take to hang up after us; one that has not may have read nothing. */
  readonly close: number;
}

const usual: LogBudgets = { connect: 2_000, stall: 5_000, close: 5_000 };

/** What a datagram holds. */
const longestDatagram = { ipv4: 65_507, ipv6: 65_487 } as const;

export const logReceivers = (guard: AddressGuard, budgets = usual): LogReceivers => ({
  async open(destination) {
    const address = await allowedAddressOf(destination.host, guard);
    try {
      return destination.transport === 'udp'
        ? await datagrams(address, destination.port)
        : await stream(address, destination, budgets);
    } catch (error) {
      throw failureOf(error);
    }
  },
});

/** A name is looked up once, and what was checked is what is connected to. */
async function allowedAddressOf(host: string, guard: AddressGuard): Promise<string> {
  const found = isIP(host) > 0 ? [host] : await addressesOf(host);
  const allowed = found.find((address) => guard(address) === 'allowed');
  if (allowed === undefined) throw new ForwardFailed(found.length > 0 ? 'address-refused' : 'name-unresolved');
  return allowed;
}

async function addressesOf(name: string): Promise<readonly string[]> {
  try {
    return (await lookup(name, { all: true })).map(({ address }) => address);
  } catch {
    return [];
  }
}

const failureOf = (error: unknown) => (error instanceof ForwardFailed ? error : new ForwardFailed(reasonOf(error)));

/** A port that nobody listens on says so to the datagram after the first, if at all. */
async function datagrams(address: string, port: number): Promise<LogConnection> {
  const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
  let failure: unknown;
  socket.on('error', (error) => (failure ??= error));
  try {
    socket.connect(port, address);
    await once(socket, 'connect');
  } catch (error) {
    socket.close(); // bound as it is by now, it would be there for good
    throw error;
  }
  const send = async (line: Uint8Array) =>
    new Promise<void>((resolve, reject) => socket.send(line, (error) => (error ? reject(error) : resolve())));
  const failed = () => {
    if (failure !== undefined) throw failureOf(failure);
  };
  return {
    longestLine: isIPv6(address) ? longestDatagram.ipv6 : longestDatagram.ipv4,
    async send(lines) {
      try {
        for (const line of lines) await send(line);
      } catch (error) {
        failure ??= error;
      }
      failed();
    },
    async close() {
      await new Promise((resolve) => setImmediate(resolve)); // a refusal that has come is told now
      socket.close();
      await once(socket, 'close');
      failed();
    },
  };
}

async function stream(address: string, destination: LogDestination, budgets: LogBudgets): Promise<LogConnection> {
  const socket = opened(address, destination);
  let failure: unknown;
  socket.on('error', (error) => (failure ??= error));
  const fails = (reason: string) => () => socket.destroy(new ForwardFailed(reason));
  const timer = setTimeout(fails('connection-timeout'), budgets.connect);
  try {
    await once(socket, destination.transport === 'tls' ? 'secureConnect' : 'connect');
  } finally {
    clearTimeout(timer);
  }
  socket.resume(); // a receiver has nothing to say; unread, its end would never be seen
  const check = () => {
    if (failure !== undefined) throw failureOf(failure);
    if (socket.destroyed || socket.readableEnded) throw new ForwardFailed('connection-reset');
  };
  return {
    longestLine: Infinity,
    async send(lines) {
      check();
      const framed = Buffer.concat(lines.flatMap((line) => [Buffer.from(`${line.length} `), line]));
      const stalled = setTimeout(fails('receiver-stalled'), budgets.stall);
      try {
        await new Promise<void>((resolve, reject) =>
          socket.write(framed, (error) => (error ? reject(error) : resolve())),
        );
      } catch (error) {
        throw failureOf(failure ?? error);
      } finally {
        clearTimeout(stalled);
      }
    },
    async close() {
      const isBroken = failure !== undefined || socket.destroyed;
      const late = setTimeout(fails('receiver-stalled'), budgets.close);
      socket.end();
      if (!socket.closed) await new Promise((resolve) => socket.once('close', resolve));
      clearTimeout(late);
      if (isBroken || failure !== undefined) throw failureOf(failure ?? new ForwardFailed('connection-reset'));
    },
  };
}

function opened(host: string, { host: name, port, transport, caCertificate }: LogDestination): Socket {
  if (transport !== 'tls') return connectTcp({ host, port }).setNoDelay();
  return connectTls({
    host,
    port,
    ...(isIP(name) === 0 && { servername: name }),
    ...(caCertificate !== null && { ca: caCertificate }),
    rejectUnauthorized: true, // said, so that no environment variable can unsay it
  });
}
