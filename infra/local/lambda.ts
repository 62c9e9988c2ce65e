/** Lambda: the template's functions, each in workers that hold one invocation at a time and nothing but their own environment. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as v from 'valibot';
import { CannotStart } from './cannot-start.ts';
import { type EnvironmentOptions, ExecutionEnvironment } from './execution-environment.ts';
import type { Outcome } from './lambda-worker.ts';
import { account, immaterial, region, resourceType, type Template } from './template.ts';

const lambdaFunction = resourceType(
  'AWS::Lambda::Function',
  v.strictObject({
    Code: v.strictObject({ S3Bucket: immaterial('assets lie in folders'), S3Key: v.string() }),
    Environment: v.optional(v.strictObject({ Variables: v.record(v.string(), v.string()) })),
    Handler: v.pipe(v.string(), v.regex(/^\w+\.\w+$/)),
    MemorySize: v.optional(v.number(), 128),
    RecursiveLoop: immaterial('nobody looks for circles here'),
    Runtime: v.literal('nodejs24.x'),
    Timeout: v.optional(v.number(), 3),
    Architectures: immaterial('the bundles are JavaScript'),
    LoggingConfig: immaterial('every function writes to the one log of this machine'),
    Role: immaterial('grants are not enforced here; the tests of the template hold them'),
    VpcConfig: immaterial('functions here connect from the address of this machine, whatever network they are in'),
    TracingConfig: immaterial('there is no X-Ray on one machine'),
  }),
  { attributes: { Arn: (id) => arnOf(id) } },
);

const permission = resourceType(
  'AWS::Lambda::Permission',
  v.strictObject({
    Action: v.literal('lambda:InvokeFunction'),
    FunctionName: v.string(),
    Principal: v.picklist(['apigateway.amazonaws.com', 'events.amazonaws.com']),
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

  /** Whether this function lets itself be called from there. */
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

  /** How many workers are in an invocation: of any function, or of those whose names begin so after their stack's. */
  busyWorkers(functionName = ''): number {
    const called = [...this.#functions].filter(([arn]) => nameIn(arn).startsWith(functionName));
    return called.reduce((sum, [, { busyWorkers }]) => sum + busyWorkers.length, 0);
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

class LambdaFunction {
  readonly #options: EnvironmentOptions;
  readonly #workers = new Set<ExecutionEnvironment>();
  readonly #idle: ExecutionEnvironment[] = [];
  readonly #busy = new Set<ExecutionEnvironment>();
  readonly #waiting: (() => void)[] = [];
  #starting = 0;
  #room = 0;

  constructor(options: EnvironmentOptions) {
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

function bundleOf(folder: string, file: string, id: string): string {
  const found = ['mjs', 'js'].map((ending) => join(folder, `${file}.${ending}`)).find((path) => existsSync(path));
  if (found === undefined)
    throw new CannotStart(`The bundle of ${id} has no ${file}.mjs in ${folder}. Synthesise again.`);
  return pathToFileURL(found).href;
}
