/**
 * Who is calling: one strongly consistent read finds the login of a user or of a token. Whoever is not known for certain
 * is refused in one word, whatever the reason; only the tenant learns the reason, from a receipt.
 */
import type { Caller } from '../contract.ts';
import type { Receipt, ReceiptStore } from '../journal/receipt.ts';
import { readAuthorization } from './authorization.ts';
import type { Login } from './credential.ts';
import { digestOf, isSameDigest } from './secret.ts';

export interface LoginStore {
  /** The login of a user or of a token, by its digest. */
  readonly find: (digest: string) => Promise<Login | undefined>;
}

export interface Authorize {
  readonly logins: LoginStore;
  readonly receipts: Pick<ReceiptStore, 'recordOncePerMinute'>;
  readonly now: () => number;
}

export interface Call {
  /** Every `Authorization` header that was sent. */
  readonly authorization: readonly string[];
  readonly clientAddress: string;
  readonly requestId: string;
}

export async function authorize({ logins, receipts, now }: Authorize, call: Call): Promise<Caller | 'unauthorized'> {
  const claim = readAuthorization(call.authorization);
  if (claim === undefined) return 'unauthorized';
  const login = await logins.find(digestOf(claim.kind === 'basic' ? claim.user : claim.token));
  // Both are found alike, so each must be told from the other: a user's name that is sent as a token opens nothing.
  if (login?.kind !== claim.kind) return 'unauthorized';

  const at = now();
  const refusal = refusalOf(login, claim.kind === 'basic' ? claim.password : undefined, at);
  if (refusal === undefined) return callerOf(login);
  await receipts.recordOncePerMinute(login.tenant, receiptOf(login, call, refusal, at));
  return 'unauthorized';
}

const refusals = {
  'password-wrong': 'The user is known, the password is not one of its valid ones. Set the sender to the newest one.',
  'credential-revoked': 'What was sent has been revoked. Set the sender to a valid secret, or to another credential.',
  'credential-expired': 'The credential has come to its end. Issue another one, and set the sender to it.',
} as const;

function refusalOf(login: Login, password: string | undefined, now: number): keyof typeof refusals | undefined {
  if (login.revokedAt !== undefined) return 'credential-revoked';
  if (login.expiresAt !== undefined && login.expiresAt <= now) return 'credential-expired';
  if (password === undefined) return undefined;
  const digest = digestOf(password);
  return login.passwords.some((valid) => isSameDigest(valid, digest)) ? undefined : 'password-wrong';
}

const callerOf = ({ tenant, role, credentialId, credentialName, orderByArrival }: Login): Caller => ({
  tenant,
  role,
  credentialId,
  credentialName,
  orderByArrival: String(orderByArrival),
});

function receiptOf(
  { credentialId, credentialName }: Login,
  { clientAddress, requestId }: Call,
  code: keyof typeof refusals,
  at: number,
): Receipt {
  const message = refusals[code];
  const seen = { clientAddress, requestId, httpStatus: 401, bytes: 0 };
  return { id: requestId, at, kind: 'login', status: 'refused', credentialId, credentialName, ...seen, code, message, remarks: [] }; // prettier-ignore
}
