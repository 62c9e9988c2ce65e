import { ipAddress } from '../identity/address.ts';
import { foldCase } from '../identity/fold-case.ts';
import { ServiceError } from '../service-error.ts';
import type { ReceiptSearch } from './find-receipts.ts';
import { type Receipt, type ReceiptStatus, receiptStatuses } from './receipt.ts';

/** A receipt as an answer shows it: its time as ISO 8601 in UTC, what is absent as null. */
export const receiptView = ({ at, ...receipt }: Receipt) => ({
  id: receipt.id,
  requestId: receipt.requestId,
  time: new Date(at).toISOString(),
  kind: receipt.kind,
  status: receipt.status,
  httpStatus: receipt.httpStatus,
  code: receipt.code ?? null,
  message: receipt.message ?? null,
  credential: { id: receipt.credentialId, name: receipt.credentialName },
  clientAddress: receipt.clientAddress,
  sources: receipt.sources,
  bytes: receipt.bytes,
  counts: receipt.counts ?? null,
  remarks: receipt.remarks,
  remarkCounts: receipt.remarkCounts,
  remarksLeftOut: receipt.remarksLeftOut,
  notFoundByAddress: receipt.storyLeftOut,
  clockSkewMs: receipt.clockSkewMs ?? null,
});

type Asked = Partial<Record<'status' | 'sender' | 'ip' | 'user' | 'from' | 'to', string>>;

/** What to look for. Throws `parameter-invalid`, `address-invalid`. */
export function searchFrom({ status, sender, ip, user, from, to }: Asked): Omit<ReceiptSearch, 'limit'> {
  return {
    ...spanFrom({ from, to }),
    ...(status !== undefined && { status: statusIn(status) }),
    ...(sender !== undefined && { sender: textIn('sender', sender) }),
    ...(ip !== undefined && { ip: ipAddress(ip) }),
    ...(user !== undefined && { user: foldCase(textIn('user', user)) }),
  };
}

/** The first and the last instant. Throws `parameter-invalid`. */
export function spanFrom({ from, to }: { from?: string | undefined; to?: string | undefined }) {
  const first = from === undefined ? undefined : instantIn('from', from);
  const last = to === undefined ? undefined : instantIn('to', to);
  if (first !== undefined && last !== undefined && first > last) {
    throw new ServiceError('parameter-invalid', '"from" is later than "to". Give the earlier one as "from".');
  }
  return { ...(first !== undefined && { from: first }), ...(last !== undefined && { to: last }) };
}

function statusIn(text: string): ReceiptStatus {
  const status = receiptStatuses.find((each) => each === text);
  if (status !== undefined) return status;
  throw new ServiceError('parameter-invalid', `"status" is one of ${receiptStatuses.join(', ')}.`);
}

/** Throws `parameter-invalid`. */
export function textIn(name: string, text: string): string {
  if (text !== '' && Buffer.byteLength(text) <= 255) return text;
  throw new ServiceError('parameter-invalid', `"${name}" is a text of 1 to 255 bytes.`);
}

export function instantIn(name: string, text: string): number {
  const isInstant = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)$/.test(text);
  const at = isInstant ? Date.parse(text) : NaN;
  if (Number.isNaN(at) || at < 0) {
    throw new ServiceError('parameter-invalid', `"${name}" is an instant with its zone, like 2026-03-01T09:30:00Z.`);
  }
  return at;
}

/** Where the remarks of a receipt go on. */
export const isRemarkPosition = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;
