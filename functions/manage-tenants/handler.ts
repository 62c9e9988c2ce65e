/** /v1/tenants: the provider's tenants, and whose credentials open what. */
import { etagOf, readIfMatch } from '../../shared/edge/etag.ts';
import { cursorOf, readPage, readQuery } from '../../shared/edge/query.ts';
import { http, type HttpRequest, json } from '../../shared/edge/http.ts';
import { onceByKey } from '../../shared/edge/once.ts';
import { changeTenant, versionOf } from '../../shared/tenancy/change-tenant.ts';
import {
  createTenant,
  type CreateTenant,
  findHolder,
  findLiveHolder,
  findTenant,
} from '../../shared/tenancy/create-tenant.ts';
import { eraseTenant } from '../../shared/tenancy/erase-tenant.ts';
import { changedLimits } from '../../shared/tenancy/limits.ts';
import {
  alterCredential,
  issueCredential,
  type Listed,
  type ManageCredentials,
  revokeCredential,
  rotateCredential,
} from '../../shared/tenancy/manage-credentials.ts';
import { holderId, type Tenant, tenantId } from '../../shared/tenancy/tenant.ts';
import { credentialView, issuedView, tenantView } from './answers.ts';
import {
  readAlteration,
  readNewCredential,
  readNewTenant,
  readRevocation,
  readRotation,
  readTenantChange,
} from './bodies.ts';
import { dependencies } from './dependencies.ts';

export type ManageTenants = CreateTenant & ManageCredentials;

export const doors = {
  'GET /v1/tenants': async ({ tenants }: ManageTenants, request: HttpRequest) =>
    page(await tenants.list(pageOf(request)), tenantView),

  'POST /v1/tenants': async (deps: ManageTenants, request: HttpRequest) => {
    readQuery(request, []);
    const { id, name = id, limits: wanted } = readNewTenant(request);
    const limits = changedLimits({}, wanted);
    const { tenant, credentials } = await createTenant(deps, id, { name, ...(limits && { limits }) });
    return json(
      201,
      { ...tenantView(tenant), credentials: credentials.map(issuedView) },
      { Location: `/v1/tenants/${id}` },
    );
  },

  'GET /v1/tenants/{tenant}': async (deps: ManageTenants, request: HttpRequest) => {
    readQuery(request, []);
    return tenantAnswer(await findTenant(deps, tenantId(request.parameters.tenant ?? '')));
  },

  'PATCH /v1/tenants/{tenant}': async (deps: ManageTenants, request: HttpRequest) => {
    readQuery(request, []);
    const id = tenantId(request.parameters.tenant ?? '');
    return tenantAnswer(await changeTenant(deps, id, readTenantChange(request), readIfMatch(request)));
  },

  'DELETE /v1/tenants/{tenant}': async (deps: ManageTenants, request: HttpRequest) => {
    const { confirm } = readQuery(request, ['confirm']);
    const { credentialId, credentialName, requestId } = request;
    const { tenant, takesEffect } = await eraseTenant(deps, {
      id: tenantId(request.parameters.tenant ?? ''),
      confirmed: confirm,
      requestedBy: { id: credentialId, name: credentialName },
      requestId,
    });
    return json(202, { ...tenantView(tenant), takesEffect });
  },

  'GET /v1/tenants/{tenant}/credentials': async (deps: ManageTenants, request: HttpRequest) => {
    const wanted = pageOf(request);
    const holder = await findHolder(deps, placeOf(request).holder);
    return page(await deps.credentials.list(holder, wanted), credentialView);
  },

  'POST /v1/tenants/{tenant}/credentials': async (deps: ManageTenants, request: HttpRequest) => {
    readQuery(request, []);
    const wish = readNewCredential(request);
    const holder = await findLiveHolder(deps, placeOf(request).holder);
    return json(201, issuedView(await issueCredential(deps, holder, wish)));
  },

  'PATCH /v1/tenants/{tenant}/credentials/{credential}': async (deps: ManageTenants, request: HttpRequest) => {
    readQuery(request, []);
    const { holder, credential } = placeOf(request);
    return json(200, credentialView(await alterCredential(deps, holder, credential, readAlteration(request))));
  },

  'POST /v1/tenants/{tenant}/credentials/{credential}/rotate': async (deps: ManageTenants, request: HttpRequest) => {
    readQuery(request, []);
    readRotation(request);
    const { holder, credential } = placeOf(request);
    const { takesEffect, ...issued } = await rotateCredential(deps, holder, credential);
    return json(200, { ...issuedView(issued), takesEffect });
  },

  'POST /v1/tenants/{tenant}/credentials/{credential}/revoke': async (deps: ManageTenants, request: HttpRequest) => {
    readQuery(request, []);
    const { secret } = readRevocation(request);
    const { holder, credential } = placeOf(request);
    const revoked = await revokeCredential(deps, holder, credential, secret);
    return json(200, { ...credentialView(revoked.credential), takesEffect: revoked.takesEffect });
  },
};

const tenantAnswer = (tenant: Tenant) => json(200, tenantView(tenant), etagOf(versionOf(tenant)));

const placeOf = ({ parameters: { tenant = '', credential = '' } }: HttpRequest) => ({
  holder: holderId(tenant),
  credential,
});

const isPosition = (value: unknown): value is string => typeof value === 'string' && /^[a-z0-9-]{1,64}$/.test(value);

const pageOf = (request: HttpRequest) => readPage(readQuery(request, ['limit', 'cursor']), isPosition);

const page = <Item>({ items, next }: Listed<Item>, view: (item: Item) => unknown) =>
  json(200, { items: items.map(view), next: next === undefined ? null : cursorOf(next) });

export const handler = http(dependencies, doors, onceByKey);
