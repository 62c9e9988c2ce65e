/** One worker of a function: a thread with an environment of its own, which does one thing at a time until it ends. */
import { randomUUID } from 'node:crypto';
import { createInterface } from 'node:readline';
import { Worker } from 'node:worker_threads';
import type { EnvironmentData, Invocation, Outcome } from './lambda-worker.ts';

export interface EnvironmentOptions {
  readonly data: EnvironmentData;
  /** All that the function finds in its environment. */
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** AWS ends what was idle for some minutes. */
  readonly idleMs: number;
  readonly log: (line: string) => void;
}

const initMs = 10_000;

export class ExecutionEnvironment {
  readonly #worker: Worker;
  readonly #timeoutMs: number;
  #settle: ((outcome: Outcome | 'ready') => void) | undefined;
  #failure: Outcome | undefined;
  #idleTimer: NodeJS.Timeout | undefined;

  constructor({ data, environment, timeoutMs, log }: EnvironmentOptions, ended: () => void) {
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
      this.#failure ??= { outcome: 'failed', errorType: error.name, message: error.message }; // the exit comes next
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
