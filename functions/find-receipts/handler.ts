/** GET /v1/receipts: what became of every post, and of logins that were refused; the newest first. */
import { http, type HttpRequest, json } from '../../shared/edge/http.ts';
import { cursorOf, readPage, readQuery } from '../../shared/edge/query.ts';
import { findReceipts, type FindReceipts } from '../../shared/journal/find-receipts.ts';
import { isReceiptPosition, receiptStatus, receiptView } from '../../shared/journal/receipt-view.ts';
import { dependencies } from './dependencies.ts';

export const doors = {
  'GET /v1/receipts': async (deps: FindReceipts, request: HttpRequest) => {
    const { status, limit, cursor } = readQuery(request, ['status', 'limit', 'cursor']);
    const page = { ...receiptStatus(status), ...readPage({ limit, cursor }, isReceiptPosition) };
    const { receipts, next } = await findReceipts(deps, request.tenant, page);
    return json(200, { items: receipts.map(receiptView), next: next === undefined ? null : cursorOf(next) });
  },
};

export const handler = http(dependencies, doors);
