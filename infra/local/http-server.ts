import { createServer, type RequestListener, type Server, type ServerOptions } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { CannotStart } from './cannot-start.ts';
import type { Certificate } from './certificate.ts';

export interface HttpServer {
  readonly url: string;
  readonly stop: () => Promise<void>;
}

/** Starts something that answers in the place of an engine, at whose address it finds it. */
export type Interpose = (engine: 'dynamodb' | 'sqs', url: string) => Promise<HttpServer>;

export interface ListenOptions extends ServerOptions {
  /** What it shows to callers. Without one it speaks plain HTTP. */
  readonly certificate?: Certificate | undefined;
}

/** Listens on 127.0.0.1. Port 0 picks a free one. Throws `CannotStart` where the port is in use. */
export async function listen(
  port: number,
  listener: RequestListener,
  { certificate, ...options }: ListenOptions = {},
): Promise<HttpServer> {
  // Clients keep connections for later; one that the server closes first costs them a failed request.
  const settings = { keepAliveTimeout: 75_000, ...options };
  const server = certificate
    ? createTlsServer({ ...settings, ...certificate }, listener)
    : createServer(settings, listener);
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(asCannotStart(error, port, certificate)));
    server.listen(port, '127.0.0.1', resolve);
  });
  const scheme = certificate ? 'https' : 'http';
  return { url: `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`, stop: () => stop(server) };
}

/** A port that is free now: any, or this one. Whoever asks must be ready to find it taken a moment later. */
export async function freePort(wanted = 0, options: ListenOptions = {}): Promise<number> {
  const server = await listen(wanted, () => undefined, options);
  await server.stop();
  return Number(new URL(server.url).port);
}

async function stop(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeAllConnections();
  await closed;
}

function asCannotStart(error: NodeJS.ErrnoException, port: number, certificate: Certificate | undefined): Error {
  const other = certificate ? 'POSTERN_TLS_PORT=8444' : 'POSTERN_PORT=8081';
  if (error.code === 'EADDRINUSE')
    return new CannotStart(`Port ${port} is in use. End what listens there, or choose another: ${other} npm start`);
  if (error.code === 'EACCES')
    return new CannotStart(`Port ${port} may not be used by you. Choose one above 1023: ${other} npm start`);
  return error;
}
