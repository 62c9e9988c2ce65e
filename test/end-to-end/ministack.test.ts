/**
 * The unchanged app, deployed by `cdk deploy` to an emulator of AWS: the template deploys, the bundles load, names and
 * grants fit (IAM decides there), and data flows through API Gateway, Lambda and DynamoDB.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Role, stageName } from '../../shared/contract.ts';
import { type MiniStack, pythonWithMiniStack, startMiniStack } from './ministack/ministack.ts';
import { basic, call } from './service.ts';

/** Where MiniStack is not AWS: at most ten. Whatever else its launcher tells, or no longer tells, fails the last test. */
const exceptions = [
  { mended: 'AWS::DynamoDB::Table TimeToLiveSpecification' },
  { mended: 'AWS::DynamoDB::Table PointInTimeRecoverySpecification' },
  { mended: 'aws:SecureTransport' },
  { mended: 'dynamodb:PartiQL*' },
  { mended: 'FlushStageAuthorizersCache' },
  { ignored: 'AWS::ApiGateway::Stage AccessLogSetting' },
  { ignored: 'AWS::Lambda::Function RecursiveLoop' },
];

const python = pythonWithMiniStack();
const missing =
  'MiniStack is missing, so the app is not deployed to it. To have it: python3 -m venv .ci/venv && ' +
  '.ci/venv/bin/pip install -r test/end-to-end/ministack/requirements.txt\n';
if (python === undefined) process.stderr.write(missing);
const whereMiniStackIs = python === undefined && process.env.CI !== 'true' ? describe.skip : describe;

whereMiniStackIs('on MiniStack', () => {
  let ministack: MiniStack | undefined;
  let deployed: Deployed;
  let acme: Authorizations;
  let globex: Authorizations;

  beforeAll(async () => {
    if (python === undefined) throw new Error(missing);
    ministack = await startMiniStack(python);
    deployed = await deploy(ministack);
    acme = authorizationsOf(await deployed.tenant('create', 'acme'));
    globex = authorizationsOf(await deployed.tenant('create', 'globex'));
  }, 240_000);

  afterAll(() => ministack?.stop(), 15_000);

  const post = (authorization: string, body: string | Uint8Array<ArrayBuffer>) =>
    call(deployed.url, 'POST /api/userfw/v1/post-entry', authorization, body);

  test('what ClearPass posts, its own firewalls look up, and no other tenant does', async () => {
    const body = readFileSync(new URL('../examples/clearpass/packetfence-logon.xml', import.meta.url));

    const posted = await post(acme['web-api'], body);
    const found = await call(deployed.url, 'GET /v1/entries/192.0.2.50', acme['enforcement-point']);
    const elsewhere = await call(deployed.url, 'GET /v1/entries/192.0.2.50', globex['enforcement-point']);

    expect(posted).toMatchObject({ status: 200, body: { stored: 1 } });
    expect(found).toMatchObject({ status: 200, body: { entry: { user: 'alice', domain: 'example.com' } } });
    expect(elsewhere).toMatchObject({ status: 404, body: { code: 'entry-absent' } });
  });

  test('every function has the grants that its work needs', async () => {
    const logons = Array.from({ length: 30 }, (_, host) => logon(`198.51.100.${host}`, 'bob'));
    const configuration = { clearpass: { userQuery: { clientSecret: 'written, never read back' } } };
    const operate = (request: `${string} /${string}`, body?: string) =>
      call(deployed.url, request, acme.operator, body);

    const inserted = await post(acme['web-api'], `<userfw-entries>${logons.join('')}</userfw-entries>`); // in batches
    const deleted = await operate('DELETE /v1/entries?user=bob&domain=global');
    const encrypted = await operate('PUT /v1/configuration', JSON.stringify(configuration));
    const configured = await operate('GET /v1/configuration');
    const receipts = await operate('GET /v1/receipts');
    const tenants = await deployed.tenant('list');

    expect(inserted).toMatchObject({ status: 200, body: { stored: 30 } });
    expect(deleted).toMatchObject({ status: 200, body: { deleted: 30 } });
    expect(encrypted.status).toBe(200);
    expect(configured).toMatchObject({ status: 200, body: { clearpass: { userQuery: { clientSecretSet: true } } } });
    expect(receipts.body.items).toHaveLength(2);
    expect(tenants).toHaveLength(2);
  });

  test('a revoked token is refused at once, although API Gateway had remembered it', async () => {
    const { id, token } = await deployed.tenant<Credential>('credential', 'globex', '--role', 'auditor');
    const before = await call(deployed.url, 'GET /v1/health', `Bearer ${token}`);

    const revoked = await deployed.tenant<Credential>('revoke', 'globex', id);
    const after = await call(deployed.url, 'GET /v1/health', `Bearer ${token}`);

    expect([before.status, after.status]).toEqual([200, 401]);
    expect(revoked.takesEffect).toBe('at-once');
  });

  test('whoever shows no credential is challenged, and an unknown path is told from a missing entry', async () => {
    const nobody = await call(deployed.url, 'GET /v1/health');
    const nowhere = await call(deployed.url, 'GET /v1/nothing', acme.operator);

    expect(nobody.status).toBe(401);
    expect(nobody.headers.get('WWW-Authenticate')).toBe('Basic realm="Postern"');
    expect(nowhere).toMatchObject({ status: 404, body: { code: 'route-unknown' } });
  });

  test('MiniStack was mended, and left out what it was given, in the listed places only', () => {
    const told = ministack?.told().map((line) => JSON.parse(line) as unknown);

    expect(told).toHaveLength(exceptions.length);
    expect(told).toEqual(expect.arrayContaining(exceptions));
  });
});

