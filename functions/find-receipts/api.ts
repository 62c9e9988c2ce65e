import * as v from 'valibot';
import { type Api, count, instant, listOf, pageParameters, remark, word } from '../../shared/api/operation.ts';
import { receiptStatuses } from '../../shared/journal/receipt.ts';

const text = v.nullable(v.string());

const receipt = v.strictObject({
  id: v.pipe(v.string(), v.description('The `requestId` of the request, and the `receipt` of its answer.')),
  time: instant,
  kind: word(['post', 'login']),
  status: word(receiptStatuses),
  httpStatus: count,
  code: text,
  message: text,
  credential: v.strictObject({ id: v.string(), name: v.string() }),
  clientAddress: v.string(),
  bytes: count,
  counts: v.nullable(
    v.strictObject({ entries: count, stored: count, replayed: count, stale: count, changed: count, refused: count }),
  ),
  remarks: v.array(remark),
  clockSkewMs: v.nullable(v.number()),
});

export const api: Api<'find-receipts'> = {
  'GET /v1/receipts': {
    summary: 'What became of every post, and of refused logins; the newest first',
    query: {
      status: { says: 'Only receipts of this status.', schema: word(receiptStatuses), example: 'refused' },
      ...pageParameters,
    },
    answers: { 200: { says: 'A page of receipts.', schema: listOf(receipt) } },
    errors: [],
  },
};
