import { generate } from 'selfsigned';

export interface Certificate {
  /** Both PEM. */
  readonly cert: string;
  readonly key: string;
}

/** A certificate for servers of these names and addresses, that nobody trusts but who is told to. */
export async function certificateFor(...names: readonly string[]): Promise<Certificate> {
  const altNames = names.map((name) =>
    /^[\d.]+$|:/.test(name) ? { type: 7 as const, ip: name } : { type: 2 as const, value: name },
  );
  const { cert, private: key } = await generate([{ name: 'commonName', value: names[0] }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'subjectAltName', altNames },
    ],
  });
  return { cert, key };
}
