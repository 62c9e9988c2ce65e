import { ServiceError } from '../service-error.ts';
import { type Receipt, type ReceiptStatus, receiptStatuses } from './receipt.ts';

/** A receipt as an answer shows it: its time as ISO 8601 in UTC, what is absent as null. */
export const receiptView = ({ at, ...receipt }: Receipt) => ({
  id: receipt.id,
  time: new Date(at).toISOString(),
  kind: receipt.kind,
  status: receipt.status,
  httpStatus: receipt.httpStatus,
  code: receipt.code ?? null,
  message: receipt.message ?? null,
  credential: { id: receipt.credentialId, name: receipt.credentialName },
  clientAddress: receipt.clientAddress,
  bytes: receipt.bytes,
  counts: receipt.counts ?? null,
  remarks: receipt.remarks,
  clockSkewMs: receipt.clockSkewMs ?? null,
});

/** The status to look for, if one is asked for. Throws `parameter-invalid`. */
export function receiptStatus(text: string | undefined): { status?: ReceiptStatus } {
  if (text === undefined) return {};
  const status = receiptStatuses.find((each) => each === text);
  if (status === undefined) {
    throw new ServiceError('parameter-invalid', `"status" is one of ${receiptStatuses.join(', ')}.`);
  }
  return { status };
}

/** Receipts are ordered by `<ISO time>#<id>`. */
export const isReceiptPosition = (value: unknown): value is string =>
  typeof value === 'string' &&
  /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z#/.test(value) &&
  !Number.isNaN(Date.parse(value.slice(0, 24)));
