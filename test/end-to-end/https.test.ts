/** Posting over HTTPS, as clients in the field do, with the script that stands for them. */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ownCertificate } from '../../infra/local/certificate.ts';
import { type Runtime, startRuntime } from '../../infra/local/runtime.ts';
import { type Sandbox, seedSandbox } from '../../infra/local/sandbox.ts';
import { synthesise } from '../../infra/local/synthesise.ts';
import { certificateFor } from '../support/certificates.ts';
import { needs } from './needs.ts';
import { call } from './service.ts';

const fileOf = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const client = fileOf('../clients/post-entry.ts');
const logon = fileOf('../examples/clearpass/packetfence-logon.xml');

let folder: string;
let runtime: Runtime;
let sandbox: Sandbox;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'postern-https-'));
  const [assembly, left] = [join(folder, 'assembly'), join(folder, '.postern')];
  mkdirSync(left);
  const [certificate] = await Promise.all([ownCertificate(left), synthesise(assembly)]);
  runtime = await startRuntime({ assembly, port: 0, tls: { port: 0, certificate } });
  sandbox = await seedSandbox(runtime);
  writeFileSync(join(left, 'sandbox.json'), JSON.stringify(sandbox));
});
afterAll(async () => {
  await runtime.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** What the script makes of these words, where `npm start` has left its folder. */
const run = async (words: readonly string[], input = '') =>
  new Promise<{ code: unknown; out: string; error: string }>((resolve) => {
    const options = { cwd: folder, timeout: 280_000 };
    const child = execFile(process.execPath, [client, ...words], options, (failure, out, error) =>
      resolve({ code: failure === null ? 0 : failure.code, out, error }),
    );
    child.stdin?.end(input);
  });

needs('certificate')(
  'a client with nothing but a standard library posts PacketFence’s bytes, and the user is looked up',
  async () => {
    const { code, out, error } = await run([logon]);

    expect(error).toBe('');
    expect(JSON.parse(out)).toMatchObject({ entries: 1, stored: 1, refused: 0 });
    expect(code).toBe(0);
    const { body } = await call(
      sandbox.url,
      'GET /v1/entries/192.0.2.50',
      `Bearer ${sandbox.credentials.operator.token}`,
    );
    expect(body).toMatchObject({
      entry: { user: 'alice', domain: 'example.com', source: 'PacketFence', state: 'valid' },
    });
  },
);

needs('certificate')(
  'a client that names the server, its certificate and a credential posts what comes in',
  async () => {
    const { user, password } = sandbox.credentials['web-api'];
    const certificate = join('.postern', 'tls-certificate.pem');
    const named = ['--url', sandbox.tlsUrl ?? '', '--user', user, '--password', password, '--certificate', certificate];

    expect(await run(named, readFileSync(logon, 'utf8'))).toMatchObject({ code: 0, error: '' });
    expect(await run(named, 'no XML')).toMatchObject({ code: 1, error: '' });
  },
);

needs('certificate')('a client that does not trust the certificate sends nothing', async () => {
  const other = join(folder, 'other.pem');
  writeFileSync(other, (await certificateFor('127.0.0.1')).cert);

  const { code, out, error } = await run(['--url', sandbox.tlsUrl ?? '', '--certificate', other, logon]);

  expect({ code, out }).toEqual({ code: 1, out: '' });
  expect(error).toMatch(/certificate/);
});
