/**
 * Stands between functions and an engine and does to each exchange what it is told to. What it may do is what networks
 * and services do: nothing comes, nothing goes back, half of it does, late, or something else is answered.
 */
import { Agent, type IncomingMessage, request as ask, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { type HttpServer, listen } from '../../infra/local/http-server.ts';

/** One request on its way to the engine. */
export interface Exchange {
  /** Counted from 1 in the order of arrival. */
  readonly number: number;
  /** As `X-Amz-Target` names it: `PutItem`, `SendMessage`. */
  readonly operation: string;
  readonly body: string;
  /** Has the engine do it, or something else in its place; what came of it is not told to anybody yet. */
  readonly forward: (body?: string, operation?: string) => Promise<Told>;
  readonly answer: (told: Told) => void;
  /** Half of the answer, and the connection is gone. */
  readonly cut: (told: Told) => void;
  /** The connection is gone without an answer. */
  readonly reset: () => void;
}

export interface Told {
  readonly status: number;
  readonly body: string;
}

/** What becomes of an exchange. */
export type Fate = (exchange: Exchange) => Promise<void>;

export const passed: Fate = async (exchange) => exchange.answer(await exchange.forward());

export interface FaultProxy extends HttpServer {
  /** From now on; all pass at the start. */
  readonly decide: (fateOf: (exchange: Exchange) => Fate) => void;
}

/** The engine wants a signature and whatever belongs to it, and does not check it. */
const signed = /^(authorization|content-type|x-amz-.*)$/;

export async function faultProxy(engine: string): Promise<FaultProxy> {
  const { hostname: host, port } = new URL(engine);
  const agent = new Agent({ keepAlive: true });
  let fateOf: (exchange: Exchange) => Fate = () => passed;
  let arrived = 0;

  async function pass(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const body = (await buffer(incoming)).toString();
    const target = String(incoming.headers['x-amz-target']);
    const [service = '', operation = ''] = target.split('.');
    const kept = Object.entries(incoming.headers).filter(([name]) => signed.test(name));
    const headersFor = (text: string, called: string) => ({
      ...Object.fromEntries(kept),
      'x-amz-target': `${service}.${called}`,
      'content-length': Buffer.byteLength(text),
    });
    const forward: Exchange['forward'] = async (text = body, called = operation) => {
      const asked = ask({ agent, host, port, method: 'POST', path: '/', headers: headersFor(text, called) });
      outgoing.once('close', () => asked.destroy()); // who asked is gone: a long poll must not go on without them
      const answered = new Promise<IncomingMessage>((resolve, reject) => {
        asked.once('response', resolve).once('error', reject);
      });
      asked.end(text);
      const response = await answered;
      return { status: response.statusCode ?? 0, body: (await buffer(response)).toString() };
    };
    const write = ({ status, body: text }: Told) =>
      outgoing.writeHead(status, { 'content-type': String(incoming.headers['content-type']), 'content-length': Buffer.byteLength(text) }); // prettier-ignore
    const reset = () => void incoming.socket.resetAndDestroy();
    arrived += 1;
    const exchange: Exchange = {
      number: arrived,
      operation,
      body,
      forward,
      answer: (told) => void write(told).end(told.body),
      cut: (told) => void write(told).write(told.body.slice(0, told.body.length / 2), reset),
      reset,
    };
    await fateOf(exchange)(exchange);
  }

  const server = await listen(0, (incoming, outgoing) => {
    pass(incoming, outgoing).catch(() => outgoing.destroy()); // whoever asked, or the engine, is gone
  });
  return {
    url: server.url,
    decide: (decision) => void (fateOf = decision),
    async stop() {
      await server.stop();
      agent.destroy();
    },
  };
}
