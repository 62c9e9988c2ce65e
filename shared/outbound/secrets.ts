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

/** A secret that another took the place of, and until when (epoch milliseconds) it may still stand in for that. */
export interface FormerSecret {
  readonly reference: SecretReference;
  readonly untilAt: number;
}

export interface OpenedSecret {
  readonly text: string;
  readonly former?: FormerSecret;
}

export interface SecretKeeper {
  /** `former` is the one for the same purpose and the same host that it replaces. */
  readonly keep: (purpose: SecretPurpose, secret: string, former?: FormerSecret) => Promise<SecretReference>;
  /** Whether it is still there. What it is stays closed. */
  readonly has: (tenant: TenantId, reference: SecretReference) => Promise<'kept' | 'forgotten'>;
  /** Once more changes nothing. */
  readonly forget: (tenant: TenantId, reference: SecretReference) => Promise<void>;
}

export interface SecretOpener {
  /** `undefined` where it has been forgotten. Throws where it was kept for something else. */
  readonly open: (purpose: SecretPurpose, reference: SecretReference) => Promise<OpenedSecret | undefined>;
}

/** Encrypts so that only the same purpose decrypts. */
export interface Cipher {
  readonly encrypt: (purpose: SecretPurpose, plaintext: string) => Promise<Uint8Array>;
  readonly decrypt: (purpose: SecretPurpose, ciphertext: Uint8Array) => Promise<string>;
}

/** So long a secret that was replaced may stand in for its successor: it is changed here and at its system one after the other. */
export const formerSecretMs = 24 * 60 * 60 * 1_000;

/** A document that is sent again brings the same secret again: what is meant may be the one before that. */
const mostFormer = 2;

/** The secrets that this one replaced and that may still stand in for it, newest first. Each is opened once it is asked for. */
export async function* formerSecrets(
  { open }: SecretOpener,
  purpose: SecretPurpose,
  { text, former }: OpenedSecret,
  now: () => number,
): AsyncGenerator<string> {
  const told = new Set([text]);
  for (let count = 0, next = former; count < mostFormer && next !== undefined && now() < next.untilAt; count += 1) {
    const opened = await open(purpose, next.reference);
    if (opened === undefined) return;
    if (!told.has(opened.text)) yield opened.text;
    told.add(opened.text);
    next = opened.former;
  }
}
