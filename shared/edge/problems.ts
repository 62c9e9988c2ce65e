/** What goes wrong, as RFC 9457 problem documents. What is not a `ServiceError` is our fault: its text stays in the log. */
import { type ErrorCode, ServiceError, statuses } from '../service-error.ts';

export interface Problem {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly document: Readonly<Record<string, unknown>> & { readonly code: ErrorCode; readonly detail: string };
}

const titles: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  409: 'Conflict',
  412: 'Precondition Failed',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  422: 'Unprocessable Content',
  503: 'Service Unavailable',
};

/** Our own faults are answered 503, never 500: it is the one status that senders of posts repeat. */
export function asServiceError(cause: unknown): ServiceError {
  if (cause instanceof ServiceError) return cause;
  return new ServiceError(
    'internal-error',
    'Something failed on our side. Repeat the request; nothing needs to be changed.',
  );
}

export function problemOf({ code, message, details }: ServiceError, requestId: string): Problem {
  const { allow, retryAfterSeconds, ...shown } = details;
  const status = statuses[code];
  return {
    status,
    headers: {
      ...(allow && { Allow: allow.join(', ') }),
      ...((status === 503 || retryAfterSeconds !== undefined) && { 'Retry-After': String(retryAfterSeconds ?? 5) }),
    },
    document: {
      type: `urn:postern:problem:${code}`,
      title: titles[status] ?? code,
      status,
      code,
      detail: message,
      requestId,
      ...shown,
    },
  };
}
