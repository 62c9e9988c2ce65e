/** What comes of asking a server: an answer, or the reason why there is none. */

export type Asked = (Answered | Nobody | Failed) & {
  /** How long the server took for all that was asked of it, the connection included; 0 where none was tried. */
  readonly elapsedMs: number;
  /** Epoch milliseconds, of the token that was asked with. */
  readonly tokenExpiresAt?: number;
};

export interface Answered {
  readonly outcome: 'answered';
  readonly body: Uint8Array;
}

/** The server knows nobody there. */
export interface Nobody {
  readonly outcome: 'nobody';
}

/** `unreachable`: the server is down, or its network is; enough of these take it offline. `refused` is anything else. */
export interface Failed {
  readonly outcome: 'unreachable' | 'refused';
  readonly reason: FailureReason;
  /** Whether the same question may be answered a little later. */
  readonly retry: 'later' | 'never';
}

interface Failure {
  readonly outcome: Failed['outcome'];
  readonly retry: Failed['retry'];
  /** Whether the server was heard, so that it is known to be there. */
  readonly heard: 'server' | 'nothing';
}

const down = { outcome: 'unreachable', retry: 'later', heard: 'nothing' } as const satisfies Failure;
const refusal = { outcome: 'refused', retry: 'never', heard: 'server' } as const satisfies Failure;
const ours = { outcome: 'refused', retry: 'never', heard: 'nothing' } as const satisfies Failure;

/** Part of the API: add codes, never rename them. `docs/user-query.md` says how to mend each. */
export const failures = {
  'name-unresolved': down,
  'connection-failed': down,
  'connection-timeout': down,
  'connection-reset': down,
  'answer-timeout': down,
  'server-failed': down,
  'server-offline': { ...down, retry: 'never' },
  'server-busy': { ...refusal, retry: 'later' },
  'token-awaited': { ...ours, retry: 'later' },
  'secret-missing': ours,
  'address-refused': ours,
  'certificate-refused': ours,
  'tls-failed': ours,
  'secret-refused': refusal,
  'token-api-refused': refusal,
  'token-unreadable': refusal,
  'token-refused': refusal,
  'not-permitted': refusal,
  'question-refused': refusal,
  redirected: refusal,
  'answer-too-large': refusal,
  'answer-unreadable': refusal,
} as const satisfies Record<string, Failure>;
export type FailureReason = keyof typeof failures;

export const failed = (reason: FailureReason): Failed => {
  const { outcome, retry } = failures[reason];
  return { outcome, reason, retry };
};

/** Ends a question on the way. It carries nothing but its reason: no address, no secret, nothing that a server said. */
export class QuestionFailed extends Error {
  readonly reason: FailureReason;

  constructor(reason: FailureReason) {
    super(reason);
    this.reason = reason;
  }
}
