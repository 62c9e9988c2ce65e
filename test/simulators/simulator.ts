/**
 * A server that lets in whoever holds a token, over HTTP and HTTPS on real sockets, behaves as badly as it is told to, and
 * counts the sockets that are open at once. What it is asked and answers is a product's own.
 *
 * It has three doors. At `server` and `tlsServer` every socket counts from the moment it is accepted. `url` is for
 * people and scripts: there the control paths are, and a socket counts once something else is asked on it.
 */
import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { TLSSocket } from 'node:tls';
import ipaddr from 'ipaddr.js';
import * as v from 'valibot';
import { type Certificate, certificateFor } from '../support/certificates.ts';
import { behaviour, type Behaviour, type PartialBehaviour, seededChance, type Statistics } from './behaviour.ts';
import { openSockets } from './open-sockets.ts';

export interface SimulatorOptions {
  /** Of `url`; any free one where nothing is said, as for the other doors always. */
  readonly port?: number;
  /** Of this machine, `127.0.0.1` where nothing is said: another one may have the same port. */
  readonly address?: string;
  readonly tlsPort?: number;
  readonly seed?: number;
  readonly certificate?: Certificate;
  /** Secrets by client id; where nothing is said every client with a secret gets a token. */
  readonly clients?: Readonly<Record<string, string>>;
}

/** What a simulated server is. */
export interface Product<Question> {
  readonly tokenPath: string;
  /** What is asked at a path; undefined where there is nothing to ask. */
  readonly question: (url: URL) => Question | undefined;
  /** As JSON; undefined where nothing is known. */
  readonly answer: (question: Question) => string | undefined;
  /** Who holds a token that was given some other way; where this is said no other token is taken. */
  readonly holderOf?: (token: string) => string | undefined;
  /** Seconds until it may be asked again, where it is asked too often. */
  readonly busyFor?: () => number | undefined;
  /** What scripts may tell it: a call like `PUT /endpoints/192.0.2.1`, and its body. */
  readonly control: (call: string, told: unknown) => 'done' | 'unknown';
}

/** A question as it came in, and whose token it was asked with; absent where that was none of ours, or had expired. */
export type Asked<Question> = Question & { readonly clientId?: string };

export interface Door {
  readonly address: string;
  readonly port: number;
}

export interface Simulator<Question> {
  readonly url: string;
  readonly server: Door;
  readonly tlsServer: Door;
  /** PEM, to trust `tlsServer` by. */
  readonly caCertificate: string;
  readonly statistics: () => Statistics;
  readonly questions: () => readonly Asked<Question>[];
  /** Resolves when no socket is open. */
  readonly deserted: () => Promise<void>;
  /** In the place of all that it was told before. */
  readonly behave: (told: PartialBehaviour) => void;
  /** From now on it takes none of the tokens that it has given. */
  readonly revokeTokens: () => void;
  /** From now on it knows these secrets alone; tokens that it has given stay good. */
  readonly changeSecrets: (clients: Readonly<Record<string, string>>) => void;
  readonly stop: () => Promise<void>;
}

