/** Secrets in memory, and a cipher that hides nothing but opens for the same purpose only. Both hold to the real contracts. */
import type {
  Cipher,
  FormerSecret,
  SecretKeeper,
  SecretOpener,
  SecretPurpose,
  SecretReference,
} from '../../shared/outbound/secrets.ts';

export interface FakeSecrets extends SecretKeeper, SecretOpener {
  /** How many secrets there are, of all tenants. */
  readonly count: () => number;
}

interface Kept {
  readonly purpose: SecretPurpose;
  readonly secret: string;
  readonly former?: FormerSecret | undefined;
}

export function fakeSecrets(): FakeSecrets {
  const kept = new Map<string, Kept>();
  let serial = 0;

  return {
    async keep(purpose, secret, former) {
      serial += 1;
      const reference = `${purpose.name}#${serial}` as SecretReference;
      kept.set(`${purpose.tenant}#${reference}`, { purpose, secret, former });
      return Promise.resolve(reference);
    },
    has: async (tenant, reference) => Promise.resolve(kept.has(`${tenant}#${reference}`) ? 'kept' : 'forgotten'),
    async forget(tenant, reference) {
      kept.delete(`${tenant}#${reference}`);
      return Promise.resolve();
    },
    async open(purpose, reference) {
      const found = kept.get(`${purpose.tenant}#${reference}`);
      if (found !== undefined && found.purpose.name !== purpose.name) throw new Error('Kept for something else.');
      return Promise.resolve(found && { text: found.secret, ...(found.former && { former: found.former }) });
    },
    count: () => kept.size,
  };
}

export function fakeCipher(): Cipher {
  return {
    encrypt: async ({ tenant, name }, plaintext) =>
      Promise.resolve(Buffer.from(JSON.stringify({ tenant, name, plaintext }))),
    async decrypt({ tenant, name }, ciphertext) {
      const sealed = JSON.parse(Buffer.from(ciphertext).toString()) as SecretPurpose & { plaintext: string };
      if (sealed.tenant !== tenant || sealed.name !== name) throw new Error('InvalidCiphertextException');
      return Promise.resolve(sealed.plaintext);
    },
  };
}
