import * as v from 'valibot';
import {
  type Answered,
  type Api,
  count,
  ifMatch,
  instant,
  listOf,
  pageParameters,
  type Parameter,
  word,
} from '../../shared/api/operation.ts';
import { roles } from '../../shared/contract.ts';
import { tenantStates } from '../../shared/tenancy/tenant.ts';
import { alteration, newCredential, newTenant, nothing, revocation, tenantChange } from './bodies.ts';

const erasure = v.strictObject({
  requestedAt: instant,
  requestedBy: v.pipe(v.strictObject({ id: v.string(), name: v.string() }), v.description('The credential.')),
  requestId: v.string(),
  erasedAt: v.pipe(v.nullable(instant), v.description('When nothing was left; null until then.')),
  removed: v.pipe(
    v.strictObject({ logins: count, tenants: count, entries: count, endpoints: count, journal: count }),
    v.description('How many items have been removed so far, by table; logins stand in that of the tenants.'),
  ),
});

const tenant = {
  id: v.string(),
  name: v.string(),
  createdAt: instant,
  limits: v.pipe(
    v.strictObject({ postsPerMinute: count, openQuestions: count, entries: count }),
    v.description('What the tenant may use up: what was set, and the default of what was not.'),
  ),
  state: word(tenantStates),
  erasure: v.exactOptional(erasure),
  arrival: v.pipe(
    v.exactOptional(
      v.strictObject({
        export: v.strictObject({ id: v.string(), exportedAt: instant }),
        beganAt: instant,
        pages: v.pipe(count, v.description('How many are stored.')),
        finishedAt: v.nullable(instant),
      }),
    ),
    v.description('Of a tenant that came by an import.'),
  ),
  formerly: v.pipe(v.exactOptional(erasure), v.description('Of the tenant that had the id before, and was erased.')),
};

const credential = {
  id: v.string(),
  name: v.string(),
  role: word(roles),
  kind: word(['basic', 'token']),
  user: v.pipe(v.exactOptional(v.string()), v.description('Of kind `basic`.')),
  orderByArrival: v.boolean(),
  restAccess: v.pipe(
    v.exactOptional(v.boolean()),
    v.description('Of role `threat-sender`: whether it may call what is under `/api/v1`.'),
  ),
  createdAt: instant,
  expiresAt: v.nullable(instant),
  revokedAt: v.nullable(instant),
  secrets: v.array(v.strictObject({ fingerprint: v.string(), createdAt: instant })),
};

/** The one answer that shows a secret: a password or a token, by the credential's kind. */
const issued = {
  ...credential,
  password: v.exactOptional(v.string()),
  token: v.exactOptional(v.string()),
};

const takesEffect = v.pipe(
  word(['at-once', 'within-60-seconds']),
  v.description('When what has ended is refused everywhere.'),
);

const ofTenant: Parameter = { says: 'The id of a tenant.', schema: v.string(), example: 'acme' };
const ofHolder: Parameter = { says: 'The id of a tenant, or `_provider`.', schema: v.string(), example: 'acme' };
const ofCredential: Parameter = { says: 'The id of a credential.', schema: v.string(), example: 'k3v9x2m7q1wz' };

const shownTenant: Answered = { says: 'The tenant.', schema: v.strictObject(tenant), headers: ['ETag'] };
const shown: Answered = { says: 'The credential.', schema: v.strictObject(credential) };

