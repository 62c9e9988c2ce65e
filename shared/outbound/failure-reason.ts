import type { FailureReason } from '../user-query/asking.ts';

/** What an error of Node's network means for a question. Its text is dropped: it may hold what was sent. */
export function reasonOf(error: unknown): FailureReason {
  const { code = '', syscall } = error as { readonly code?: string; readonly syscall?: string };
  if (syscall === 'getaddrinfo') return 'name-unresolved';
  const [, reason] = reasons.find(([codes]) => codes.test(code)) ?? [];
  return reason ?? 'connection-failed';
}

const reasons: readonly (readonly [codes: RegExp, reason: FailureReason])[] = [
  [/^(ECONNRESET|EPIPE)$/, 'connection-reset'],
  [/^ETIMEDOUT$/, 'connection-timeout'],
  [/^HPE_/, 'answer-unreadable'],
  [/CERT|ISSUER|SIGNATURE|^ERR_OSSL_PEM|^CRL_/, 'certificate-refused'],
  [/^EPROTO$|^ERR_SSL_|^ERR_TLS_|^ERR_OSSL_/, 'tls-failed'],
];
