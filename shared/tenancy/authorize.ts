/**
 * Who is calling: one strongly consistent read finds the login of a user or of a token. Whoever is not known for certain
 * is refused in one word, whatever the reason; only the tenant learns the reason, from a receipt.
 */
import type { Caller } from '../contract.ts';
import { countFor, type LeaveReceipt } from '../journal/leave-receipt.ts';
import { mostReceiptDays, type Receipt, receiptIdOf } from '../journal/receipt.ts';
import { readAuthorization } from './authorization.ts';
import type { Login } from './credential.ts';
import { digestOf, isSameDigest } from './secret.ts';

export interface LoginStore {
  /** The login of a user or of a token, by its digest. */
  readonly find: (digest: string) => Promise<Login | undefined>;
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
  const login = await deps.logins.find(digestOf(claim.kind === 'basic' ? claim.user : claim.token));
  // Both are found alike, so each must be told from the other: a user's name that is sent as a token opens nothing.
  if (login?.kind !== claim.kind) return 'unauthorized';

  const at = deps.now();
  const refusal = refusalOf(login, claim.kind === 'basic' ? claim.password : undefined, at);
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