export const api: Api<'manage-tenants'> = {
  'GET /v1/tenants': {
    summary: 'All tenants',
    query: pageParameters,
    answers: { 200: { says: 'A page of tenants.', schema: listOf(v.strictObject(tenant)) } },
    errors: [],
  },
  'POST /v1/tenants': {
    summary: 'Create a tenant, with a credential for each of its roles',
    query: {},
    body: { says: 'The tenant.', schema: newTenant, needed: 'required', example: { id: 'acme', name: 'Acme Ltd' } },
    answers: {
      201: {
        says: 'The tenant and its credentials. Their secrets are shown here and never again.',
        schema: v.strictObject({ ...tenant, credentials: v.array(v.strictObject(issued)) }),
        headers: ['Location'],
      },
    },
    errors: ['body-invalid', 'tenant-exists', 'tenant-erasing'],
  },
  'GET /v1/tenants/{tenant}': {
    summary: 'One tenant',
    path: { tenant: ofTenant },
    query: {},
    answers: { 200: shownTenant },
    errors: ['parameter-invalid', 'tenant-absent'],
  },
  'PATCH /v1/tenants/{tenant}': {
    summary: 'Change what a tenant is called, or what it may use up',
    description: 'What is left out stays; a limit that is `null` is its default again. Limits hold within 60 seconds.',
    path: { tenant: ofTenant },
    query: {},
    headers: { 'If-Match': { ...ifMatch, example: '"5f1c0a9e4d1b4c0e"' } },
    body: {
      says: 'What changes.',
      schema: tenantChange,
      needed: 'required',
      example: { limits: { postsPerMinute: 12_000, entries: null } },
    },
    answers: { 200: shownTenant },
    errors: ['body-invalid', 'parameter-invalid', 'tenant-absent', 'tenant-erasing', 'tenant-importing'],
  },
  'DELETE /v1/tenants/{tenant}': {
    summary: 'Erase a tenant: its credentials end at once, everything that it owns within minutes',
    path: { tenant: ofTenant },
    query: {
      confirm: {
        says: 'The id of the tenant once more, as nothing of it can be had back.',
        schema: v.string(),
        example: 'acme',
        needed: 'required',
      },
    },
    answers: {
      202: {
        says: 'The tenant, that is being erased or was before. Its record stays, without anything that it owned.',
        schema: v.strictObject({ ...tenant, takesEffect }),
      },
    },
    errors: ['tenant-absent'],
  },
  'GET /v1/tenants/{tenant}/credentials': {
    summary: 'The credentials of a tenant, revoked ones too',
    path: { tenant: ofHolder },
    query: pageParameters,
    answers: { 200: { says: 'A page of credentials.', schema: listOf(v.strictObject(credential)) } },
    errors: ['tenant-absent'],
  },
  'POST /v1/tenants/{tenant}/credentials': {
    summary: 'Issue a credential',
    path: { tenant: ofHolder },
    query: {},
    body: {
      says: 'What it is for.',
      schema: newCredential,
      needed: 'required',
      example: { role: 'web-api', name: 'cppm' },
    },
    answers: {
      201: {
        says: 'The credential. Its secret is shown here and never again.',
        schema: v.strictObject(issued),
      },
    },
    errors: ['body-invalid', 'parameter-invalid', 'tenant-absent', 'tenant-erasing', 'tenant-importing'],
  },
  'PATCH /v1/tenants/{tenant}/credentials/{credential}': {
    summary: 'Change what a credential is called, how its posts are ordered, or whether it may call the REST APIs',
    path: { tenant: ofHolder, credential: ofCredential },
    query: {},
    body: { says: 'What changes.', schema: alteration, needed: 'required', example: { orderByArrival: true } },
    answers: { 200: shown },
    errors: ['body-invalid', 'parameter-invalid', 'credential-absent', 'credential-revoked'],
  },
  'POST /v1/tenants/{tenant}/credentials/{credential}/rotate': {
    summary: 'Give a credential a second secret; of two, the older one ends',
    path: { tenant: ofHolder, credential: ofCredential },
    query: {},
    body: { says: 'Nothing needs to be sent.', schema: nothing, needed: 'optional' },
    answers: {
      200: {
        says: 'The credential. Its new secret is shown here and never again.',
        schema: v.strictObject({ ...issued, takesEffect }),
      },
    },
    errors: ['body-invalid', 'parameter-invalid', 'credential-absent', 'credential-revoked'],
  },
  'POST /v1/tenants/{tenant}/credentials/{credential}/revoke': {
    summary: 'End a credential, or one of its secrets',
    path: { tenant: ofHolder, credential: ofCredential },
    query: {},
    body: {
      says: 'The fingerprint of the one secret that is meant; nothing for the whole credential.',
      schema: revocation,
      needed: 'optional',
      example: { secret: '0a1b2c3d' },
    },
    answers: { 200: { says: 'The credential.', schema: v.strictObject({ ...credential, takesEffect }) } },
    errors: ['body-invalid', 'parameter-invalid', 'credential-absent', 'secret-absent', 'credential-revoked'],
  },
};
