/** HTTPS on this machine: the certificate that is made or named, and the same API behind it. */
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { statSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { type Certificate, certificateIn, ownCertificate, ownFiles } from '../../../infra/local/certificate.ts';
import { freePort, listen } from '../../../infra/local/http-server.ts';
import { anApi, cleanUp, echo, run, temporaryFolder } from './example-app.ts';

afterAll(cleanUp);

test('a certificate is made for this machine, of a kind that old senders know', async () => {
  const { cert } = await ownCertificate(temporaryFolder());

  const { publicKey, subjectAltName } = new X509Certificate(cert);
  expect(publicKey.asymmetricKeyType).toBe('rsa');
  expect(publicKey.asymmetricKeyDetails?.modulusLength).toBe(2_048);
  expect(subjectAltName).toBe('DNS:localhost, IP Address:127.0.0.1');
});

test('it is made once, for who was told to trust it, and its files are for their owner only', async () => {
  const folder = temporaryFolder();
  const first = await ownCertificate(folder);

  expect(await ownCertificate(folder)).toEqual(first);
  const { cert, key } = ownFiles(folder);
  expect([cert, key].map((file) => statSync(file).mode & 0o777)).toEqual([0o600, 0o600]);
});

test.each(['cert', 'key'] as const)('where the %s is damaged or of another, both are made anew', async (which) => {
  const folder = temporaryFolder();
  const other = await ownCertificate(temporaryFolder());
  await ownCertificate(folder);

  for (const text of ['damaged', other[which]]) {
    writeFileSync(ownFiles(folder)[which], text);
    const certificate = await ownCertificate(folder);
    expect(new X509Certificate(certificate.cert).verify(new X509Certificate(certificate.cert).publicKey)).toBe(true);
    expect(certificateIn(ownFiles(folder))).toEqual(certificate);
  }
});

test('of what is named and is no certificate with its key, one line tells', async () => {
  const folder = temporaryFolder();
  const mine = ownFiles(folder);
  const other = temporaryFolder();
  await Promise.all([ownCertificate(folder), ownCertificate(other)]);
  const noPem = join(folder, 'notes.txt');
  writeFileSync(noPem, 'hello');

  for (const files of [
    { ...mine, cert: noPem },
    { ...mine, key: noPem },
    { ...mine, key: ownFiles(other).key },
    { ...mine, cert: join(folder, 'nowhere.pem') },
  ]) {
    expect(() => certificateIn(files)).toThrow(/^POSTERN_TLS_CERT ".*" and POSTERN_TLS_KEY ".*" are no PEM .*$/);
  }
});

test('the same API answers over HTTPS, and its functions are told so', async () => {
  const certificate = await ownCertificate(temporaryFolder());
  const app = anApi({ routes: { 'ANY /v1': 'echo' }, functions: { echo } });
  const { url, tlsUrl = '' } = await run(app, { tls: { port: 0, certificate } });

  const { headers } = JSON.parse(await get(`${tlsUrl}/v1`, certificate)) as { headers: Record<string, string> };

  expect(tlsUrl).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
  expect(headers).toMatchObject({ 'X-Forwarded-Proto': 'https', 'X-Forwarded-Port': new URL(tlsUrl).port });
  expect(await (await fetch(`${url}/v1`)).json()).toMatchObject({ headers: { 'X-Forwarded-Proto': 'http' } });
});

test('a port in use is told with the variable that moves this one', async () => {
  const certificate = await ownCertificate(temporaryFolder());
  const taken = await listen(0, () => undefined);
  const port = Number(new URL(taken.url).port);

  await expect(freePort(port, { certificate })).rejects.toThrow('choose another: POSTERN_TLS_PORT=8444 npm start');
  await taken.stop();
});

async function get(url: string, { cert }: Certificate): Promise<string> {
  const asked = request(url, { ca: cert, agent: false, timeout: 60_000 }).end();
  const [response] = (await once(asked, 'response')) as [NodeJS.ReadableStream];
  let text = '';
  for await (const part of response) text += String(part);
  return text;
}
