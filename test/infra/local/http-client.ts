/** Sends what a test says and nothing else: fetch would normalise paths, fold headers and add some of its own. */
import { type OutgoingHttpHeaders, request } from 'node:http';

export interface Sent {
  readonly method?: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: Buffer | string;
}

export interface Received {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Buffer;
  readonly text: string;
}

export function send(url: string, path: string, { method = 'GET', headers = {}, body }: Sent = {}): Promise<Received> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { path, method, headers, agent: false, timeout: 120_000 }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const all = Buffer.concat(chunks);
        const single = Object.entries(response.headersDistinct).map(([name, values]) => [name, values?.join(' | ')]);
        const received = Object.fromEntries(single) as Received['headers'];
        resolve({ status: response.statusCode ?? 0, headers: received, body: all, text: all.toString() });
      });
    });
    asked.on('timeout', () => asked.destroy(new Error('No answer within 20 s.')));
    asked.on('error', reject);
    asked.end(body);
  });
}
