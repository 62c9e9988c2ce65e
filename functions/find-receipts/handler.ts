/** GET /v1/receipts: what became of every post, and of logins that were refused; the newest first. */
import { http, type HttpRequest, json } from '../../shared/edge/http.ts';
import { cursorOf, readPage, readQuery } from '../../shared/edge/query.ts';
import { findReceipt, findReceipts, type FindReceipts } from '../../shared/journal/find-receipts.ts';
import { isReceiptPosition } from '../../shared/journal/receipt.ts';
import { isRemarkPosition, receiptView, searchFrom } from '../../shared/journal/receipt-view.ts';
import { dependencies } from './dependencies.ts';

const filters = ['status', 'sender', 'ip', 'user', 'from', 'to'] as const;

export const doors = {
  'GET /v1/receipts': async (deps: FindReceipts, request: HttpRequest) => {
    const { limit, cursor, ...asked } = readQuery(request, [...filters, 'limit', 'cursor']);
    const search = { ...searchFrom(asked), ...readPage({ limit, cursor }, isReceiptPosition) };
    const { receipts, next } = await findReceipts(deps, request.tenant, search);
    return json(200, { items: receipts.map(receiptView), next: next === undefined ? null : cursorOf(next) });
  },

  'GET /v1/receipts/{id}': async (deps: FindReceipts, request: HttpRequest) => {
    const page = readPage(readQuery(request, ['limit', 'cursor']), isRemarkPosition);
    const { receipt, remarks, next } = await findReceipt(deps, request.tenant, request.parameters.id ?? '', page);
    return json(200, { ...receiptView(receipt), remarks, next: next === undefined ? null : cursorOf(next) });
  },
};

export const handler = http(dependencies, doors);
