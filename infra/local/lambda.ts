/** Lambda: the template's functions, each in workers that hold one invocation at a time and nothing but their own environment. */
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import * as v from 'valibot';
import { CannotStart } from './cannot-start.ts';
import type { EnvironmentData, Invocation, Outcome } from './lambda-worker.ts';
import { account, immaterial, region, resourceType, type Template } from './template.ts';

const lambdaFunction = resourceType(
  'AWS::Lambda::Function',
  v.strictObject({
    Code: v.strictObject({ S3Bucket: immaterial('assets lie in folders'), S3Key: v.string() }),
    Environment: v.optional(v.strictObject({ Variables: v.record(v.string(), v.string()) })),
    Handler: v.pipe(v.string(), v.regex(/^\w+\.\w+$/)),
    MemorySize: v.optional(v.number(), 128),
    Runtime: v.literal('nodejs24.x'),
    Timeout: v.optional(v.number(), 3),
    Architectures: immaterial('the bundles are JavaScript'),
    LoggingConfig: immaterial('every function writes to the one log of this machine'),
    Role: immaterial('grants are not enforced here; the tests of the template hold them'),
    TracingConfig: immaterial('there is no X-Ray on one machine'),
  }),
  { attributes: { Arn: (id) => arnOf(id) } },
);

const permission = resourceType(
  'AWS::Lambda::Permission',
  v.strictObject({
    Action: v.literal('lambda:InvokeFunction'),
    FunctionName: v.string(),
    Principal: v.literal('apigateway.amazonaws.com'),
    SourceArn: v.string(),
  }),
);

export const lambdaTypes = [lambdaFunction, permission];

const arnOf = (id: string) => `arn:aws:lambda:${region}:${account}:function:${id}`;
/** The ARN of a function that is named by its id or its ARN. */
export const functionArn = (named: string) => (named.startsWith('arn:') ? named : arnOf(named));
/** The name that the stack gave it: the id without the stack's own. */
const nameIn = (functionArn: string) => functionArn.slice(functionArn.lastIndexOf('-') + 1);

export interface LambdaOptions {
  /** What every function finds in its environment beside its own variables: credentials and endpoints. */
  readonly environment: Readonly<Record<string, string>>;
  readonly clock: SharedArrayBuffer;
  readonly log: (line: string) => void;
  /** AWS ends what was idle for some minutes. */
  readonly idleMs: number;
}

/**
 * More workers for one function make a machine slower, not faster, and so do more that start at the same moment: other
 * invocations wait until one of these is free.
 */
const mostWorkers = 24;
const mostStarting = 4;
/** What Lambda takes and gives in one call. */
const longestPayload = 6_291_556;
export const tooLarge = 'RequestEntityTooLargeException';
const initMs = 10_000;

export class Lambda {
  readonly #functions: ReadonlyMap<string, LambdaFunction>;
  readonly #permissions: readonly { readonly FunctionName: string; readonly SourceArn: string }[];
  #state: 'serving' | 'stopped' = 'serving';