interface Deployed {
  /** The root of the API. */
  readonly url: string;
  /** `npm run tenant` with these words: the API's own answer. */
  readonly tenant: <Told>(...words: string[]) => Promise<Told>;
}

interface Credential {
  readonly id: string;
  readonly role: Role;
  readonly user?: string;
  readonly password?: string;
  readonly token?: string;
  readonly takesEffect?: string;
}

type Authorizations = Readonly<Record<Role, string>>;

/** Does what the README tells a reader who deploys to an account: bootstrap, deploy, the provider's first credential. */
async function deploy({ url, folder, run }: MiniStack): Promise<Deployed> {
  const outputs = join(folder, 'outputs.json');
  const quietly = ['--require-approval', 'never', '--no-notices', '--ci', '--output', join(folder, 'cdk.out')];
  await run('cdk', ['bootstrap', 'aws://000000000000/us-east-1'], { seconds: 60, folder });
  await run('cdk', ['deploy', '--all', '--outputs-file', outputs, ...quietly], { seconds: 120 });

  const { PosternService: service } = JSON.parse(readFileSync(outputs, 'utf8')) as Record<
    string,
    Record<string, string>
  >;
  const root = `${url}/restapis/${service?.RestApiId ?? ''}/${stageName}/_user_request_`;
  const tenantAs =
    (token: string) =>
    async <Told>(...words: string[]) => {
      const environment = { POSTERN_URL: root, POSTERN_PROVIDER_TOKEN: token };
      const said = await run('npm', ['run', '--silent', 'tenant', '--', ...words, '--json'], {
        seconds: 30,
        environment,
      });
      return JSON.parse(said) as Told;
    };
  const { token = '' } = await tenantAs('')<Credential>('provider', '--outputs', outputs);
  return { url: root, tenant: tenantAs(token) };
}

const authorizationsOf = ({ credentials }: { readonly credentials: readonly Credential[] }) =>
  Object.fromEntries(
    credentials.map(({ role, user, password = '', token = '' }) => [
      role,
      user === undefined ? `Bearer ${token}` : basic(user, password),
    ]),
  ) as Authorizations;

const logon = (ip: string, user: string) =>
  `<userfw-entry><operation>logon</operation><IP>${ip}</IP><user>${user}</user></userfw-entry>`;
