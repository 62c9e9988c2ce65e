import * as v from 'valibot';
import {
  type Api,
  count,
  instant,
  ip,
  listOf,
  pageParameters,
  type Parameter,
  postCounts,
  remark,
  word,
} from '../../shared/api/operation.ts';
import { receiptStatuses } from '../../shared/journal/receipt.ts';

const text = v.nullable(v.string());

const receiptMembers = {
  id: v.pipe(v.string(), v.description('The `receipt` of the answer, and of the entries that were stored.')),
  requestId: v.pipe(v.string(), v.description('The request, as the access log has it.')),
  time: instant,
  kind: word(['post', 'login']),
  status: word(receiptStatuses),
  httpStatus: count,
  code: text,
  message: text,
  credential: v.strictObject({ id: v.string(), name: v.string() }),
  clientAddress: v.string(),
  sources: v.pipe(v.array(v.string()), v.description('What the entries name as their source, the first five.')),
  bytes: count,
  counts: v.nullable(v.strictObject(postCounts)),
  remarks: v.pipe(v.array(remark), v.description('The first ten; of a receipt that is read by itself a page of all.')),
  remarkCounts: v.pipe(v.record(v.string(), count), v.description('How many remarks there are, by their code.')),
  remarksLeftOut: v.pipe(count, v.description('Remarks that are not kept.')),
  notFoundByAddress: v.pipe(count, v.description('Remarks that are here, and not found by `ip` or `user`.')),
  clockSkewMs: v.pipe(v.nullable(v.number()), v.description("How far the sender's clock is ahead of ours.")),
};

const time = (says: string): Parameter => ({ says, schema: instant, example: '2026-03-01T09:30:00Z' });

export const api: Api<'find-receipts'> = {
  'GET /v1/receipts': {
    summary: 'What became of every post, and of refused logins; the newest first',
    description: 'Any of the filters may be combined. A page may be empty and have a `next`: so much was read in vain.',
    query: {
      status: { says: 'Only receipts of this status.', schema: word(receiptStatuses), example: 'refused' },
      sender: { says: "A credential's id or name, or a source that entries name.", schema: v.string() },
      ip: {
        ...ip,
        says: 'Only posts with an entry of this address: not stored as it was sent, or the one that is there.',
      },
      user: { says: 'Only posts with an entry of this user that was not stored as it was sent.', schema: v.string() },
      from: time('Not before this instant.'),
      to: time('Not after this instant.'),
      ...pageParameters,
    },
    answers: { 200: { says: 'A page of receipts.', schema: listOf(v.strictObject(receiptMembers)) } },
    errors: ['address-invalid'],
  },
  'GET /v1/receipts/{id}': {
    summary: 'One receipt, with everything that was not stored as it was sent',
    path: { id: { says: 'The id of a receipt.', schema: v.string() } },
    query: pageParameters,
    answers: {
      200: {
        says: 'The receipt, and a page of its remarks.',
        schema: v.strictObject({ ...receiptMembers, next: text }),
      },
    },
    errors: ['receipt-absent'],
  },
};
