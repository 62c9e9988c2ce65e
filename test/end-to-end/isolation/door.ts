/** A door before the engine for some of the functions: honest until a test has it take one tenant for another. */
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Door {
  readonly url: string;
  /** Where it leads. Functions are told of the door before there is an engine. */
  leadsTo: string;
  /** What becomes of a request before the engine sees it. */
  change: (body: string) => string;
  stop(): Promise<void>;
}

export async function openDoor(): Promise<Door> {
  const server: Server = createServer((incoming, answer) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const body = Buffer.from(door.change(Buffer.concat(chunks).toString('utf8')));
      const headers = { ...incoming.headers, 'content-length': String(body.length) };
      const onwards = request(door.leadsTo + (incoming.url ?? '/'), { method: incoming.method, headers }, (heard) => {
        answer.writeHead(heard.statusCode ?? 502, heard.headers);
        heard.pipe(answer);
      });
      onwards.on('error', () => answer.destroy());
      onwards.end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const door: Door = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    leadsTo: '',
    change: (body) => body,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return door;
}
