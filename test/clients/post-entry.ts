/**
 * Posts a file to a Postern over HTTPS, as ClearPass does, with Node's standard library and nothing else:
 *
 *   node test/clients/post-entry.ts test/examples/clearpass/packetfence-logon.xml
 *   node test/clients/post-entry.ts --url https://postern.example.net --user U --password P < post.xml
 *
 * Without `--url` it posts to the sandbox that `npm start` leaves word of in `.postern`. It prints the answer; the exit
 * code is 0 where the post was taken.
 */
import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { buffer, text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';

interface Target {
  readonly url: string;
  readonly user: string;
  readonly password: string;
  /** A PEM file to trust; where none is named, whom Node trusts. */
  readonly certificate?: string | undefined;
}

/** As much of `.postern/sandbox.json` as a sender needs. */
interface Sandbox {
  readonly tlsUrl: string;
  readonly credentials: { readonly 'web-api': { readonly user: string; readonly password: string } };
}

const longestMs = 30_000;

try {
  const { values, positionals } = parseArgs({
    options: {
      url: { type: 'string' },
      user: { type: 'string', default: '' },
      password: { type: 'string', default: '' },
      certificate: { type: 'string' },
    },
    allowPositionals: true,
  });
  const { url, ...credential } = values;
  const [file] = positionals;
  const body = file === undefined ? await buffer(process.stdin) : readFileSync(file);
  const { status, answer } = await post(url === undefined ? sandbox() : { url, ...credential }, body);
  console.log(answer);
  process.exitCode = status === 200 ? 0 : 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

function sandbox(): Target {
  const { tlsUrl, credentials } = JSON.parse(readFileSync('.postern/sandbox.json', 'utf8')) as Sandbox;
  return { url: tlsUrl, ...credentials['web-api'], certificate: '.postern/tls-certificate.pem' };
}

async function post({ url, user, password, certificate }: Target, body: Buffer) {
  const trusted = certificate === undefined ? {} : { ca: readFileSync(certificate) };
  const sent = request(new URL('/api/userfw/v1/post-entry', url), {
    method: 'POST',
    auth: `${user}:${password}`,
    headers: { 'Content-Length': body.length },
    signal: AbortSignal.timeout(longestMs),
    ...trusted,
  });
  return new Promise<{ status: number; answer: string }>((resolve, reject) => {
    sent.on('error', reject).on('response', (response) => {
      text(response).then((answer) => resolve({ status: response.statusCode ?? 0, answer }), reject);
    });
    sent.end(body);
  });
}
