/**
 * How the doors under `/api/v1` and `/api/v2` answer what goes wrong: in the vendor's envelope, with our code beside it. Who is kept out
 * by the switch of its credential is found in a receipt.
 */
import { mostReceiptDays, receiptIdOf, type ReceiptStore } from '../journal/receipt.ts';
import { pulseStatuses, type ServiceError, type Violation } from '../service-error.ts';
import { warned } from '../wire/pulse/envelope.ts';
import type { Answer, HttpRequest } from './http.ts';
import { type Problem, problemOf } from './problems.ts';

/** The `problem` of an entrance: everything that is wrong, each thing a warning. */
export function problemPulse({ status, headers, document }: Problem): Answer {
  const { code, detail } = document;
  const violations = (document.violations ?? []) as readonly Violation[];
  const each = violations.map(({ pointer, message, mend }) => `${pointer === '' ? '/' : pointer}: ${message} ${mend}`);
  return {
    status: pulseStatuses[code] ?? status,
    headers: { 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify({ ...warned([detail, ...each]), code }),
  };
}

export interface Receipts {
  readonly receipts: Pick<ReceiptStore, 'record'>;
}

/** A receipt for a call that came while the switch of its credential was off: one a minute, however often it calls. */
export async function leaveIfKeptOut({ receipts }: Receipts, request: HttpRequest, error: ServiceError): Promise<void> {
  if (error.code !== 'rest-access-off') return;
  const { tenant, credentialId, credentialName, clientAddress, requestId, receivedAt, body } = request;
  const receipt = {
    id: receiptIdOf(receivedAt - (receivedAt % 60_000), `REST access of ${credentialId}`),
    requestId,
    at: receivedAt,
    kind: 'login' as const,
    status: 'refused' as const,
    credentialId,
    credentialName,
    clientAddress,
    sources: [],
    httpStatus: problemOf(error, requestId).status,
    bytes: body.length,
    code: error.code,
    message: error.message,
    remarks: [],
    remarkCounts: {},
    remarksLeftOut: 0,
    storyLeftOut: 0,
  };
  await receipts.record(tenant, receipt, [], { days: mostReceiptDays });
}

/** For functions whose doors are all under `/api/v1`. */
export const pulseEntrance = { problem: problemPulse, refused: leaveIfKeptOut };
