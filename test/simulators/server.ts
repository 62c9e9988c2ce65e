/**
 * A server over HTTP and HTTPS on real sockets that behaves as badly as it is told to, and counts the sockets that are
 * open at once. What it is asked and answers is a product's own.
 *
 * It has three doors. At `server` and `tlsServer` every socket counts from the moment it is accepted. `url` is for
 * people and scripts: there the control paths are, and a socket counts once something else is asked on it.
 */
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

export interface ServerOptions {
  /** Of `url`; any free one where nothing is said, as for the other doors always. */
  readonly port?: number;
  /** Of this machine, `127.0.0.1` where nothing is said: another one may have the same port. */
  readonly address?: string;
  readonly tlsPort?: number;
  readonly seed?: number;
  readonly certificate?: Certificate;
}

export interface Heard {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface Reply {
  readonly status: number;
  /** A text as it is, anything else as JSON; nothing where it is left out. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Served<Asked> {
  /** What is asked, as it is kept for tests; undefined where there is nothing to ask. */
  readonly ask: (heard: Heard) => Asked | undefined;
  readonly answer: (asked: Asked, heard: Heard) => Reply | Promise<Reply>;
  /** How clients get in before they ask; undefined where it is no such request. */
  readonly admit?: (heard: Heard, mood: Behaviour) => Reply | undefined;
  /** What scripts may tell it or ask it: a call like `PUT /endpoints/192.0.2.1`, and its body. */
  readonly control: (call: string, told: unknown) => 'done' | 'unknown' | { readonly shown: unknown };
}

export interface Door {
  readonly address: string;
  readonly port: number;
}

export interface SimulatedServer<Asked> {
  readonly url: string;
  readonly server: Door;
  readonly tlsServer: Door;
  /** PEM, to trust `tlsServer` by. */
  readonly caCertificate: string;
  readonly statistics: () => Statistics;
  readonly questions: () => readonly Asked[];
  /** Resolves when no socket is open. */
  readonly deserted: () => Promise<void>;
  /** In the place of all that it was told before. */
  readonly behave: (told: PartialBehaviour) => void;
  readonly stop: () => Promise<void>;
}

export async function startServer<Asked>(
  served: Served<Asked>,
  options: ServerOptions = {},
): Promise<SimulatedServer<Asked>> {
  const { port = 0, tlsPort = 0, address = '127.0.0.1', seed = 1 } = options;
  const { certificate = await certificateFor(address, 'localhost') } = options;
  const sockets = openSockets();
  const chance = seededChance(seed);
  const asked: Asked[] = [];
  let mood: Behaviour = v.parse(behaviour, {});
  let admissions = 0;

  const api: RequestListener = (request, response) => {
    void answer(request, response).catch(() => request.socket.destroy());
  };
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const { method = '', headers } = request;
    const heard = { method, url: urlOf(request), headers, body: await bodyOf(request) };
    const admitted = served.admit?.(heard, mood);
    if (admitted !== undefined) return admit(admitted, response);
    const question = served.ask(heard);
    if (question === undefined) return send(response, notFound);
    return answerFor(question, heard, response);
  };

  async function admit(reply: Reply, response: ServerResponse) {
    admissions += 1;
    const { tokenErrorRate, tokenLatencyMs } = mood;
    const fails = chance() < tokenErrorRate;
    await wait(tokenLatencyMs, undefined, { ref: false });
    send(response, fails ? unavailable : reply);
  }

  async function answerFor(question: Asked, heard: Heard, response: ServerResponse) {
    const { latencyMs, jitterMs, errorRate, hang, resetRate, lostAnswerRate } = mood;
    const [fate, delay] = [chance(), chance()];
    asked.push(question);
    if (fate < hang) return;
    await wait(latencyMs + delay * jitterMs, undefined, { ref: false });
    if (fate < hang + resetRate) return tearOff(response);
    if (fate < hang + resetRate + errorRate) return send(response, unavailable);
    const reply = await served.answer(question, heard);
    return fate < hang + resetRate + errorRate + lostAnswerRate ? tearOff(response) : send(response, reply);
  }

  const statistics = (): Statistics => ({
    queries: asked.length,
    openSockets: sockets.now(),
    maxOpenSockets: sockets.most(),
    tokens: admissions,
  });
  const behave = (told: unknown) => void (mood = v.parse(behaviour, told));

  async function control(request: IncomingMessage, response: ServerResponse) {
    const call = `${request.method ?? ''} ${urlOf(request).pathname.slice('/_simulator'.length)}`;
    try {
      const body = await bodyOf(request);
      if (call === 'GET /statistics') return send(response, { status: 200, body: statistics() });
      if (call === 'PUT /behaviour') behave(JSON.parse(body));
      else if (call === 'DELETE /statistics') forget();
      else return send(response, controlled(served.control(call, JSON.parse(body === '' ? 'null' : body))));
      return send(response, { status: 204 });
    } catch (error) {
      return send(response, {
        status: 400,
        body: { title: error instanceof Error ? error.message : 'Not understood.' },
      });
    }
  }

  function forget() {
    sockets.forget();
    asked.length = 0;
    admissions = 0;
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
    async stop() {
      const closed = doors.map((door) => new Promise((resolve) => door.close(resolve)));
      sockets.destroyAll();
      for (const door of doors) door.closeAllConnections();
      await Promise.all(closed);
    },
  };
}

const notFound = { status: 404, body: { status: 404, title: 'Not Found' } };
const unavailable = { status: 503, body: { title: 'Service Unavailable' } };

function controlled(result: 'done' | 'unknown' | { readonly shown: unknown }): Reply {
  if (result === 'done') return { status: 204 };
  if (result === 'unknown') return { status: 404, body: { title: 'There is no such control.' } };
  return { status: 200, body: result.shown };
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

function send(response: ServerResponse, { status, body, headers }: Reply) {
  if (body === undefined) return void response.writeHead(status, headers).end();
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(text);
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

/** User and password as Basic sends them. */
export function userIn({ headers }: Pick<Heard, 'headers'>): { readonly user: string; readonly password: string } {
  const [, told = ''] = /^Basic (.+)$/.exec(headers.authorization ?? '') ?? [];
  const [user = '', ...rest] = Buffer.from(told, 'base64').toString().split(':');
  return { user, password: rest.join(':') };
}
