/** The way from a site to the service, which can be cut: it hands requests on, or lets them hang. */
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Way {
  readonly url: string;
  /** Whether what comes is handed on, or only the very next; what hangs is answered never. */
  state: 'open' | 'open-once' | 'hanging';
  /** The paths that were asked for. */
  readonly asked: string[];
  readonly close: () => Promise<void>;
}

export async function wayTo(service: string): Promise<Way> {
  const server: Server = createServer((incoming, outgoing) => {
    const { method, url = '/', headers } = incoming;
    way.asked.push(url);
    if (way.state === 'hanging') return;
    if (way.state === 'open-once') way.state = 'hanging';
    const onward = request(service + url, { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    onward.on('error', () => outgoing.destroy());
    incoming.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const way: Way = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    state: 'open',
    asked: [],
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return way;
}
