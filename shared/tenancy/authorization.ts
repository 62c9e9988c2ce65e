/** The `Authorization` header: Basic and Bearer, as RFC 7617 and RFC 6750 write them, and API keys as Basic users. */

export type Claim =
  | { readonly kind: 'basic'; readonly user: string; readonly password: string }
  | { readonly kind: 'token'; readonly token: string }
  | { readonly kind: 'key'; readonly key: string };

/** The user under whose name a token is sent by what can do Basic only. No user that we issue is called so. */
const tokenUser = 'token';

const scheme = /^ *(basic|bearer) +([A-Za-z0-9+/_.~-]+=*) *$/i;
const user = /^[A-Za-z0-9._-]{1,64}$/;
/** As logging in hands them out: 32 bytes in base64. They come as the user, with an empty password. */
const apiKey = /^[A-Za-z0-9+/]{43}=$/;
const longestPassword = 128;

/** What a caller claims to be; `undefined` where nothing that we could have issued is said, or more than one thing. */
export function readAuthorization(headers: readonly string[]): Claim | undefined {
  const [header = '', ...others] = headers;
  // With two headers API Gateway may remember the answer under the one that was not looked at.
  if (others.length > 0) return undefined;
  const [, name, value] = scheme.exec(header) ?? [];
  if (name === undefined || value === undefined) return undefined;
  return name.toLowerCase() === 'bearer' ? tokenClaim(value) : basicClaim(value);
}

function basicClaim(encoded: string): Claim | undefined {
  const text = decode(encoded);
  const colon = text?.indexOf(':') ?? -1; // the first one: a password may hold more
  if (text === undefined || colon < 0) return undefined;
  const [name, password] = [text.slice(0, colon), text.slice(colon + 1)];
  if (password === '' && apiKey.test(name)) return { kind: 'key', key: name };
  if (!user.test(name) || password === '' || password.length > longestPassword) return undefined;
  return name === tokenUser ? tokenClaim(password) : { kind: 'basic', user: name, password };
}

const tokenClaim = (token: string): Claim | undefined =>
  token.length > longestPassword ? undefined : { kind: 'token', token };

function decode(encoded: string): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(encoded, 'base64'));
  } catch {
    return undefined;
  }
}
