/** Credentials as they are issued, a line of JSON each, in a file that only its owner reads; each line is on disk before the next thing is done. */
import { closeSync, existsSync, fchmodSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import type { Ledger } from './apply-tenants.ts';

interface Line {
  readonly tenant: string;
  readonly what: string;
  readonly asking?: string;
  /** Ends what came of it: lines that a crash cut off are not followed by one. */
  readonly done?: true;
  readonly role?: string;
  readonly token?: string;
}

export function credentialsLedger(file: string): Ledger {
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const lines: Line[] = text.split('\n').flatMap(readable);
  // What a crash cut off is left alone, and ended.
  if (text !== '' && !text.endsWith('\n')) write(file, '\n');

  function add(line: Line & Readonly<Record<string, unknown>>) {
    write(file, `${JSON.stringify(line)}\n`);
    lines.push(line);
  }
  const of = (tenant: string, what: string) => lines.filter((line) => line.tenant === tenant && line.what === what);

  return {
    noted(tenant, what) {
      const all = of(tenant, what);
      const last = all.findLastIndex((line) => line.asking !== undefined);
      const key = all[last]?.asking;
      return key === undefined ? undefined : { key, answered: all.slice(last).some((line) => line.done) };
    },
    note(tenant, what, key) {
      if (!of(tenant, what).some((line) => line.asking === key)) add({ tenant, what, asking: key });
    },
    keep(tenant, what, credentials) {
      const fresh = credentials.map(({ role, id, name, user, password, token }) => ({ tenant, what, role, id, name, user, password, token })); // prettier-ignore
      write(file, [...fresh, { tenant, what, done: true }].map((line) => `${JSON.stringify(line)}\n`).join(''));
      lines.push({ tenant, what, done: true });
      for (const { user: _, password: __, token, ...line } of fresh)
        lines.push({ ...line, ...(token !== undefined && { token }) });
    },
    token: (tenant, role) => lines.findLast((line) => line.tenant === tenant && line.role === role)?.token,
  };
}

function readable(text: string): readonly Line[] {
  try {
    return text === '' ? [] : [JSON.parse(text) as Line];
  } catch {
    return [];
  }
}

function write(file: string, text: string) {
  const descriptor = openSync(file, 'a', 0o600);
  try {
    fchmodSync(descriptor, 0o600);
    writeSync(descriptor, text);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
