/** 200 tenants from one file, by a program that is killed in the middle and started again. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { tenantCommand } from '../../infra/tenant.ts';
import { allNeed } from './needs.ts';
import { authorizationOf, call, type Service, startService } from './service.ts';

const script = fileURLToPath(new URL('../../infra/tenant.ts', import.meta.url));
const many = 200;
const wanted = (index: number) => ({
  id: service.tenantNamed(`site-${index + 1}`), // of which one is the beginning of another: site-1, site-10, site-100
  name: `Site ${index + 1}`,
  ...(index % 50 === 0 && { limits: { postsPerMinute: 100 } }),
  ...(index % 50 === 1 && { credentials: [{ role: 'web-api', name: 'second' }] }),
  ...(index % 50 === 2 && { configuration: { defaultPolicy: 'deny' } }),
});

let service: Service;
let folder: string;
let [list, secrets] = ['', ''];
const sandboxFile = () => join(folder, '.postern/sandbox.json');
const apply = async (...words: string[]) =>
  tenantCommand(['apply', list, '--credentials-to', secrets, ...words], {
    environment: {},
    sandboxFile: sandboxFile(),
    outputsFile: 'none',
  });
const answered = () =>
  existsSync(secrets) ? [...readFileSync(secrets, 'utf8').matchAll(/"what":"tenant","done":true/g)].length : 0;

interface Kept {
  readonly tenant: string;
  readonly role?: string;
  readonly name?: string;
  readonly user?: string;
  readonly password?: string;
  readonly token?: string;
}
const kept = () =>
  readFileSync(secrets, 'utf8')
    .split('\n')
    .flatMap((line) => (line.startsWith('{') && line.endsWith('}') ? [JSON.parse(line) as Kept] : []))
    .filter(({ role }) => role !== undefined);
const opens = async (credential: Kept) =>
  (await call(service.url, 'GET /v1/health', authorizationOf(credential))).status;

allNeed('pace')('many tenants', () => {
  beforeAll(async () => {
    service = await startService();
    folder = mkdtempSync(join(tmpdir(), 'postern-scale-'));
    mkdirSync(join(folder, '.postern'));
    const token = service.authorizations.acme.provider.replace('Bearer ', '');
    writeFileSync(sandboxFile(), JSON.stringify({ url: service.url, credentials: { provider: { token } } }));
    [list, secrets] = [join(folder, 'tenants.json'), join(folder, 'secrets.ndjson')];
    writeFileSync(list, JSON.stringify({ tenants: Array.from({ length: many }, (_, index) => wanted(index)) }));
  });
  afterAll(async () => {
    await service.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test('200 tenants from one file, killed in the middle and repeated: nobody twice, nobody missing, no secret lost', async () => {
    expect((await apply('--check')).split('\n').every((line) => line.includes('would be created'))).toBe(true);
    expect(answered()).toBe(0);

    const child: ChildProcess = spawn(process.execPath, [script, 'apply', list, '--credentials-to', secrets], { cwd: folder, env: {}, stdio: 'ignore' }); // prettier-ignore
    const ended = new Promise((resolve) => child.once('exit', resolve));
    while (answered() < 60 && child.exitCode === null) await wait(20);
    child.kill('SIGKILL');
    await ended;
    expect(answered()).toBeLessThan(many);

    const again = (await apply()).split('\n');

    expect(again).toHaveLength(many);
    expect(again.filter((line) => line.includes('unchanged')).length).toBeGreaterThan(30);
    const ids = new Set(kept().map(({ tenant }) => tenant));
    expect(ids.size).toBe(many);
    const roles = Map.groupBy(kept(), ({ tenant, role, name }) => `${tenant} ${role ?? ''} ${name ?? ''}`);
    expect(roles.size).toBe(many * 7 + many / 50);
    for (const one of [...roles.values()].filter((_, index) => index % 40 === 0)) {
      expect(await opens(one.at(-1) ?? { tenant: '' })).toBe(200);
    }
    expect(statSync(secrets).mode & 0o777).toBe(0o600);

    expect(new Set((await apply()).split('\n').map((line) => line.replace(/^\S+ +/, '')))).toEqual(
      new Set(['unchanged']),
    );
    const { body } = await call(service.url, 'GET /v1/tenants?limit=1000', service.authorizations.acme.provider);
    expect((body.items as { id: string }[]).filter(({ id }) => ids.has(id))).toHaveLength(many);
  }, 600_000);
});
