/** How the doors under `/api/v1` answer what goes wrong: in the vendor's envelope, with our code beside it. */
import type { ErrorCode, Violation } from '../service-error.ts';
import { warned } from '../wire/pulse/envelope.ts';
import type { Answer } from './http.ts';
import type { Problem } from './problems.ts';

/** The vendor answers 400 where it cannot read a body, and 422 where it can but what stands there is wrong. */
const ofValidation: ReadonlySet<ErrorCode> = new Set([
  'body-invalid',
  'parameter-invalid',
  'parameter-unknown',
  'address-invalid',
  'mac-invalid',
]);

/** The `problem` of an entrance: everything that is wrong, each thing a warning. */
export function problemPulse({ status, headers, document }: Problem): Answer {
  const { code, detail } = document;
  const violations = (document.violations ?? []) as readonly Violation[];
  const each = violations.map(({ pointer, message, mend }) => `${pointer === '' ? '/' : pointer}: ${message} ${mend}`);
  return {
    status: ofValidation.has(code) ? 422 : status,
    headers: { 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify({ ...warned([detail, ...each]), code }),
  };
}
