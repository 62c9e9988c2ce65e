/** Passwords of local users: kept as what scrypt makes of them with a salt of their own, and never as they are. */
import { scrypt, type ScryptOptions, timingSafeEqual } from 'node:crypto';

/** `scrypt$<N>$<r>$<p>$<salt>$<hash>`, the last two in base64. */
export type PasswordHash = string & { readonly brand: 'PasswordHash' };

/** RADIUS carries no longer ones. */
export const longestPassword = 128; // bytes of UTF-8

/** About 50 ms and 16 MB: much for whoever guesses, little for whoever logs in. */
const cost = { N: 16_384, r: 8, p: 1 };
const hashBytes = 32;

/** Text that looks the same is the same, whichever keyboard it comes from. */
const bytesOf = (password: string) => Buffer.from(password.normalize('NFC'));

export async function hashPassword(password: string, salt: Uint8Array): Promise<PasswordHash> {
  const hash = await derived(password, salt, cost);
  const { N, r, p } = cost;
  return ['scrypt', N, r, p, base64(salt), base64(hash)].join('$') as PasswordHash;
}

/** Takes as long for a wrong password as for the right one. What is no hash of ours proves nothing. */
export async function provePassword(password: string, hash: PasswordHash): Promise<'right' | 'wrong'> {
  const [, N, r, p, salt = '', expected = ''] = form.exec(hash) ?? [];
  if (N === undefined) return 'wrong';
  const options = { N: Number(N), r: Number(r), p: Number(p) };
  const found = await derived(password, Buffer.from(salt, 'base64'), options);
  const wanted = Buffer.from(expected, 'base64');
  return wanted.length === found.length && timingSafeEqual(found, wanted) ? 'right' : 'wrong';
}

const form = /^scrypt\$(\d+)\$(\d+)\$(\d+)\$([\w+/=-]+)\$([\w+/=-]+)$/;
const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');

async function derived(password: string, salt: Uint8Array, options: ScryptOptions): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(bytesOf(password), salt, hashBytes, options, (error, key) => {
      if (error) reject(error);
      else resolve(key);
    });
  });
}

/** Of no password: held against where there is no such user, so that the time that it takes tells nothing. */
export const nobodysHash = ['scrypt', cost.N, cost.r, cost.p, base64(Buffer.alloc(16)), base64(Buffer.alloc(hashBytes))].join('$') as PasswordHash; // prettier-ignore
