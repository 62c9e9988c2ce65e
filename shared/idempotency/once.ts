/**
 * Requests that act, and the key by which their caller repeats one whose answer was lost: a repeat is answered as the
 * first was, and does nothing. An attempt holds a lease until it has answered; a killed one's lease ends by time.
 */
import { ServiceError } from '../service-error.ts';
import type { TenantId } from '../tenancy/tenant.ts';

/** Whose key: keys of one credential mean nothing to another. */
export interface Place {
  readonly tenant: TenantId;
  readonly credentialId: string;
  readonly key: string;
}

export interface KeptAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

/** An answer that says whether it is all there was to do: what is unfinished is done by the same key once more. */
export interface GivenAnswer extends KeptAnswer {
  readonly finished?: 'no';
}

export interface Attempt {
  /** What was asked for, as a digest: a key stands for one request. */
  readonly fingerprint: string;
  /** Epoch milliseconds: by then it has answered, or was killed. */
  readonly leaseUntilAt: number;
  /** Epoch milliseconds: from then on the key is as good as new. */
  readonly keptUntilAt: number;
  readonly answer?: KeptAnswer;
}

export interface StoredAttempt extends Attempt {
  readonly revision: string;
}

/** Answers hold secrets, so a store keeps them encrypted. */
export interface AttemptStore {
  readonly read: (place: Place) => Promise<StoredAttempt | undefined>;
  /** Only while it is as it was read: of two who would act, one is told. */
  readonly replace: (
    place: Place,
    read: StoredAttempt | undefined,
    attempt: Attempt,
  ) => Promise<StoredAttempt | 'conflict'>;
}

export interface Once {
  readonly attempts: AttemptStore;
  readonly now: () => number;
  /** Hears of an answer that could not be kept: it is given all the same, and a repeat may act again. */
  readonly unkept: (error: unknown) => void;
}

export interface Keyed {
  readonly place: Place;
  readonly fingerprint: string;
  /** Epoch milliseconds: by then this attempt has answered, or was killed. */
  readonly untilAt: number;
}

const keptMs = 24 * 60 * 60 * 1_000;

type Standing = 'free' | 'answered' | 'under-way' | 'reused';

/** How a key stands for whoever asks for this now. */
export function standingOf(stored: StoredAttempt | undefined, fingerprint: string, now: number): Standing {
  if (stored === undefined || stored.keptUntilAt <= now) return 'free';
  if (stored.answer === undefined && stored.leaseUntilAt <= now) return 'free';
  if (stored.fingerprint !== fingerprint) return 'reused';
  return stored.answer === undefined ? 'under-way' : 'answered';
}

/**
 * Acts, unless that was done: then the first answer. What fails by our fault, is answered 5xx or is unfinished leaves the key free.
 * Throws `idempotency-key-reused`, `request-in-progress`.
 */
export async function once(
  deps: Once,
  keyed: Keyed,
  act: () => Promise<GivenAnswer>,
): Promise<{ readonly answer: KeptAnswer; readonly replayed: 'yes' | 'no' }> {
  const begun = await begin(deps, keyed);
  if (begun.answer !== undefined) return { answer: begun.answer, replayed: 'yes' };
  const end = async (outcome: Partial<Attempt>) =>
    deps.attempts.replace(keyed.place, begun, { ...attemptOf(deps, keyed), ...outcome }).catch(deps.unkept);
  try {
    const answer = await act();
    await end(answer.status < 500 && answer.finished !== 'no' ? { answer } : { leaseUntilAt: 0 });
    return { answer, replayed: 'no' };
  } catch (error) {
    await end({ leaseUntilAt: 0 });
    throw error;
  }
}

const attemptOf = ({ now }: Once, { fingerprint, untilAt }: Keyed): Attempt => ({
  fingerprint,
  leaseUntilAt: untilAt,
  keptUntilAt: now() + keptMs,
});

/** The attempt that is ours to make, or the one that was answered. */
async function begin(deps: Once, keyed: Keyed): Promise<StoredAttempt> {
  for (let round = 0; round < 3; round += 1) {
    const stored = await deps.attempts.read(keyed.place);
    const standing = standingOf(stored, keyed.fingerprint, deps.now());
    if (stored !== undefined && standing !== 'free') return settled(stored, standing, deps.now());
    const begun = await deps.attempts.replace(keyed.place, stored, attemptOf(deps, keyed));
    if (begun !== 'conflict') return begun;
  }
  throw inProgress(1);
}

function settled(stored: StoredAttempt, standing: Exclude<Standing, 'free'>, now: number): StoredAttempt {
  if (standing === 'answered') return stored;
  if (standing === 'under-way') throw inProgress(Math.ceil((stored.leaseUntilAt - now) / 1_000));
  throw new ServiceError(
    'idempotency-key-reused',
    'This Idempotency-Key was sent with another request. Give every request that is not a repeat a new key; repeat one with the same method, path, query and body, byte for byte.',
  );
}

const inProgress = (retryAfterSeconds: number) =>
  new ServiceError(
    'request-in-progress',
    'The first request with this Idempotency-Key is under way. Repeat it after the seconds that Retry-After names.',
    { retryAfterSeconds },
  );