  constructor(template: Template, options: LambdaOptions) {
    this.#permissions = template.all(permission).map(({ properties }) => properties);
    this.#functions = new Map(
      template.all(lambdaFunction).map(({ id, properties: { Code, Environment, Handler, MemorySize, Timeout } }) => {
        const [file = '', exportName = ''] = Handler.split('.');
        const data = {
          bundle: bundleOf(template.assetFolder(Code.S3Key), file, id),
          exportName,
          clock: options.clock,
          functionName: id,
          functionArn: arnOf(id),
          memoryMegabytes: MemorySize,
        };
        const environment = {
          ...options.environment,
          AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
          AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(MemorySize),
          AWS_LAMBDA_FUNCTION_NAME: id,
          AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
          ...Environment?.Variables,
        };
        return [arnOf(id), new LambdaFunction({ ...options, data, environment, timeoutMs: Timeout * 1_000 })];
      }),
    );
  }

  /** Whether API Gateway was let in to call this function from there. */
  permission(functionArn: string, sourceArn: string): 'granted' | 'missing' {
    const granted = this.#permissions.some(
      ({ FunctionName, SourceArn }) => FunctionName === functionArn && matches(SourceArn, sourceArn),
    );
    return granted ? 'granted' : 'missing';
  }

  async invoke(functionArn: string, event: unknown): Promise<Outcome> {
    const target = this.#functions.get(functionArn);
    if (!target || this.#state === 'stopped') throw new Error(`There is no function ${functionArn}.`);
    const text = JSON.stringify(event);
    if (text.length > longestPayload)
      return { outcome: 'failed', errorType: tooLarge, message: 'The event is too long.' };
    const outcome = await target.invoke(text);
    if (outcome.outcome === 'failed' || outcome.payload.length <= longestPayload) return outcome;
    return { outcome: 'failed', errorType: 'Function.ResponseSizeTooLarge', message: 'The answer is too long.' };
  }

  /** Messages wait elsewhere for their turn: what may be invoked for them at once is not to wait here again. */
  makeRoom(functionArn: string, invocations: number): void {
    this.#functions.get(functionArn)?.makeRoom(invocations);
  }

  /** Ends one worker in the middle of an invocation: any, or one of a function whose name begins so after its stack's. */
  async killOneWorker(functionName = ''): Promise<'killed' | 'none-busy'> {
    const called = [...this.#functions].filter(([arn]) => nameIn(arn).startsWith(functionName));
    const busy = called.flatMap(([, each]) => each.busyWorkers);
    const chosen = busy[Math.floor(Math.random() * busy.length)];
    await chosen?.kill('Runtime.ExitError', 'The worker was killed.');
    return chosen ? 'killed' : 'none-busy';
  }

  /** Ends every worker where it stands, as AWS may at any time. What it was doing fails. */
  async killWorkers(): Promise<void> {
    await Promise.all([...this.#functions.values()].map((each) => each.killWorkers()));
  }

  async stop(): Promise<void> {
    this.#state = 'stopped';
    await this.killWorkers();
  }
}

/** Whether a pattern of ARNs, in which `*` stands for anything, fits. */
export function matches(pattern: string, arn: string): boolean {
  const parts = pattern.split('*').map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`));
  return new RegExp(`^${parts.join('.*')}$`, 's').test(arn);
}

interface FunctionOptions extends LambdaOptions {
  readonly data: EnvironmentData;
  readonly timeoutMs: number;
}

class LambdaFunction {
  readonly #options: FunctionOptions;
  readonly #workers = new Set<ExecutionEnvironment>();
  readonly #idle: ExecutionEnvironment[] = [];
  readonly #busy = new Set<ExecutionEnvironment>();
  readonly #waiting: (() => void)[] = [];
  #starting = 0;
  #room = 0;

  constructor(options: FunctionOptions) {
    this.#options = options;
  }

  get busyWorkers(): ExecutionEnvironment[] {
    return [...this.#busy];
  }

  makeRoom(invocations: number): void {
    this.#room += invocations;
  }

  async invoke(event: string): Promise<Outcome> {
    const worker = await this.#worker();
    this.#busy.add(worker);
    const outcome = await worker.invoke(event);
    this.#busy.delete(worker);
    if (worker.state === 'alive') {
      this.#idle.push(worker);
      worker.endAfter(this.#options.idleMs);
    }
    this.#waiting.shift()?.();
    return outcome;
  }

  async killWorkers(): Promise<void> {
    await Promise.all([...this.#workers].map((worker) => worker.kill('Runtime.ExitError', 'The worker was killed.')));
  }

  /** The one used last, so that those that a peak needed come to their idle end. */
  async #worker(): Promise<ExecutionEnvironment> {
    for (;;) {
      const idle = this.#idle.pop();
      if (idle?.state === 'alive') return idle;
      if (idle !== undefined) continue;
      const most = Math.max(mostWorkers, this.#room);
      if (this.#starting < mostStarting && this.#workers.size < most) return this.#start();
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  async #start(): Promise<ExecutionEnvironment> {
    const worker = new ExecutionEnvironment(this.#options, () => {
      this.#workers.delete(worker);
      this.#waiting.shift()?.();
    });
    this.#workers.add(worker);
    this.#starting += 1;
    await worker.start();
    this.#starting -= 1;
    this.#waiting.shift()?.();
    return worker;
  }
}

class ExecutionEnvironment {
  readonly #worker: Worker;
  readonly #timeoutMs: number;
  #settle: ((outcome: Outcome | 'ready') => void) | undefined;
  #failure: Outcome | undefined;
  #idleTimer: NodeJS.Timeout | undefined;

  constructor({ data, environment, timeoutMs, log }: FunctionOptions, ended: () => void) {
    this.#timeoutMs = timeoutMs;
    this.#worker = new Worker(new URL('lambda-worker.ts', import.meta.url), {
      workerData: data,
      env: environment,
      name: data.functionName,
      resourceLimits: { maxOldGenerationSizeMb: data.memoryMegabytes },
      stdout: true,
      stderr: true,
    });
    for (const output of [this.#worker.stdout, this.#worker.stderr]) {
      createInterface({ input: output }).on('line', (line) => log(`${data.functionName} ${line}`));
    }
    this.#worker.on('message', (outcome: Outcome | 'ready') => this.#settle?.(outcome));
    this.#worker.on('error', (error: Error) => {
      log(`${data.functionName} ${error.stack ?? error.message}`);
      this.#end({ outcome: 'failed', errorType: error.name, message: error.message });
    });
    this.#worker.on('exit', () => {
      this.#end({ outcome: 'failed', errorType: 'Runtime.ExitError', message: 'The function ended its own process.' });
      ended();
    });
  }

  get state(): 'alive' | 'ended' {
    return this.#failure ? 'ended' : 'alive';
  }

  /** Waits until the bundle is loaded. Where that fails, the invocation that it was for fails. */
  async start(): Promise<void> {
    await this.#within(initMs, 'Runtime.InitError');
  }

  async invoke(event: string): Promise<Outcome> {
    clearTimeout(this.#idleTimer);
    if (this.#failure) return this.#failure;
    const requestId = randomUUID();
    const outcome = this.#within(this.#timeoutMs, 'Sandbox.Timedout');
    this.#worker.postMessage({ requestId, event, timeoutMs: this.#timeoutMs } satisfies Invocation);
    return (await outcome) as Outcome;
  }

  endAfter(idleMs: number): void {
    this.#idleTimer = setTimeout(() => void this.kill('Idle', 'It was idle.'), idleMs).unref();
  }

  /** The invocation is over only when the worker is: until then its connections are open. */
  async kill(errorType: string, message: string): Promise<void> {
    this.#failure ??= { outcome: 'failed', errorType, message };
    await this.#worker.terminate();
    this.#end(this.#failure);
  }

  /** What the worker says next, or the end of its time, which ends the worker. */
  #within(milliseconds: number, errorType: string): Promise<Outcome | 'ready'> {
    return new Promise((resolve) => {
      const seconds = (milliseconds / 1_000).toFixed(2);
      const timer = setTimeout(
        () => void this.kill(errorType, `Task timed out after ${seconds} seconds`),
        milliseconds,
      );
      this.#settle = (outcome) => {
        clearTimeout(timer);
        this.#settle = undefined;
        resolve(outcome);
      };
    });
  }

  #end(outcome: Outcome): void {
    this.#failure ??= outcome;
    clearTimeout(this.#idleTimer);
    this.#settle?.(this.#failure);
  }
}

function bundleOf(folder: string, file: string, id: string): string {
  const found = ['mjs', 'js'].map((ending) => join(folder, `${file}.${ending}`)).find((path) => existsSync(path));
  if (found === undefined)
    throw new CannotStart(`The bundle of ${id} has no ${file}.mjs in ${folder}. Synthesise again.`);
  return pathToFileURL(found).href;
}
