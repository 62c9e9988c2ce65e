/** What the API on this machine shows those who speak HTTPS: a certificate of its own, made once, or the one that is named. */
import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import { CannotStart } from './cannot-start.ts';

export interface Certificate {
  /** Both PEM. */
  readonly cert: string;
  readonly key: string;
}

export interface CertificateFiles {
  readonly cert: string;
  readonly key: string;
}

/** The certificate in these files. Throws `CannotStart` where they hold none, or one that is not of the key. */
export function certificateIn({ cert, key }: CertificateFiles): Certificate {
  try {
    const certificate = { cert: readFileSync(cert, 'utf8'), key: readFileSync(key, 'utf8') };
    createSecureContext(certificate);
    return certificate;
  } catch (error) {
    throw new CannotStart(
      `POSTERN_TLS_CERT "${cert}" and POSTERN_TLS_KEY "${key}" are no PEM certificate and its key: ${(error as Error).message}. Name others, or neither.`,
    );
  }
}

export const ownFiles = (folder: string): CertificateFiles => ({
  cert: join(folder, 'tls-certificate.pem'),
  key: join(folder, 'tls-key.pem'),
});

const month = 30 * 86_400_000;

/** The certificate that is kept in this folder; another where there is none, or none that is good for a while. */
export async function ownCertificate(folder: string): Promise<Certificate> {
  const files = ownFiles(folder);
  if (isGood(files) === 'good') return certificateIn(files);
  const certificate = await selfSigned();
  writeFileSync(files.key, certificate.key, { mode: 0o600 });
  writeFileSync(files.cert, certificate.cert, { mode: 0o600 });
  return certificate;
}

function isGood(files: CertificateFiles): 'good' | 'bad' {
  if (!existsSync(files.cert) || !existsSync(files.key)) return 'bad';
  try {
    const { cert } = certificateIn(files);
    return Date.parse(new X509Certificate(cert).validTo) > Date.now() + month ? 'good' : 'bad';
  } catch {
    return 'bad';
  }
}

/** RSA, because senders in the field know nothing newer. It vouches for itself only and signs no other. */
async function selfSigned(): Promise<Certificate> {
  const { generate } = await import('selfsigned'); // most starts find a certificate and need none of it
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'rsa',
    keySize: 2_048,
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, keyEncipherment: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
        ],
      },
    ],
  });
  return { cert, key };
}
