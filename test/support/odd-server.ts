/** A server that does what a test says, and knows how many sockets are open and what it was sent. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTcpServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { type Door } from '../simulators/clearpass.ts';
import { type OpenSockets, openSockets } from '../simulators/open-sockets.ts';

export interface OddServer extends Door {
  readonly sockets: OpenSockets;
  /** Sockets accepted so far. */
  readonly accepted: () => number;
  readonly stop: () => Promise<void>;
}

export interface HeardRequest {
  readonly call: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** Speaks HTTP: what it hears, body and all, is handed on. */
export const oddHttpServer = async (answer: (heard: HeardRequest, response: ServerResponse) => void) =>
  listening(
    createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const { method = '', url = '', headers } = request;
        answer({ call: `${method} ${url}`, headers, body: Buffer.concat(chunks).toString() }, response);
      });
    }),
  );

/** Speaks whatever the test says. */
export const oddTcpServer = async (onSocket: (socket: Socket) => void) =>
  listening(createTcpServer((socket) => onSocket(socket.resume().on('error', () => undefined))));

async function listening(server: Server): Promise<OddServer> {
  const sockets = openSockets();
  let accepted = 0;
  server.on('connection', (socket: Socket) => {
    accepted += 1;
    sockets.opened(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: '127.0.0.1',
    port: (server.address() as AddressInfo).port,
    sockets,
    accepted: () => accepted,
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve));
      sockets.destroyAll();
      await closed;
    },
  };
}
