import { DecryptCommand, EncryptCommand, KMSClient } from '@aws-sdk/client-kms';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { type HttpServer } from '../../../infra/local/http-server.ts';
import { kmsTypes, startKms } from '../../../infra/local/kms.ts';
import { readTemplate } from '../../../infra/local/template.ts';
import { assemblyOf, cleanUp, temporaryFolder } from './example-app.ts';

const servers: HttpServer[] = [];
afterAll(async () => {
  for (const { stop } of servers) await stop();
  await cleanUp();
});

async function aKms(dataFolder?: string) {
  const Resources = {
    Key: { Type: 'AWS::KMS::Key', Properties: {} },
    Other: { Type: 'AWS::KMS::Key', Properties: {} },
  };
  const Outputs = {
    Key: { Value: { Ref: 'Key' } },
    Arn: { Value: { 'Fn::GetAtt': ['Key', 'Arn'] } },
    Other: { Value: { Ref: 'Other' } },
  };
  const template = readTemplate(assemblyOf({ stacks: { Data: { Resources, Outputs } } }), kmsTypes);
  const server = await startKms(template, dataFolder);
  servers.push(server);
  const credentials = { accessKeyId: 'x', secretAccessKey: 'x' };
  const client = new KMSClient({ endpoint: server.url, region: 'us-east-1', credentials, maxAttempts: 1 });
  const encrypt = async (KeyId = '', EncryptionContext: Record<string, string> = { tenant: 'acme', name: 'x' }) => {
    const command = new EncryptCommand({ KeyId, Plaintext: Buffer.from('secret'), EncryptionContext });
    return (await client.send(command)).CiphertextBlob ?? new Uint8Array();
  };
  const decrypt = async (CiphertextBlob: Uint8Array, context: Record<string, string>, KeyId?: string) => {
    const command = new DecryptCommand({ CiphertextBlob, EncryptionContext: context, ...(KeyId && { KeyId }) });
    const { Plaintext } = await client.send(command);
    return Buffer.from(Plaintext ?? '').toString();
  };
  return { encrypt, decrypt, client, ids: template.outputs as { Key: string; Arn: string; Other: string } };
}

test('what a key encrypted it decrypts under the same context, in any order of its pairs', async () => {
  const { encrypt, decrypt, ids } = await aKms();

  for (const name of [ids.Key, ids.Arn]) {
    expect(await decrypt(await encrypt(name), { name: 'x', tenant: 'acme' })).toBe('secret');
  }
});

test('another context, another tenant, a changed byte or no ciphertext at all is refused', async () => {
  const { encrypt, decrypt, ids } = await aKms();
  const blob = await encrypt(ids.Key);
  const changed = Buffer.from(blob);
  changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;

  const refused = { name: 'InvalidCiphertextException' };
  await expect(decrypt(blob, { tenant: 'globex', name: 'x' })).rejects.toMatchObject(refused);
  await expect(decrypt(blob, {})).rejects.toMatchObject(refused);
  await expect(decrypt(changed, { tenant: 'acme', name: 'x' })).rejects.toMatchObject(refused);
  await expect(decrypt(Buffer.from('nonsense'), {})).rejects.toMatchObject(refused);
});

test('the wrong key, an unknown key and an unknown call each have their error', async () => {
  const { encrypt, decrypt, ids } = await aKms();
  const blob = await encrypt(ids.Key);

  await expect(decrypt(blob, { tenant: 'acme', name: 'x' }, ids.Other)).rejects.toMatchObject({
    name: 'IncorrectKeyException',
  });
  await expect(encrypt('no-such-key')).rejects.toMatchObject({ name: 'NotFoundException' });
});

test('with a data folder a key outlives its runtime, and only its owner can read it', async () => {
  const folder = temporaryFolder();
  const before = await aKms(folder);
  const blob = await before.encrypt(before.ids.Key);

  const after = await aKms(folder);

  expect(await after.decrypt(blob, { tenant: 'acme', name: 'x' })).toBe('secret');
  expect(statSync(join(folder, 'kms-keys.json')).mode & 0o777).toBe(0o600);
});
