/**
 * Every failure that a caller or an operator can act on. `code` is part of the API: add codes, never rename them.
 * `message` says what is wrong, where, and how to mend it; it is shown to the caller, so no secret may stand in it.
 */
export class ServiceError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message);
    this.code = code;
    this.details = details;
  }

  override get name() {
    return this.code; // not the class's name: minifying mangles it
  }
}

export interface ErrorDetails {
  /** Where a posted document goes wrong, counted from 1. */
  readonly line?: number;
  readonly column?: number;
  /** Everything wrong with a JSON document, each with its JSON pointer. */
  readonly violations?: readonly Violation[];
  /** How many more there are than are listed. */
  readonly violationsLeftOut?: number;
  readonly allow?: readonly string[];
  readonly retryAfterSeconds?: number;
}

export interface Violation {
  readonly pointer: string;
  /** What stands there, shortened; absent where nothing does, and where it may be a secret. */
  readonly value?: string | number | boolean | null;
  readonly rule: string;
  /** What is wrong. */
  readonly message: string;
  readonly mend: string;
}

/** The status that each code is answered with. */
export const statuses = {
  'xml-malformed': 400,
  'xml-not-utf8': 400,
  'xml-doctype': 400,
  'xml-entity': 400,
  'xml-wrong-root': 400,
  'xml-too-deep': 400,
  'post-empty': 400,
  'no-entry-stored': 400,
  'address-invalid': 400,
  'mac-invalid': 400,
  'parameter-invalid': 400,
  'parameter-unknown': 400,
  'filter-missing': 400,
  'filter-too-wide': 400,
  'cursor-invalid': 400,
  'path-invalid': 400,
  'body-invalid': 400,
  'json-invalid': 400,
  'encoding-invalid': 400,
  'idempotency-key-invalid': 400,
  'configuration-invalid': 400,
  'import-invalid': 400,
  'role-refused': 403,
  'admission-client-unknown': 403,
  'client-refused': 403,
  'rest-access-off': 403,
  'password-needed': 403,
  'route-unknown': 404,
  'entry-absent': 404,
  'receipt-absent': 404,
  'session-absent': 404,
  'endpoint-absent': 404,
  'host-absent': 404,
  'approval-absent': 404,
  'event-absent': 404,
  'change-absent': 404,
  'connector-absent': 404,
  'tenant-absent': 404,
  'credential-absent': 404,
  'secret-absent': 404,
  'version-absent': 404,
  'method-not-allowed': 405,
  'tenant-exists': 409,
  'tenant-erasing': 409,
  'tenant-importing': 409,
  'import-page-missing': 409,
  'credential-revoked': 409,
  'query-disabled': 409,
  'source-disabled': 409,
  'threat-logs-off': 409,
  'address-excluded': 409,
  'changes-sent-directly': 409,
  'approval-decided': 409,
  'request-in-progress': 409,
  'version-changed': 412,
  'body-too-large': 413,
  'encoding-unsupported': 415,
  'idempotency-key-reused': 422,
  'realm-unknown': 422,
  'message-unmatched': 422,
  'message-field-invalid': 422,
  'event-unknown': 422,
  'endpoint-ip-invalid': 422,
  'endpoint-mac-invalid': 422,
  'severity-unknown': 422,
  'occurred-at-invalid': 422,
  'internal-error': 503,
  'too-many-queries': 503,
  'tenant-limit': 503,
  busy: 503,
} as const;
export type ErrorCode = keyof typeof statuses;

/** Under `/api/v1` and `/api/v2`: the vendor answers 400 where it cannot read a body, and 422 where it can but what stands there is wrong. */
export const pulseStatuses: Readonly<Partial<Record<ErrorCode, number>>> = {
  'body-invalid': 422,
  'parameter-invalid': 422,
  'parameter-unknown': 422,
  'address-invalid': 422,
  'mac-invalid': 422,
  'configuration-invalid': 422,
};
