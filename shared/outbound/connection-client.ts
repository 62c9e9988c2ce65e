/**
 * A connection of ours to a tenant's server: never more than one socket at a time, and none once `close` has returned.
 * Servers bear only so many connections, so a socket must not outlive whoever was allowed to open it.
 */
import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { connect as connectTcp, isIP, type LookupFunction, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { QuestionFailed } from '../user-query/asking.ts';
import type { AddressGuard } from './address-guard.ts';
import { reasonOf } from './failure-reason.ts';

export interface Reach {
  readonly guard: AddressGuard;
  readonly budgets?: Budgets;
  /** How names become addresses; the machine's own way where nothing is said. */
  readonly resolve?: (name: string) => Promise<readonly { readonly address: string; readonly family: number }[]>;
}

/** All in milliseconds; `total` is for everything that is sent on one connection. */
export interface Budgets {
  readonly connect: number;
  readonly answer: number;
  readonly total: number;
  /** How long a server may take to hang up after us. */
  readonly close: number;
}

const usual: Budgets = { connect: 2_000, answer: 5_000, total: 20_000, close: 500 };

export interface Target {
  /** A name or an address, in lower case and without brackets. */
  readonly host: string;
  readonly port: number;
  readonly security: 'tls' | 'none';
  /** PEM; null: the public roots. */
  readonly caCertificate: string | null;
}

export interface Sent {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** How long the answer may be, where it may be longer than usual. */
  readonly mostBytes?: number;
}

export interface Received {
  readonly status: number;
  readonly body: Uint8Array;
  /** When it is to be asked again, as the server wrote it. */
  readonly retryAfter?: string;
}

export interface Connection {
  /** Throws `QuestionFailed`. */
  readonly send: (sent: Sent) => Promise<Received>;
  readonly close: () => Promise<void>;
  readonly elapsedMs: () => number;
}

/** Far more than the longest sound answer: one record with all its roles has 55 kB. */
const usualBytes = 1_048_576;

/** Opens nothing yet: the first `send` does. */
export function connectionTo(target: Target, { guard, budgets = usual, resolve = resolveAll }: Reach): Connection {
  let socket: Socket | undefined;
  let startedAt: number | undefined;
  let endedAt: number | undefined;
  const elapsedMs = () => (startedAt === undefined ? 0 : Math.round((endedAt ?? performance.now()) - startedAt));

  const checked: LookupFunction = (name, _options, done) => {
    resolve(name).then(
      (found) => {
        const allowed = found.filter(({ address }) => guard(address) === 'allowed');
        if (allowed.length > 0) done(null, [...allowed]);
        else done(new QuestionFailed(found.length > 0 ? 'address-refused' : 'name-unresolved'), []);
      },
      () => done(new QuestionFailed('name-unresolved'), []),
    );
  };

  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  agent.createConnection = () => socket;

  /** The socket of the last exchange where it can be used again; the next is opened only when that one is gone. */
  async function connected(): Promise<void> {
    if (socket?.writable) return;
    startedAt ??= performance.now();
    endedAt = undefined;
    await gone(socket);
    const { host, port, security } = target;
    if (isIP(host) > 0 && guard(host) === 'refused') throw new QuestionFailed('address-refused');
    // A name is looked up once, and its checked addresses are those that are connected to, one after another.
    const opened = security === 'tls' ? overTls(target, checked) : connectTcp({ host, port, lookup: checked });
    socket = opened.setNoDelay();
    opened.on('error', () => undefined); // between two exchanges nobody else listens; the next one finds it closed
    const timer = setTimeout(() => opened.destroy(new QuestionFailed('connection-timeout')), budgets.connect);
    await once(opened, security === 'tls' ? 'secureConnect' : 'connect').finally(() => clearTimeout(timer));
  }

  async function send(sent: Sent): Promise<Received> {
    try {
      await connected();
      const budgetMs = Math.min(budgets.answer, budgets.total - elapsedMs());
      return await exchange(agent, { ...sent, headers: { host: hostHeader(target), ...sent.headers } }, budgetMs);
    } catch (error) {
      endedAt = performance.now();
      await close(); // what is left of an exchange that failed is nobody's
      throw error instanceof QuestionFailed ? error : new QuestionFailed(reasonOf(error));
    }
  }

  /** The server hangs up after us: only then has it a connection to spare. One that does not is hung up on. */
  async function close(): Promise<void> {
    endedAt ??= performance.now();
    const left = socket;
    const timer = setTimeout(() => left?.destroy(), budgets.close);
    left?.end();
    await gone(left);
    clearTimeout(timer);
  }

  return { send, close, elapsedMs };
}

const resolveAll = async (name: string) => lookup(name, { all: true });

function overTls({ host, port, caCertificate }: Target, checked: LookupFunction) {
  return connectTls({
    host,
    port,
    lookup: checked,
    ...(isIP(host) === 0 && { servername: host }),
    ...(caCertificate !== null && { ca: caCertificate }),
    rejectUnauthorized: true, // said, so that no environment variable can unsay it
  });
}

/** Resolves once a socket is closed on our side; at once where there is none. */
async function gone(socket: Socket | undefined): Promise<void> {
  if (socket === undefined || socket.closed) return;
  await new Promise((resolve) => socket.once('close', resolve));
}

async function exchange(agent: Agent, { body, mostBytes, ...sent }: Sent, budgetMs: number): Promise<Received> {
  const asked = request({ agent, setHost: false, ...sent });
  const answer = new Promise<IncomingMessage>((resolve, reject) => {
    asked.on('error', reject);
    asked.once('response', resolve);
    asked.end(body);
  }).then(async (response) => {
    const { statusCode: status = 0, headers } = response;
    const retryAfter = headers['retry-after'];
    return { status, body: await bodyOf(response, mostBytes), ...(retryAfter !== undefined && { retryAfter }) };
  });

  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new QuestionFailed('answer-timeout')), budgetMs);
  });
  return Promise.race([answer, late]).finally(() => clearTimeout(timer));
}

async function bodyOf(response: IncomingMessage, mostBytes = usualBytes): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > mostBytes) throw new QuestionFailed('answer-too-large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function hostHeader({ host, port, security }: Target): string {
  const name = isIP(host) === 6 ? `[${host}]` : host;
  return port === (security === 'tls' ? 443 : 80) ? name : `${name}:${port}`;
}
