/** The single values that a configuration is made of. */
import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import * as v from 'valibot';
import { say, text, whole } from '../json-schema.ts';
import { readPrefix } from './address-prefix.ts';

export const addressOrPrefix = prefixOr([]);

/** The addresses of a policy. */
export const anyOrAddresses = prefixOr(['any']);

function prefixOr(words: readonly string[]) {
  const quoted = ['an address or a prefix', ...words].join(', or ');
  return v.pipe(
    v.string(say('type', `Give ${quoted}, in quotes.`)),
    v.metadata({
      description: ['An address like 192.0.2.7 or 2001:db8::7, a prefix like 192.0.2.0/24', ...words].join(', or '),
    }),
    v.rawTransform<string, string>(({ dataset: { value }, addIssue, NEVER }) => {
      if (words.includes(value)) return value;
      const { prefix, problem } = readPrefix(value);
      if (prefix !== undefined) return prefix;
      addIssue({ message: say('form', problem) });
      return NEVER;
    }),
  );
}

const label = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
const hostName = new RegExp(`^(?:${label}\\.)*(?!\\d+$)${label}$`, 'i');

/** A host's name or address; empty while there is none. */
export const host = v.pipe(
  text(0, 128),
  v.check(
    (value) => value === '' || (isIP(value) > 0 && !value.includes('%')) || hostName.test(value),
    say('form', 'Give a name like clearpass.example.net or an IP address, without scheme, port and path.'),
  ),
);

/** What follows the host and its slash in a URL. */
export const path = (least: number, most: number) =>
  v.pipe(
    text(least, most),
    v.check(
      (value) =>
        /^[\x21-\x7e]+$/.test(value) && !value.includes('#') && !value.includes('://') && !value.startsWith('//'),
      say('form', 'Give a path such as api/oauth, in ASCII, without spaces, fragment, scheme and host.'),
    ),
  );

/** A user or a group: `name`, `domain\name`, `*\name`, or one of the words for those who are none. */
export const identity = v.pipe(
  text(1, 511),
  v.check(
    (value) => value === value.trim() && !value.startsWith('\\') && !value.endsWith('\\'),
    say('form', 'Give a name, or domain\\name, without blanks around it.'),
  ),
);

const range = v.pipe(
  v.string(),
  v.check(
    (value) => {
      const [, first, last] = /^([1-9]\d{0,4})-([1-9]\d{0,4})$/.exec(value) ?? [];
      return first !== undefined && Number(first) <= Number(last) && Number(last) <= 65_535;
    },
    say('form', 'Give a range of ports like "8000-8099", the lower one first.'),
  ),
);

export const portOrRange = v.union(
  [whole(1, 65_535), range],
  say('type', 'Give a port from 1 to 65535, or a range in quotes like "8000-8099".'),
);

const certificate = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g;

export const certificates = v.pipe(
  v.string(say('type', 'Give the text of a PEM file, or null for the public roots.')),
  v.check(({ length }) => length <= 65_536, say('length', 'Give at most 65536 characters.')),
  v.check(
    (value) => {
      const found = value.match(certificate) ?? [];
      return found.length > 0 && value.replace(certificate, '').trim() === '' && found.every(isReadable);
    },
    say('form', 'Give one certificate or more in PEM, and nothing else, or null for the public roots.'),
  ),
);

function isReadable(pem: string): boolean {
  try {
    new X509Certificate(pem);
    return true;
  } catch {
    return false;
  }
}

/** A timeout. */
export const minutes = v.pipe(
  v.number(say('type', 'Give a number of minutes, without quotes.')),
  v.check(
    (value) => value === 0 || (Number.isInteger(value) && value >= 10 && value <= 1440),
    say('range', 'Give 0, which means never, or 10 to 1440 whole minutes.'),
  ),
  v.metadata({
    type: 'integer',
    anyOf: [{ const: 0 }, { minimum: 10, maximum: 1440 }],
    description: 'Minutes; 0 means never.',
  }),
);
