/** KMS: the template's keys, which encrypt and decrypt under a context as AWS does, and leave this file never. */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { type HttpServer, listen } from './http-server.ts';
import { account, immaterial, madeUpId, region, resourceType, type Template } from './template.ts';

const kmsKey = resourceType(
  'AWS::KMS::Key',
  v.strictObject({
    Description: immaterial('it is for people'),
    EnableKeyRotation: immaterial('rotation is not seen by callers'),
    KeyPolicy: immaterial('grants are not enforced here; the tests of the template hold them'),
  }),
  {
    id: (place) => madeUpId(place, 32).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'),
    attributes: { Arn: (id) => arnOf(id) },
  },
);

export const kmsTypes = [kmsKey];

const arnOf = (id: string) => `arn:aws:kms:${region}:${account}:key/${id}`;

type Calls = Readonly<Record<string, ((input: unknown) => object) | undefined>>;

const context = v.optional(v.record(v.string(), v.string()), {});
const bytes = v.pipe(
  v.string(),
  v.base64(),
  v.transform((text) => Buffer.from(text, 'base64')),
);
const encryptInput = v.object({ KeyId: v.string(), Plaintext: bytes, EncryptionContext: context });
const decryptInput = v.object({ KeyId: v.optional(v.string()), CiphertextBlob: bytes, EncryptionContext: context });

class KmsError extends Error {
  readonly type: string;

  constructor(type: string, message: string) {
    super(message);
    this.type = type;
  }
}

/** Serves the keys. With a data folder their material lies there, so that what they encrypted stays readable. */
export async function startKms(template: Template, dataFolder: string | undefined): Promise<HttpServer> {
  const ids = template.all(kmsKey).map(({ id }) => id);
  const material = keyMaterial(ids, dataFolder);

  const keyOf = (name: string): string => {
    const id = name.replace(/^arn:[^/]*\//, '');
    if (material.has(id)) return id;
    throw new KmsError('NotFoundException', `There is no key ${name} on this machine.`);
  };
  const secretOf = (id: string) => material.get(keyOf(id)) ?? Buffer.alloc(0);

  const calls: Calls = {
    Encrypt(input) {
      const { KeyId, Plaintext, EncryptionContext } = v.parse(encryptInput, input);
      if (Plaintext.length < 1 || Plaintext.length > 4_096)
        throw new KmsError('ValidationException', 'Plaintext has to be of 1 to 4096 bytes.');
      const id = keyOf(KeyId);
      const iv = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', secretOf(id), iv).setAAD(additionalData(EncryptionContext));
      const encrypted = Buffer.concat([cipher.update(Plaintext), cipher.final()]);
      const blob = Buffer.concat([Buffer.from(id), iv, cipher.getAuthTag(), encrypted]);
      return { CiphertextBlob: blob.toString('base64'), KeyId: arnOf(id), EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' };
    },

    Decrypt(input) {
      const { KeyId, CiphertextBlob: blob, EncryptionContext } = v.parse(decryptInput, input);
      const id = blob.subarray(0, 36).toString();
      if (!material.has(id)) throw new KmsError('InvalidCiphertextException', '');
      if (KeyId !== undefined && keyOf(KeyId) !== id)
        throw new KmsError(
          'IncorrectKeyException',
          'The key ID in the request does not identify the key of this ciphertext.',
        );
      try {
        const decipher = createDecipheriv('aes-256-gcm', secretOf(id), blob.subarray(36, 48));
        decipher.setAAD(additionalData(EncryptionContext)).setAuthTag(blob.subarray(48, 64));
        const plaintext = Buffer.concat([decipher.update(blob.subarray(64)), decipher.final()]);
        return { Plaintext: plaintext.toString('base64'), KeyId: arnOf(id), EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' };
      } catch {
        throw new KmsError('InvalidCiphertextException', '');
      }
    },
  };

  return listen(0, (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { status, document } = answer(calls, String(request.headers['x-amz-target']), Buffer.concat(chunks));
      response.writeHead(status, { 'Content-Type': 'application/x-amz-json-1.1' }).end(JSON.stringify(document));
    });
  });
}

function answer(calls: Calls, target: string, body: Buffer) {
  try {
    const call = calls[target.replace(/^TrentService\./, '')];
    if (!call) throw new KmsError('UnsupportedOperationException', `This machine's KMS does not know ${target}.`);
    return { status: 200, document: call(JSON.parse(body.toString())) };
  } catch (error) {
    const type = error instanceof KmsError ? error.type : 'ValidationException';
    return { status: 400, document: { __type: type, message: error instanceof Error ? error.message : '' } };
  }
}

/** The context is data, whatever the order of its pairs. */
const additionalData = (pairs: Readonly<Record<string, string>>) =>
  Buffer.from(JSON.stringify(Object.entries(pairs).sort(([a], [b]) => (a < b ? -1 : 1))));

function keyMaterial(ids: readonly string[], dataFolder: string | undefined): Map<string, Buffer> {
  const file = dataFolder === undefined ? undefined : join(dataFolder, 'kms-keys.json');
  const kept: unknown = file !== undefined && existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
  const fresh = ids.map((id) => [id, randomBytes(32).toString('base64')] as const);
  const texts = { ...Object.fromEntries(fresh), ...v.parse(v.record(v.string(), v.string()), kept) };
  if (file !== undefined) writeFileSync(file, JSON.stringify(texts), { mode: 0o600 });
  return new Map(Object.entries(texts).map(([id, text]) => [id, Buffer.from(text, 'base64')]));
}
