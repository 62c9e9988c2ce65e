/** `npm start` as its user sees it: what it says, what it leaves, and how it ends. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort, listen } from '../../../infra/local/http-server.ts';
import { type Sandbox, simulatorNames } from '../../../infra/local/sandbox.ts';
import { cleanUp, temporaryFolder } from './example-app.ts';

const script = fileURLToPath(new URL('../../../infra/local/start.js', import.meta.url));
afterAll(cleanUp);

function start(environment: Readonly<Record<string, string>>, cwd = temporaryFolder()) {
  const child = spawn(process.execPath, [script], { cwd, env: { ...process.env, ...environment }, timeout: 290_000 });
  const said = { out: '', error: '' };
  child.stdout.on('data', (data: Buffer) => (said.out += data.toString()));
  child.stderr.on('data', (data: Buffer) => (said.error += data.toString()));
  return { child, cwd, said, ended: once(child, 'close').then(([code]) => code as number) };
}

const taken = listen(0, () => undefined);
afterAll(async () => (await taken).stop());

test.each([
  ['a port in use', async () => ({ POSTERN_PORT: new URL((await taken).url).port }), /^Port \d+ is in use\. End what /],
  ['a port that is none', () => ({ POSTERN_PORT: 'eighty' }), /^POSTERN_PORT is "eighty"\. Say a port /],
  ['a data folder that is a file', () => ({ POSTERN_DATA: script }), /^POSTERN_DATA is ".*", which is no folder /],
  ['a TLS port that is none', () => ({ POSTERN_TLS_PORT: '0' }), /^POSTERN_TLS_PORT is "0"\. Say a port /],
  ['a certificate without its key', () => ({ POSTERN_TLS_CERT: script }), /^POSTERN_TLS_CERT and .* go together\. /],
  [
    'a certificate that is none',
    () => ({ POSTERN_TLS_CERT: script, POSTERN_TLS_KEY: script }),
    /^POSTERN_TLS_CERT ".*" and .* are no PEM /,
  ],
  [
    'an app that fails',
    () => ({ CDK_CONTEXT_JSON: '{"stage":"x"}' }),
    /does not synthesise: Error: There is no stage "x"/,
  ],
])('%s is told in one line, and the exit code is 1', async (_, environment, told) => {
  const port = String(await freePort());

  const { ended, said } = start({ POSTERN_PORT: port, ...(await environment()) });

  expect(await ended).toBe(1);
  expect(said.out).toBe('');
  expect(said.error).toMatch(told);
  expect(said.error.split('\n')).toHaveLength(2);
});

test('it tells lines that work when they are pasted, leaves a file for scripts, and no process when it ends', async () => {
  const port = String(await freePort());
  const { child, cwd, said, ended } = start({ POSTERN_PORT: port });
  while (!said.out.includes('Ctrl-C') && child.exitCode === null) await wait(100);
  const [post, lookUp, decide] = said.out.split('\n').filter((line) => line.startsWith('  curl '));
  const paste = (line = 'false') => execFileSync('sh', ['-c', `${line} -s`], { timeout: 120_000 }).toString();

  expect(said.error).toBe('');
  expect(JSON.parse(paste(post))).toMatchObject({ entries: 1, stored: 1 });
  expect(JSON.parse(paste(lookUp))).toMatchObject({ entry: { user: 'ann', groups: ['staff'], state: 'valid' } });

  expect(JSON.parse(paste(decide))).toMatchObject({ decisions: [{ action: 'deny', state: 'init', user: null }] });
  while (!paste(decide).includes('"permit"')) await wait(200);
  expect(JSON.parse(paste(decide))).toMatchObject({
    decisions: [{ policy: 'staff-web', state: 'valid', user: 'ben' }],
  });

  const file = join(cwd, '.postern/sandbox.json');
  const sandbox = JSON.parse(readFileSync(file, 'utf8')) as Sandbox;
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const simulated = { url: expect.stringMatching(/^http:/) as string };
  const simulators = Object.fromEntries(simulatorNames.map((name) => [name, simulated]));
  expect(sandbox).toMatchObject({ url: `http://127.0.0.1:${port}`, tenant: 'acme', simulators });

  const trusting = `curl --cacert '${join(cwd, '.postern/tls-certificate.pem')}'`;
  const health = `${sandbox.tlsUrl ?? ''}/v1/health`;
  expect(paste(`${trusting} -H 'Authorization: Bearer ${sandbox.credentials.operator.token}' ${health}`)).toContain(
    '{',
  );

  const processes = descendantsOf(child.pid ?? 0);
  child.kill('SIGTERM');

  expect(await ended).toBe(0);
  await wait(100);
  expect(processes.length).toBeGreaterThan(0);
  expect(processes.filter(isRunning)).toEqual([]);
});

test('a second start in the same folder takes nothing away from the first, and leaves nothing when it ends', async () => {
  const TMPDIR = temporaryFolder();
  const ready = async ({ child, said }: ReturnType<typeof start>) => {
    while (!said.out.includes('Ctrl-C') && child.exitCode === null) await wait(100);
    expect(said.error).toBe('');
  };
  const first = start({ POSTERN_PORT: String(await freePort()), TMPDIR });
  await ready(first);
  const file = join(first.cwd, '.postern/sandbox.json');
  const { url, tlsUrl, credentials } = JSON.parse(readFileSync(file, 'utf8')) as Sandbox;

  const second = start({ POSTERN_PORT: String(await freePort()), TMPDIR }, first.cwd);
  await ready(second);
  expect((JSON.parse(readFileSync(file, 'utf8')) as Sandbox).tlsUrl).not.toBe(tlsUrl);
  second.child.kill('SIGTERM');
  await second.ended;

  // No worker of this function has been started before.
  const headers = { Authorization: `Bearer ${credentials.operator.token}` };
  expect((await fetch(`${url}/v1/receipts`, { headers })).status).toBe(200);
  first.child.kill('SIGTERM');
  await first.ended;
  expect(readdirSync(TMPDIR)).toEqual([]);
});

function descendantsOf(pid: number): number[] {
  const children = execFileSync('ps', ['-A', '-o', 'pid=,ppid=']).toString().trim().split('\n');
  const own = children.map((line) => line.trim().split(/\s+/).map(Number)).filter(([, parent]) => parent === pid);
  return own.flatMap(([child = 0]) => [child, ...descendantsOf(child)]);
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
