/** What the provider sends to have a tenant moved. */
import * as v from 'valibot';
import type { HttpRequest } from '../../shared/edge/http.ts';
import { readCursor } from '../../shared/edge/query.ts';
import { ServiceError } from '../../shared/service-error.ts';
import { beginning, type Continuation } from '../../shared/tenancy/export-tenant.ts';
import { sections } from '../../shared/tenancy/owned-items.ts';
import { readPage } from '../../shared/tenancy/tenant-page.ts';
import type { TenantId } from '../../shared/tenancy/tenant.ts';

/** A page of an export is well below. */
export const mostImportBytes = 4_000_000;

/** What DynamoDB takes for the parts of a key. */
const keyPart = (mostBytes: number) => v.pipe(v.string(), v.minLength(1), v.maxBytes(mostBytes));

const continuation = v.strictObject({
  exportId: v.string(),
  exportedAt: v.pipe(v.number(), v.integer()),
  page: v.pipe(v.number(), v.integer(), v.minValue(2)),
  at: v.strictObject({
    section: v.picklist(sections),
    after: v.exactOptional(v.strictObject({ pk: keyPart(2_048), sk: keyPart(1_024) })),
  }),
});

/** Where an export begins, or goes on. Throws `cursor-invalid`. */
export function readContinuation({ requestId, receivedAt }: HttpRequest, cursor: string | undefined): Continuation {
  if (cursor === undefined) return beginning(requestId, receivedAt);
  return readCursor(cursor, (value): value is Continuation => v.is(continuation, value));
}

/** Throws `body-too-large`, `import-invalid`. */
export function readTenantPage({ body }: HttpRequest, tenant: TenantId) {
  if (body.length <= mostImportBytes) return readPage(tenant, body);
  throw new ServiceError(
    'body-too-large',
    `The page has ${body.length} bytes; ${mostImportBytes} (4 MB) are taken. Send the pages of an export one by one, as they came.`,
  );
}
