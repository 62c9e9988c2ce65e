import * as v from 'valibot';
import { type Api, count, type Parameter, word } from '../../shared/api/operation.ts';
import { tenantStates } from '../../shared/tenancy/tenant.ts';

const ofTenant: Parameter = { says: 'The id of a tenant.', schema: v.string(), example: 'acme' };

export const api: Api<'move-tenants'> = {
  'GET /v1/tenants/{tenant}/export': {
    summary: 'All that a tenant owns, page by page',
    description:
      'NDJSON: a line for the page, one for each item, and one that ends it. `Link` says where it goes on; the last page has none, and says `"follows":"nothing"`. Credentials are in it as digests, secrets as they are encrypted. A tenant is not held still meanwhile.',
    path: { tenant: ofTenant },
    query: { cursor: { says: 'Where the export goes on: from `Link` of the page before.', schema: v.string() } },
    answers: { 200: { says: 'A page.', type: ['application/x-ndjson'], headers: ['Content-Disposition', 'Link'] } },
    errors: ['tenant-absent', 'tenant-erasing', 'tenant-importing'],
  },
  'POST /v1/tenants/{tenant}/import': {
    summary: 'Make a tenant of the pages of an export, one after another',
    description:
      'Begins where nobody is, and only ever adds. A page is stored whole or, where a line of it is wrong, not at all; sent again it changes nothing. With the last page the tenant lives.',
    path: { tenant: ofTenant },
    query: {},
    body: {
      says: 'One page of an export, at most 4 MB.',
      type: 'application/x-ndjson',
      needed: 'required',
      example: '',
    },
    answers: {
      200: {
        says: 'What became of the page.',
        schema: v.strictObject({
          tenant: v.string(),
          state: word(tenantStates),
          page: count,
          items: count,
          added: count,
          same: v.pipe(count, v.description('Were there before, and say the same.')),
          kept: v.pipe(count, v.description('Are there and say otherwise: they were left as they are.')),
          keptLines: v.pipe(v.array(count), v.description('The lines of these in the page, the first hundred.')),
          secrets: v.pipe(
            word(['openable', 'of-another-key']),
            v.description(
              'Whether the key that the secrets were encrypted with is ours. If not, they are to be given anew.',
            ),
          ),
        }),
      },
    },
    errors: ['import-invalid', 'tenant-exists', 'tenant-erasing', 'import-page-missing', 'parameter-invalid'],
  },
};
