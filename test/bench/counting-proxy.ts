/**
 * Stands before the engine and counts what goes to it: requests, the writes in them, and the capacity units that the
 * engine says they consumed, for which it asks where the client did not.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';

export interface Traffic {
  readonly requests: number;
  /** Items that were asked to be written, those included whose condition did not hold. */
  readonly writes: number;
  readonly readUnits: number;
  readonly writeUnits: number;
}

export interface CountingProxy {
  readonly endpoint: string;
  /** What has passed since it was asked last. */
  take(): Traffic;
  stop(): Promise<void>;
}

const nothing: Traffic = { requests: 0, writes: 0, readUnits: 0, writeUnits: 0 };

/** Requests are counted to whatever table they go, writes and units of this one only. */
export async function countingProxy(engine: string, table: string): Promise<CountingProxy> {
  let traffic = nothing;
  const server = createServer((incoming, outgoing) => {
    forward({ engine, table }, incoming, outgoing).then(
      (seen) => (traffic = sum(traffic, seen)),
      (error: unknown) => outgoing.destroy(error as Error),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The proxy has no port.');

  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    take() {
      const taken = traffic;
      traffic = nothing;
      return taken;
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

interface Asked {
  /** Of a single item; our batches are all of the one table that is looked at. */
  readonly TableName?: string;
  readonly Statements?: readonly { readonly Statement: string }[];
}

interface Told {
  readonly ConsumedCapacity?: Consumed | readonly Consumed[];
}

interface Consumed {
  readonly CapacityUnits: number;
}

/** The engine wants a signature and whatever belongs to it, and does not check it. */
const signed = /^(authorization|content-type|x-amz-.*)$/;

async function forward(
  { engine, table }: { engine: string; table: string },
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<Traffic> {
  const target = String(incoming.headers['x-amz-target']);
  const asked = JSON.parse(await text(incoming)) as Asked;
  const response = await fetch(engine, {
    method: 'POST',
    headers: Object.entries(incoming.headers).filter((pair): pair is [string, string] => signed.test(pair[0])),
    body: JSON.stringify({ ...asked, ReturnConsumedCapacity: 'TOTAL' }),
  });
  const answer = await response.text();
  outgoing.writeHead(response.status, { 'content-type': 'application/x-amz-json-1.0' }).end(answer);
  if (asked.TableName !== undefined && asked.TableName !== table) return { ...nothing, requests: 1 };
  return trafficOf(target, asked, JSON.parse(answer) as Told);
}

function trafficOf(target: string, { Statements }: Asked, { ConsumedCapacity }: Told): Traffic {
  const operation = target.slice(target.indexOf('.') + 1);
  const reads = /^(GetItem|BatchGetItem|Query|Scan)$/.test(operation);
  if (!reads && !/^(PutItem|UpdateItem|BatchExecuteStatement)$/.test(operation)) {
    throw new Error(`The proxy does not know how to count ${operation}.`);
  }
  // What a refused write consumed is in no answer: by the published rule, one unit a kilobyte, at least one.
  const units = ConsumedCapacity === undefined ? 1 : [ConsumedCapacity].flat().reduce((all, each) => all + each.CapacityUnits, 0); // prettier-ignore
  return reads
    ? { requests: 1, writes: 0, readUnits: units, writeUnits: 0 }
    : { requests: 1, writes: Statements?.length ?? 1, readUnits: 0, writeUnits: units };
}

const sum = (one: Traffic, other: Traffic): Traffic => ({
  requests: one.requests + other.requests,
  writes: one.writes + other.writes,
  readUnits: one.readUnits + other.readUnits,
  writeUnits: one.writeUnits + other.writeUnits,
});
