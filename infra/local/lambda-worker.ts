/** What runs in a worker: one execution environment of one function, from its cold start to its end. */
import { parentPort, workerData } from 'node:worker_threads';
import { followClock } from './moved-clock.ts';

/** What the worker is started with. */
export interface EnvironmentData {
  readonly bundle: string;
  readonly exportName: string;
  readonly clock: SharedArrayBuffer;
  readonly functionName: string;
  readonly functionArn: string;
  readonly memoryMegabytes: number;
}

export interface Invocation {
  readonly requestId: string;
  readonly event: string;
  readonly timeoutMs: number;
}

/** What came of an invocation; payloads are JSON texts, as they are on AWS. */
export type Outcome =
  | { readonly outcome: 'answered'; readonly payload: string }
  | { readonly outcome: 'failed'; readonly errorType: string; readonly message: string };

const data = workerData as EnvironmentData;
followClock(data.clock); // before the bundle, which may keep what it finds

type Handler = (event: unknown, context: object) => unknown;
const { [data.exportName]: handler } = (await import(data.bundle)) as Record<string, Handler | undefined>;
if (typeof handler !== 'function') throw new Error(`${data.bundle} exports no function "${data.exportName}".`);
if (handler.length > 2) throw new Error('Lambda calls no handler with a callback since Node 24. Return a promise.');

parentPort?.on('message', (invocation: Invocation) => void invoke(handler, invocation));
parentPort?.postMessage('ready');

async function invoke(handle: Handler, { requestId, event, timeoutMs }: Invocation): Promise<void> {
  const endsAt = performance.now() + timeoutMs;
  const context = {
    awsRequestId: requestId,
    callbackWaitsForEmptyEventLoop: true,
    functionName: data.functionName,
    functionVersion: '$LATEST',
    getRemainingTimeInMillis: () => Math.max(0, Math.round(endsAt - performance.now())),
    invokedFunctionArn: data.functionArn,
    logGroupName: `/aws/lambda/${data.functionName}`,
    logStreamName: 'this-machine',
    memoryLimitInMB: String(data.memoryMegabytes),
  };
  parentPort?.postMessage(await outcomeOf(() => handle(JSON.parse(event), context)));
}

async function outcomeOf(run: () => unknown): Promise<Outcome> {
  try {
    return { outcome: 'answered', payload: payloadOf(await run()) };
  } catch (error) {
    console.error(error);
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    return { outcome: 'failed', errorType: name, message };
  }
}

const payloadOf = (result: unknown): string => (result === undefined ? 'null' : JSON.stringify(result));
