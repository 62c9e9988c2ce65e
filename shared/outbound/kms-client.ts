/** KMS: the key never leaves it, and the purpose is part of what it checks, so a stolen item opens under no other name. */
import { DecryptCommand, EncryptCommand, type KMSClient } from '@aws-sdk/client-kms';
import type { Cipher, SecretPurpose } from './secrets.ts';

const contextOf = ({ tenant, name }: SecretPurpose) => ({ tenant, name });

export function kmsCipher(client: KMSClient, key: string): Cipher {
  return {
    async encrypt(purpose, plaintext) {
      const { CiphertextBlob } = await client.send(
        new EncryptCommand({ KeyId: key, Plaintext: Buffer.from(plaintext), EncryptionContext: contextOf(purpose) }),
      );
      return present(CiphertextBlob);
    },

    async decrypt(purpose, ciphertext) {
      const { Plaintext } = await client.send(
        new DecryptCommand({ KeyId: key, CiphertextBlob: ciphertext, EncryptionContext: contextOf(purpose) }),
      );
      return Buffer.from(present(Plaintext)).toString();
    },
  };
}

function present(bytes: Uint8Array | undefined): Uint8Array {
  if (bytes === undefined) throw new Error('KMS answered without what it was asked for.');
  return bytes;
}
