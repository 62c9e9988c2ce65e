import { createServer, type RequestListener, type Server, type ServerOptions } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CannotStart } from './cannot-start.ts';

export interface HttpServer {
  readonly url: string;
  readonly stop: () => Promise<void>;
}

/** Listens on 127.0.0.1. Port 0 picks a free one. Throws `CannotStart` where the port is in use. */
export async function listen(
  port: number,
  listener: RequestListener,
  options: ServerOptions = {},
): Promise<HttpServer> {
  // Clients keep connections for later; one that the server closes first costs them a failed request.
  const server = createServer({ keepAliveTimeout: 75_000, ...options }, listener);
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(asCannotStart(error, port)));
    server.listen(port, '127.0.0.1', resolve);
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, stop: () => stop(server) };
}

/** A port that is free now: any, or this one. Whoever asks must be ready to find it taken a moment later. */
export async function freePort(wanted = 0): Promise<number> {
  const server = await listen(wanted, () => undefined);
  await server.stop();
  return Number(new URL(server.url).port);
}

async function stop(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeAllConnections();
  await closed;
}

function asCannotStart(error: NodeJS.ErrnoException, port: number): Error {
  if (error.code === 'EADDRINUSE')
    return new CannotStart(
      `Port ${port} is in use. End what listens there, or choose another: POSTERN_PORT=8081 npm start`,
    );
  if (error.code === 'EACCES')
    return new CannotStart(`Port ${port} may not be used by you. Choose one above 1023: POSTERN_PORT=8081 npm start`);
  return error;
}
