/** What the provider is shown. A secret stands in the one answer that makes it; afterwards only its fingerprint does. */
import type { Arrival } from '../../shared/tenancy/arrival.ts';
import type { Credential } from '../../shared/tenancy/credential.ts';
import type { Issued } from '../../shared/tenancy/manage-credentials.ts';
import { fingerprintOf } from '../../shared/tenancy/secret.ts';
import type { Erasure } from '../../shared/tenancy/erasure.ts';
import { limitsWith } from '../../shared/tenancy/limits.ts';
import { stateOf, type Tenant } from '../../shared/tenancy/tenant.ts';

const iso = (at: number) => new Date(at).toISOString();
const isoOrNull = (at: number | undefined) => (at === undefined ? null : iso(at));

export const tenantView = (tenant: Tenant) => ({
  id: tenant.id,
  name: tenant.name,
  createdAt: iso(tenant.createdAt),
  state: stateOf(tenant),
  limits: limitsWith(tenant.limits),
  ...(tenant.erasure && { erasure: erasureView(tenant.erasure) }),
  ...(tenant.arrival && { arrival: arrivalView(tenant.arrival) }),
  ...(tenant.formerly && { formerly: erasureView(tenant.formerly) }),
});

const arrivalView = ({ exportId, exportedAt, beganAt, pages, finishedAt }: Arrival) => ({
  export: { id: exportId, exportedAt: iso(exportedAt) },
  beganAt: iso(beganAt),
  pages,
  finishedAt: isoOrNull(finishedAt),
});

const erasureView = ({ requestedAt, requestedBy, requestId, erasedAt, removed }: Erasure) => ({
  requestedAt: iso(requestedAt),
  requestedBy,
  requestId,
  erasedAt: isoOrNull(erasedAt),
  removed,
});

export const credentialView = ({ createdAt, expiresAt, revokedAt, secrets, ...credential }: Credential) => ({
  id: credential.id,
  name: credential.name,
  role: credential.role,
  kind: credential.kind,
  ...(credential.user !== undefined && { user: credential.user }),
  orderByArrival: credential.orderByArrival,
  ...(credential.role === 'threat-sender' && { restAccess: credential.restAccess !== 'off' }),
  createdAt: iso(createdAt),
  expiresAt: isoOrNull(expiresAt),
  revokedAt: isoOrNull(revokedAt),
  secrets: secrets.map((secret) => ({
    fingerprint: fingerprintOf(secret.digest),
    createdAt: iso(secret.createdAt),
  })),
});

export const issuedView = ({ credential, secret }: Issued) => ({
  ...credentialView(credential),
  [credential.kind === 'basic' ? 'password' : 'token']: secret,
});
