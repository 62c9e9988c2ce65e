/**
 * Who is calling: one strongly consistent read finds the login of a user or of a token, one more that of the user who got
 * an API key. Whoever is not known for certain is refused in one word, whatever the reason; only the tenant learns the reason, from a receipt.
 */
import type { Caller } from '../contract.ts';
import { countFor, type LeaveReceipt } from '../journal/leave-receipt.ts';
import { mostReceiptDays, type Receipt, receiptIdOf } from '../journal/receipt.ts';
import { type Claim, readAuthorization } from './authorization.ts';
import type { ApiKey, Login } from './credential.ts';
import { digestOf, isSameDigest } from './secret.ts';

export interface LoginStore {
  /** The login of a user or of a token, or an API key, by its digest. */
  readonly find: (digest: string) => Promise<Login | ApiKey | undefined>;
}

export interface Authorize extends Pick<LeaveReceipt, 'receipts' | 'senders' | 'measure'> {
  readonly logins: LoginStore;
  readonly now: () => number;
}

export interface Call {
  /** Every `Authorization` header that was sent. */
  readonly authorization: readonly string[];
  readonly clientAddress: string;
  readonly requestId: string;
}

export async function authorize(deps: Authorize, call: Call): Promise<Caller | 'unauthorized'> {
  const claim = readAuthorization(call.authorization);
  if (claim === undefined) return 'unauthorized';
  const found = await deps.logins.find(digestOf(nameIn(claim)));
  // All are found alike, so each must be told from the others: a user's name that is sent as a token opens nothing.
  if (found?.kind !== claim.kind) return 'unauthorized';
  const login = found.kind === 'key' ? await deps.logins.find(found.user) : found;
  // Names of users are drawn by chance; should one come twice, a key opens nothing of the other's. And what was imported
  // with a tenant says what it likes of itself: never does it lead to another tenant.
  if (login === undefined || login.kind === 'key') return 'unauthorized';
  if (login.tenant !== found.tenant || login.credentialId !== found.credentialId) return 'unauthorized';

  const at = deps.now();
  const refusal =
    refusalOf(login, claim.kind === 'basic' ? claim.password : undefined, at) ??
    (found.kind === 'key' ? refusalOfKey(found, login, at) : undefined);
  if (refusal === undefined) return callerOf(login);
  const receipt = receiptOf(login, call, refusal, at);
  await Promise.all([
    // No setting of a tenant's is read here: who looks for receipts is shown those of the days that are set then.
    deps.receipts.record(login.tenant, receipt, [], { days: mostReceiptDays }),
    // Only who posts is a sender, and may be deaf without anybody noticing.
    login.role === 'web-api' && countFor(deps, login.tenant, receipt),
  ]);
  return 'unauthorized';
}

function nameIn(claim: Claim): string {
  if (claim.kind === 'basic') return claim.user;
  return claim.kind === 'key' ? claim.key : claim.token;
}

const refusals = {
  'password-wrong': 'The user is known, the password is not one of its valid ones. Set the sender to the newest one.',
  'credential-revoked': 'What was sent has been revoked. Set the sender to a valid secret, or to another credential.',
  'credential-expired': 'The credential has come to its end. Issue another one, and set the sender to it.',
  'key-expired': 'The API key has come to its end. Log in again for another one.',
  'key-withdrawn':
    'The API key has ended: the password that it was got with is not valid any more, or access to the REST APIs was switched off since. Log in again.',
} as const;

function refusalOf(login: Login, password: string | undefined, now: number): keyof typeof refusals | undefined {
  if (login.revokedAt !== undefined) return 'credential-revoked';
  if (login.expiresAt !== undefined && login.expiresAt <= now) return 'credential-expired';
  if (password === undefined) return undefined;
  const digest = digestOf(password);
  return login.passwords.some((valid) => isSameDigest(valid, digest)) ? undefined : 'password-wrong';
}

function refusalOfKey({ password, createdAt, expiresAt }: ApiKey, login: Login, now: number) {
  if (expiresAt <= now) return 'key-expired';
  // While the switch is off the doors say so; what it has ended stays so when it is on again.
  const isEnded = login.restAccess === undefined && createdAt <= (login.keysFrom ?? 0);
  return isEnded || !login.passwords.includes(password) ? 'key-withdrawn' : undefined;
}

const callerOf = ({ tenant, role, credentialId, credentialName, orderByArrival, restAccess }: Login): Caller => ({
  tenant,
  role,
  credentialId,
  credentialName,
  orderByArrival: String(orderByArrival),
  ...(restAccess !== undefined && { restAccess }),
});

/** One a minute and credential: whoever guesses passwords must not fill the journal. */
function receiptOf(
  { credentialId, credentialName }: Login,
  { clientAddress, requestId }: Call,
  code: keyof typeof refusals,
  at: number,
): Receipt {
  return {
    id: receiptIdOf(at - (at % 60_000), `login of ${credentialId}`),
    requestId,
    at,
    kind: 'login',
    status: 'refused',
    credentialId,
    credentialName,
    clientAddress,
    sources: [],
    httpStatus: 401,
    bytes: 0,
    code,
    message: refusals[code],
    remarks: [],
    remarkCounts: {},
    remarksLeftOut: 0,
    storyLeftOut: 0,
  };
}
