/**
 * The secrets that we issue: 256 random bits each. There is nothing in them to guess, so a plain SHA-256 keeps them; a
 * slow hash protects passwords that people choose, and would cost every call its time.
 */
import { createHash, randomBytes, randomInt, timingSafeEqual } from 'node:crypto';

/** Drawn again until it begins with a letter: commands take a word that begins with a dash for one of their options. */
export const newSecret = (): string => {
  const secret = randomBytes(32).toString('base64url');
  return /^[A-Za-z]/.test(secret) ? secret : newSecret();
};

/** SHA-256 in hex: what is kept of a secret, and what a user's name is found by. */
export const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex');

/** How people tell secrets apart that they cannot see. */
export const fingerprintOf = (digest: string): string => digest.slice(0, 8);

export const isSameDigest = (one: string, other: string): boolean => {
  const [left, right] = [Buffer.from(one), Buffer.from(other)];
  return left.length === right.length && timingSafeEqual(left, right); // the comparison throws where lengths differ
};

const letters = 'abcdefghijklmnopqrstuvwxyz0123456789';

/** For names that nobody chooses: no secret, only unlikely to come twice. */
export const randomName = (length: number): string =>
  Array.from({ length }, () => letters[randomInt(letters.length)]).join('');
