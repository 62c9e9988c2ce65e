/**
 * The secrets that a tenant entrusts to us for its own systems. They are written and used, and never shown again:
 * whoever keeps one gets a reference, and only what speaks to that system opens it.
 */
import type { TenantId } from '../tenancy/tenant.ts';

export type SecretReference = string & { readonly brand: 'SecretReference' };

/** What a secret is for. It opens for this and this tenant alone. */
export interface SecretPurpose {
  readonly tenant: TenantId;
  readonly name: string;
}

export interface SecretKeeper {
  readonly keep: (purpose: SecretPurpose, secret: string) => Promise<SecretReference>;
  /** Whether it is still there. What it is stays closed. */
  readonly has: (tenant: TenantId, reference: SecretReference) => Promise<'kept' | 'forgotten'>;
  /** Once more changes nothing. */
  readonly forget: (tenant: TenantId, reference: SecretReference) => Promise<void>;
}

export interface SecretOpener {
  /** `undefined` where it has been forgotten. Throws where it was kept for something else. */
  readonly open: (purpose: SecretPurpose, reference: SecretReference) => Promise<string | undefined>;
}

/** Encrypts so that only the same purpose decrypts. */
export interface Cipher {
  readonly encrypt: (purpose: SecretPurpose, plaintext: string) => Promise<Uint8Array>;
  readonly decrypt: (purpose: SecretPurpose, ciphertext: Uint8Array) => Promise<string>;
}
