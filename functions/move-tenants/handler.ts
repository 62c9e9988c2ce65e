/** /v1/tenants/{tenant}/export and /import: all that a tenant owns, page by page. */
import { type Answer, http, type HttpRequest, json } from '../../shared/edge/http.ts';
import { cursorOf, readQuery } from '../../shared/edge/query.ts';
import { findLive } from '../../shared/tenancy/create-tenant.ts';
import { exportPage } from '../../shared/tenancy/export-tenant.ts';
import { importPage } from '../../shared/tenancy/import-tenant.ts';
import { tenantId } from '../../shared/tenancy/tenant.ts';
import { writtenPage } from '../../shared/tenancy/tenant-page.ts';
import { importedView } from './answers.ts';
import { dependencies, type MoveTenants } from './dependencies.ts';
import { readContinuation, readTenantPage } from './reading.ts';

/** So much of the time is left for writing the answer. */
const answerMs = 5_000;

export const doors = {
  'GET /v1/tenants/{tenant}/export': async (deps: MoveTenants, request: HttpRequest): Promise<Answer> => {
    const from = readContinuation(request, readQuery(request, ['cursor']).cursor);
    const tenant = await findLive(deps, named(request));
    const { items, next } = await exportPage(deps, tenant, from, request.deadlineAt - answerMs);
    const follows = next === undefined ? 'nothing' : 'another';
    const goesOn = `</v1/tenants/${tenant.id}/export?cursor=${cursorOf(next ?? null)}>; rel="next"`;
    return {
      status: 200,
      headers: {
        'Content-Type': 'application/x-ndjson',
        'Content-Disposition': `attachment; filename="${tenant.id}-${from.page}.ndjson"`,
        ...(next && { Link: goesOn }),
      },
      body: writtenPage({ ...from, tenant, secretsKey: deps.secretsKey }, items, follows),
    };
  },

  'POST /v1/tenants/{tenant}/import': async (deps: MoveTenants, request: HttpRequest) => {
    readQuery(request, []);
    const page = readTenantPage(request, named(request));
    const imported = await importPage(deps, page, request.deadlineAt - answerMs);
    return json(200, importedView(imported, page, deps.secretsKey));
  },
};

const named = ({ parameters }: HttpRequest) => tenantId(parameters.tenant ?? '');

export const handler = http(dependencies, doors);