export async function startSimulator<Question extends object>(
  product: Product<Question>,
  options: SimulatorOptions = {},
): Promise<Simulator<Question>> {
  const { port = 0, tlsPort = 0, address = '127.0.0.1', seed = 1 } = options;
  const { certificate = await certificateFor(address, 'localhost') } = options;
  const sockets = openSockets();
  const chance = seededChance(seed);
  const tokens = new Map<string, { readonly clientId: string; readonly expiresAt: number }>();
  const asked: Asked<Question>[] = [];
  let mood: Behaviour = v.parse(behaviour, {});
  let tokenRequests = 0;
  let { clients } = options;

  const api: RequestListener = (request, response) => {
    void answer(request, response).catch(() => request.socket.destroy());
  };
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const url = urlOf(request);
    if (url.pathname === product.tokenPath && request.method === 'POST') return giveToken(request, response);
    const question = request.method === 'GET' ? product.question(url) : undefined;
    if (question !== undefined) return answerFor(question, request, response);
    return send(response, 404, { status: 404, title: 'Not Found' });
  };

  async function giveToken(request: IncomingMessage, response: ServerResponse) {
    tokenRequests += 1;
    const { tokenErrorRate, tokenForm, tokenLatencyMs, tokenSeconds } = mood;
    const fails = chance() < tokenErrorRate;
    const body = await bodyOf(request);
    await wait(tokenLatencyMs, undefined, { ref: false });
    if (fails) return send(response, 503, { title: 'Service Unavailable' });
    const form = request.headers['content-type']?.startsWith('application/json') === true ? 'json' : 'form';
    if (tokenForm !== 'any' && tokenForm !== form) return send(response, 415, { title: 'Unsupported Media Type' });
    const { grant_type: grant, client_id: clientId = '', client_secret: secret = '' } = fieldsIn(body, form);
    const known = clients === undefined ? secret !== '' : clients[clientId] === secret;
    if (grant !== 'client_credentials' || !known) return send(response, 400, { error: 'invalid_client' });
    const token = randomBytes(20).toString('hex');
    tokens.set(token, { clientId, expiresAt: Date.now() + tokenSeconds * 1_000 });
    send(response, 200, { access_token: token, expires_in: tokenSeconds, token_type: 'Bearer', scope: null });
  }

  function holderOf(token: string): string | undefined {
    if (product.holderOf) return product.holderOf(token);
    const given = tokens.get(token);
    return given !== undefined && given.expiresAt > Date.now() ? given.clientId : undefined;
  }

  async function answerFor(question: Question, request: IncomingMessage, response: ServerResponse) {
    const { latencyMs, jitterMs, errorRate, hang, resetRate } = mood;
    const [fate, delay] = [chance(), chance()];
    const clientId = holderOf(/^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '');
    const client = clientId === undefined ? {} : { clientId };
    asked.push({ ...question, ...client });
    if (fate < hang) return;
    await wait(latencyMs + delay * jitterMs, undefined, { ref: false });
    if (fate < hang + resetRate) return tearOff(response);
    if (fate < hang + resetRate + errorRate) return send(response, 503, { title: 'Service Unavailable' });
    if (clientId === undefined) return send(response, 401, { title: 'Unauthorized' });
    const busy = product.busyFor?.();
    if (busy !== undefined) {
      return send(response.setHeader('retry-after', busy), 429, { title: 'Too Many Requests' });
    }
    const found = product.answer(question);
    if (found === undefined) return send(response, 404, { status: 404, title: 'Not Found' });
    return send(response, 200, found);
  }

  const statistics = (): Statistics => ({
    queries: asked.length,
    openSockets: sockets.now(),
    maxOpenSockets: sockets.most(),
    tokens: tokenRequests,
  });
  const behave = (told: unknown) => void (mood = v.parse(behaviour, told));

  async function control(request: IncomingMessage, response: ServerResponse) {
    const call = `${request.method ?? ''} ${urlOf(request).pathname.slice('/_simulator'.length)}`;
    try {
      const body = await bodyOf(request);
      if (call === 'GET /statistics') return send(response, 200, statistics());
      if (call === 'PUT /behaviour') behave(JSON.parse(body));
      else if (call === 'DELETE /statistics') forget();
      else if (product.control(call, JSON.parse(body === '' ? 'null' : body)) === 'unknown') {
        return send(response, 404, { title: 'There is no such control.' });
      }
      return response.writeHead(204).end();
    } catch (error) {
      return send(response, 400, { title: error instanceof Error ? error.message : 'Not understood.' });
    }
  }

  function forget() {
    sockets.forget();
    asked.length = 0;
    tokenRequests = 0;
  }

  const plain = createServer(api).on('connection', sockets.opened);
  const tls = createTlsServer({ cert: certificate.cert, key: certificate.key }, api)
    .on('connection', sockets.opened)
    .on('secureConnection', sockets.opened)
    .on('tlsClientError', (_error, socket) => socket.destroy());
  const open = createServer((request, response) => {
    if (urlOf(request).pathname.startsWith('/_simulator/')) return void control(request, response);
    sockets.opened(request.socket);
    api(request, response);
  });
  const doors = [plain, tls, open];
  const [server, tlsServer, controlDoor] = await Promise.all([
    listening(plain, { address }),
    listening(tls, { address, port: tlsPort }),
    listening(open, { address, port }),
  ]);

  return {
    url: `http://${controlDoor.address}:${controlDoor.port}`,
    server,
    tlsServer,
    caCertificate: certificate.cert,
    statistics,
    questions: () => [...asked],
    deserted: sockets.none,
    behave,
    revokeTokens: () => tokens.clear(),
    changeSecrets: (told) => void (clients = told),
    async stop() {
      const closed = doors.map((door) => new Promise((resolve) => door.close(resolve)));
      sockets.destroyAll();
      for (const door of doors) door.closeAllConnections();
      await Promise.all(closed);
    },
  };
}

async function listening(door: Server, { address, port = 0 }: { address: string; port?: number }): Promise<Door> {
  await new Promise<void>((resolve, reject) => {
    door.once('error', reject).listen(port, address, resolve);
  });
  return { address, port: (door.address() as AddressInfo).port };
}

const urlOf = ({ url = '/' }: IncomingMessage) => new URL(url, 'http://simulator');

/** One name for an address, however it is written; what is none is its own name. */
export const canonical = (ip: string) => (ipaddr.isValid(ip) ? ipaddr.process(ip).toString() : ip);

function send(response: ServerResponse, status: number, body: unknown) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  response.writeHead(status, { 'content-type': 'application/json' }).end(text);
}

/** Half an answer, and the connection is gone. */
function tearOff(response: ServerResponse) {
  const { socket } = response;
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': 100 });
  // A TLS socket cannot be reset by itself; gone without a goodbye it is all the same.
  response.write('{"user":', () => (socket instanceof TLSSocket ? socket.destroy() : socket?.resetAndDestroy()));
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

function fieldsIn(body: string, form: 'json' | 'form'): Readonly<Partial<Record<string, string>>> {
  return form === 'form' ? Object.fromEntries(new URLSearchParams(body)) : (JSON.parse(body) as Record<string, string>);
}
