/** Tenants, credentials and configurations through the running service, and the tools that manage them. */
import { type AttributeValue, DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import { DecryptCommand, KMSClient } from '@aws-sdk/client-kms';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { seedSandbox } from '../../infra/local/sandbox.ts';
import { tenantCommand } from '../../infra/tenant.ts';
import type { ToldCredential, ToldTenant } from '../../infra/tenant-api.ts';
import { minutes } from '../support/observations.ts';
import { aFullConfiguration } from '../support/configurations.ts';
import { needs } from './needs.ts';
import { basic, call, type Service, startService } from './service.ts';

const script = fileURLToPath(new URL('../../infra/tenant.ts', import.meta.url));
const execute = promisify(execFile);

let service: Service;
let folder: string;
beforeAll(async () => {
  service = await startService();
  folder = mkdtempSync(join(tmpdir(), 'postern-tenants-'));
  const token = service.authorizations.acme.provider.replace('Bearer ', '');
  mkdirSync(join(folder, '.postern'));
  const sandbox = { url: service.url, credentials: { provider: { token } } };
  writeFileSync(join(folder, '.postern/sandbox.json'), JSON.stringify(sandbox));
});
afterAll(async () => {
  await service.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** What `npm run tenant -- ...` prints where a sandbox is running. The tenants go by the names that they have in the stories. */
const tenant = async (words: readonly string[], environment: Record<string, string> = {}) =>
  tenantCommand(words.map(idOf), {
    environment,
    sandboxFile: join(folder, '.postern/sandbox.json'),
    outputsFile: join(folder, '.postern/outputs.json'),
  });
const idOf = (word: string) => (word === 'acme' || word === 'globex' ? service.tenants[word] : word);
/** The same as a program of its own. */
const program = async (words: readonly string[], environment: Record<string, string>) =>
  execute(process.execPath, [script, ...words], { cwd: folder, env: environment, timeout: 120_000 });
const told = async (...words: string[]) => JSON.parse(await tenant([...words, '--json'])) as ToldCredential;
const complaint = async (words: readonly string[], environment?: Record<string, string>) =>
  tenant(words, environment).then(
    (said) => `no complaint, but: ${said}`,
    (error: unknown) => (error as Error).message,
  );

const statusFor = async (authorization: string) => (await call(service.url, 'GET /v1/health', authorization)).status;
const client = (environment: Readonly<Record<string, string>>) => ({
  region: environment.AWS_REGION ?? '',
  credentials: { accessKeyId: environment.AWS_ACCESS_KEY_ID ?? '', secretAccessKey: environment.AWS_SECRET_ACCESS_KEY ?? '' }, // prettier-ignore
});

describe('npm run tenant', () => {
  test('creates a tenant whose credentials open, and lists it', async () => {
    const initech = service.tenantNamed('initech');
    const created = JSON.parse(await tenant(['create', initech, '--name', 'Initech', '--json'])) as ToldTenant & {
      credentials: ToldCredential[];
    };

    for (const { user = '', password, token = '' } of created.credentials) {
      expect(await statusFor(password === undefined ? `Bearer ${token}` : basic(user, password))).toBe(200);
    }
    const { acme, globex } = service.tenants;
    expect(await tenant(['list'])).toMatch(new RegExp(`^${acme} .*^${globex} .*^${initech} .* Initech$`, 'ms'));
    expect((await tenant(['credentials', initech])).split('\n')).toHaveLength(7);
  });

  test('two secrets of a credential open, a third ends the first at once, and revoking ends them all', async () => {
    const {
      id,
      user = '',
      password: first = '',
    } = await told('credential', 'acme', '--role', 'web-api', '--name', 'cppm');
    const { password: second = '' } = await told('rotate', 'acme', id);
    const statuses = async (...passwords: string[]) =>
      Promise.all(passwords.map(async (password) => statusFor(basic(user, password))));
    expect(await statuses(first, second)).toEqual([200, 200]);

    const { password: third = '' } = await told('rotate', 'acme', id);
    expect(await statuses(first, second, third)).toEqual([401, 200, 200]);
    const revoked = await tenant(['revoke', 'acme', id]);

    expect(revoked).toMatch(/revoked .*\nRefused at once\.$/s);
    expect(await statuses(first, second, third)).toEqual([401, 401, 401]);
  });

  test('ends one secret by its fingerprint', async () => {
    const { id, token: first = '', secrets } = await told('credential', 'acme', '--role', 'operator', '--name', 'soc');
    const { token: second = '' } = await told('rotate', 'acme', id);

    await tenant(['revoke', 'acme', id, '--secret', secrets[0]?.fingerprint ?? '']);

    expect(await statusFor(`Bearer ${first}`)).toBe(401);
    expect(await statusFor(`Bearer ${second}`)).toBe(200);
    expect(await tenant(['credentials', 'acme'])).not.toContain(second);
  });

  needs('tables')(
    'makes the first credential of the provider with AWS credentials alone, and the API knows it',
    async () => {
      const { environment, outputs, url } = service.runtime;
      writeFileSync(
        join(folder, '.postern/outputs.json'),
        JSON.stringify({ PosternService: { ...outputs, ApiUrl: url } }),
      );

      const { stdout: said } = await program(['provider', '--name', 'first'], environment);

      const [, token = ''] = /POSTERN_PROVIDER_TOKEN=(\S+)/.exec(said) ?? [];
      expect(await statusFor(`Bearer ${token}`)).toBe(200);
      const elsewhere = { POSTERN_URL: url, POSTERN_PROVIDER_TOKEN: token };
      expect(await tenant(['credentials', '_provider'], elsewhere)).toContain('"first"');
      const byTable = await program(['provider', '--table', outputs.TenantsTableName ?? ''], environment);
      expect(byTable.stdout).toContain('POSTERN_URL=ROOT_OF_THE_API');
    },
  );

  test.each([
    [['conquer'], /There is no command "conquer"/],
    [['create'], /This command takes TENANT/],
    [['create', 'Acme'], /^400 body-invalid: .*"\/id"/],
    [['create', 'acme'], /^409 tenant-exists: .*rotate them/],
    [['credential', 'acme'], /--role with one of web-api/],
    [['credential', 'acme', '--role', 'provider'], /^400 parameter-invalid/],
    [['rotate', 'globex', 'nobody'], /^404 credential-absent/],
    [['credentials', 'nobody'], /^404 tenant-absent/],
    [['list', '--verbose'], /--verbose/],
    [['provider', '--outputs', 'nowhere.json'], /Deploy with --outputs-file nowhere.json, or give --table/],
  ])('%j is refused in a line that says what to do', async (words, said) => {
    const line = await complaint(words);

    expect(line).toMatch(said);
    expect(line.split('\n')).toHaveLength(1);
  });

  test('says what it needs where nothing answers, and all that it can', async () => {
    const nobody = { POSTERN_URL: 'http://127.0.0.1:9', POSTERN_PROVIDER_TOKEN: 'x' };
    expect(await complaint(['list'], nobody)).toMatch(/^Nothing answers at http:\/\/127.0.0.1:9\/v1\/tenants/);
    expect(await complaint(['list'], { POSTERN_URL: service.url })).toMatch(
      /^Set POSTERN_URL .* POSTERN_PROVIDER_TOKEN/,
    );
    expect(await complaint(['list'], { POSTERN_URL: service.url, POSTERN_PROVIDER_TOKEN: 'x' })).toMatch(/^401 unauth/);
    expect(await tenant(['--help'])).toContain('revoke TENANT CREDENTIAL');
    await expect(program(['list'], nobody)).rejects.toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(/^Nothing answers at .*\n$/) as string }); // prettier-ignore
  });
});

describe('the sandbox', () => {
  needs('tables')(
    'uses what an earlier run has left where its secrets still open, and replaces those that do not',
    async () => {
      const { runtime } = service;
      const first = await seedSandbox(runtime);
      const kept = await seedSandbox({ ...runtime, earlier: first });
      expect(kept).toEqual(first);
      const lost = { ...first.credentials, radius: { token: 'lost' } };

      const { credentials } = await seedSandbox({ ...runtime, earlier: { credentials: lost } });

      expect({ ...credentials, radius: lost.radius }).toEqual(lost);
      expect(await statusFor(`Bearer ${credentials.radius.token}`)).toBe(200);
    },
  );

  needs('tables')(
    'sends threat logs to the receiver of this run, and leaves a destination of somebody’s own',
    async () => {
      const { runtime } = service;
      const { credentials } = await seedSandbox(runtime);
      const receiver = (port: number) => ({ url: `http://127.0.0.1:${port}`, server: { address: '127.0.0.1', port } });
      const startedAt = async (port: number, before: number) =>
      seedSandbox({ ...runtime, syslog: receiver(port), earlier: { credentials, simulators: { syslog: receiver(before) } } }); // prettier-ignore
      const configuration = async (request: 'GET /v1/configuration' | 'PUT /v1/configuration', document?: string) =>
        call(service.url, request, `Bearer ${credentials.operator.token}`, document);
      const own = { ...receiver(10_001).server, transport: 'tcp' };
      const document = JSON.stringify({ threatLogs: { destination: own } });
      expect((await configuration('PUT /v1/configuration', document)).status).toBe(200);

      const { simulators } = await startedAt(10_002, 10_001);
      expect(simulators).toEqual({ syslog: receiver(10_002) });
      const moved = { body: { threatLogs: { destination: { ...own, port: 10_002 } } } };
      expect(await configuration('GET /v1/configuration')).toMatchObject(moved);

      await startedAt(10_004, 10_003);
      expect(await configuration('GET /v1/configuration')).toMatchObject(moved);
    },
  );
});

describe('a configuration', () => {
  const configure = async (document: unknown, tenant: 'acme' | 'globex' = 'globex') =>
    call(service.url, 'PUT /v1/configuration', service.authorizations[tenant].operator, JSON.stringify(document));

  needs('tables')('keeps its secret encrypted under its tenant and its purpose, and shows it to nobody', async () => {
    const { runtime, authorizations } = service;
    await configure(aFullConfiguration);

    const { body } = await call(service.url, 'GET /v1/configuration', authorizations.globex.operator);

    expect(JSON.stringify(body)).not.toContain('never read back');
    const kms = new KMSClient({
      ...client(runtime.environment),
      endpoint: runtime.environment.AWS_ENDPOINT_URL_KMS ?? '',
    });
    const secrets = await secretsOf('globex');
    const opened = async (tenant: string, name: string) => {
      const sent = secrets.map(async ({ ciphertext }) =>
        kms.send(new DecryptCommand({ CiphertextBlob: ciphertext?.B, EncryptionContext: { tenant, name } })),
      );
      const answers = await Promise.allSettled(sent);
      return answers.flatMap((each) => (each.status === 'fulfilled' ? [Buffer.from(each.value.Plaintext ?? []).toString()] : [])); // prettier-ignore
    };
    expect(await opened('globex', 'clearpass')).toEqual(['written, never read back']);
    expect(await opened('acme', 'clearpass')).toEqual([]);
    expect(await opened('globex', 'identity-management-primary')).toEqual([]);
    kms.destroy();
  });

  test('of nearly 4 MB is stored and read back through the gateway', async () => {
    const [policy] = aFullConfiguration.policies;
    const policies = Array.from({ length: 19_500 }, (_, index) => ({ ...policy, name: `policy-${index}` }));
    expect(JSON.stringify({ policies }).length).toBeGreaterThan(3_800_000);

    const { status } = await configure({ policies });
    const { body } = await call(service.url, 'GET /v1/configuration', service.authorizations.globex.auditor);

    expect(status).toBe(200);
    expect(body.policies).toEqual(policies);
    expect((await configure({})).status).toBe(200);
  });

  async function secretsOf(tenant: string): Promise<readonly Record<string, AttributeValue>[]> {
    const { environment, outputs } = service.runtime;
    const dynamodb = new DynamoDBClient({
      ...client(environment),
      endpoint: environment.AWS_ENDPOINT_URL_DYNAMODB ?? '',
    });
    const { Items = [] } = await dynamodb.send(
      new QueryCommand({
        TableName: outputs.TenantsTableName,
        KeyConditionExpression: 'pk = :tenant AND begins_with(sk, :secret)',
        ExpressionAttributeValues: { ':tenant': { S: `T#${tenant}` }, ':secret': { S: 'SECRET#' } },
      }),
    );
    dynamodb.destroy();
    return Items;
  }
});

needs('clock')('a credential that has come to its end opens nothing, once the gateway has forgotten it', async () => {
  const expires = new Date(Date.now() + minutes(10)).toISOString();
  const { token = '' } = await told('credential', 'acme', '--role', 'auditor', '--expires', expires);
  expect(await statusFor(`Bearer ${token}`)).toBe(200);

  service.runtime.advanceClock(minutes(12));

  expect(await statusFor(`Bearer ${token}`)).toBe(401);
});
