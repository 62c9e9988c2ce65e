/** MiniStack, an emulator of AWS in one process, for tests that deploy the app as `cdk deploy` does. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export const project = fileURLToPath(new URL('../../..', import.meta.url));
const launcher = fileURLToPath(new URL('launch.py', import.meta.url));

export interface MiniStack {
  readonly url: string;
  /** For files that nobody needs afterwards. */
  readonly folder: string;
  /** Runs one of the project's commands for at most this long, with MiniStack in the place of AWS. Gives its stdout. */
  readonly run: (command: string, words: readonly string[], options: RunOptions) => Promise<string>;
  /** What the launcher told: each mend and each property that was ignored, once. */
  readonly told: () => readonly string[];
  readonly stop: () => Promise<void>;
}

interface RunOptions {
  readonly seconds: number;
  readonly folder?: string;
  readonly environment?: Readonly<Record<string, string>>;
}

/** The Python that has MiniStack, if there is one. */
export function pythonWithMiniStack(): string | undefined {
  return [process.env.POSTERN_MINISTACK, join(project, '.ci/venv/bin/python')].find((path) => path && existsSync(path));
}

export async function startMiniStack(python: string): Promise<MiniStack> {
  const folder = await mkdtemp(join(tmpdir(), 'postern-ministack-'));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  // All that it hands on to the functions, so nothing of the caller's: a name that they lack on Lambda they lack here.
  const bare = {
    PATH: [join(project, 'node_modules/.bin'), process.env.PATH].join(delimiter), // the Node 24 of the project first
    HOME: folder,
    TMPDIR: folder,
  };
  const server = spawn(python, [launcher], {
    env: {
      ...bare,
      BIND_HOST: '127.0.0.1',
      GATEWAY_PORT: String(port),
      LAMBDA_EXECUTOR: 'local',
      AUTH: 'true', // IAM decides, so that a function without its grant fails here too
      IOT_MTLS_ENABLED: '0',
      SFTP_ENABLED: '0',
    },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const ended = once(server, 'exit');
  let out = '';
  let log = '';
  server.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  server.stderr.setEncoding('utf8').on('data', (text: string) => (log = (log + text).slice(-20_000)));

  const stop = async () => {
    server.kill('SIGTERM');
    const late = AbortSignal.timeout(5_000);
    late.addEventListener('abort', () => server.kill('SIGKILL'));
    await ended;
    await rm(folder, { recursive: true, force: true });
  };
  const environment = {
    ...bare,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_REGION: 'us-east-1',
    AWS_ENDPOINT_URL: url,
    AWS_ENDPOINT_URL_S3: url, // by address, or S3 would put the bucket's name before the host's
    CDK_DISABLE_CLI_TELEMETRY: 'true',
  };

  if ((await answers(`${url}/_ministack/health`, 30)) === 'silent') {
    await stop();
    throw new Error(`MiniStack did not start:\n${log}`);
  }
  return {
    url,
    folder,
    run: (command, words, { seconds, folder: cwd = project, environment: more = {} }) =>
      new Promise((resolve, reject) => {
        const options = {
          cwd,
          env: { ...environment, ...more },
          timeout: seconds * 1_000,
          killSignal: 'SIGKILL' as const,
          maxBuffer: 64_000_000,
        };
        execFile(command, words, options, (error, stdout, stderr) => {
          if (error) reject(new Error(`${error.message}\n${stderr}\n${log}`));
          else resolve(stdout);
        });
      }),
    told: () => out.split('\n').filter((line) => line !== ''),
    stop,
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function answers(url: string, seconds: number): Promise<'answers' | 'silent'> {
  for (const until = Date.now() + seconds * 1_000; Date.now() < until; await setTimeout(100)) {
    const response = await fetch(url).catch(() => undefined);
    if (response?.ok) return 'answers';
  }
  return 'silent';
}
