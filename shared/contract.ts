/** The names that infrastructure and code share. Constants only: nothing here may import or compute. */

/** Environment variables of the functions; infra sets just those that a function's own `dependencies.ts` reads. */
export const variables = {
  entriesTable: 'ENTRIES_TABLE',
  endpointsTable: 'ENDPOINTS_TABLE',
  tenantsTable: 'TENANTS_TABLE',
  journalTable: 'JOURNAL_TABLE',
  secretsKey: 'SECRETS_KEY_ID',
  restApi: 'REST_API_ID',
  /** The URLs of the query cells' queues in the order of the cells, with a space between. */
  queryCells: 'QUERY_CELLS',
  /** Addresses and prefixes that may be connected to beside the public ones, with commas between; mostly not set. */
  outboundAllow: 'OUTBOUND_ALLOW',
  /** The URL of the queue that names endpoints whose switches have to be told something. */
  changesQueue: 'CHANGES_QUEUE',
  /** The URL of the queue that names hosts on which a connector has to act. */
  connectorsQueue: 'CONNECTORS_QUEUE',
  /** The URL of the queue of threat logs that go out. */
  logsQueue: 'LOGS_QUEUE',
  /** The URL of the queue of what a worker gives up. */
  deadLetters: 'DEAD_LETTERS',
  /** The name of the bus on which events go out. */
  eventBus: 'EVENT_BUS',
  /** What the front door shows with every request, so that the authorizer knows it; not set where there is none. */
  originSecret: 'ORIGIN_SECRET',
  /** What it showed before the secret was rotated, and may still show. */
  formerOriginSecret: 'FORMER_ORIGIN_SECRET',
} as const;

/** What the front door writes on every request, whatever its caller wrote there. */
export const frontDoorHeaders = {
  /** The address that the caller has. */
  client: 'x-postern-client',
  /** The secret by which the front door is known. */
  origin: 'x-postern-origin',
} as const;

/** The most connections that one server of a tenant's ever sees. The vendor fixed it, so it is nobody's to configure. */
export const queryConcurrency = 20;

/** Every table is keyed alike. The tenant starts each partition key. */
export const keys = { partition: 'pk', sort: 'sk', timeToLive: 'deleteAt' } as const;

/** The API's only stage. Callers never see it: they call the root of the host. */
export const stageName = 'live';

/** What a credential may be for. */
export const roles = [
  'web-api',
  'enforcement-point',
  'threat-sender',
  'radius',
  'log-sender',
  'operator',
  'auditor',
  'provider',
] as const;
export type Role = (typeof roles)[number];

export interface Route {
  /** The folder under `functions/` that answers. */
  readonly function: string;
  readonly roles: readonly Role[];
}

const everyRole: readonly Role[] = roles;
const readers: readonly Role[] = ['operator', 'auditor'];

/** Every route, who answers it and who may call it. Infra builds the API from this table, the edge enforces its roles. */
export const routes = {
  'POST /api/userfw/v1/post-entry': { function: 'post-entries', roles: ['web-api'] },
  'GET /v1/entries': { function: 'find-entries', roles: ['enforcement-point', ...readers] },
  'GET /v1/entries/counters': { function: 'find-entries', roles: ['enforcement-point', ...readers] },
  'GET /v1/entries/{ip}': { function: 'find-entries', roles: ['enforcement-point', ...readers] },
  'GET /v1/forwarding-table': { function: 'pull-forwarding-table', roles: ['enforcement-point', ...readers] },
  'PUT /v1/entries/{ip}': { function: 'put-entry', roles: ['operator'] },
  'GET /v1/entries/{ip}/why': { function: 'explain-entries', roles: readers },
  'GET /v1/users/{user}/why': { function: 'explain-entries', roles: readers },
  'DELETE /v1/entries': { function: 'delete-entries', roles: ['operator'] },
  'DELETE /v1/entries/{ip}': { function: 'delete-entries', roles: ['operator'] },
  'POST /v1/decisions': { function: 'decide', roles: ['enforcement-point', 'operator'] },
  'GET /v1/sessions': { function: 'find-sessions', roles: ['enforcement-point', ...readers] },
  'POST /v1/sessions/{id}/close': { function: 'close-session', roles: ['enforcement-point', 'operator'] },
  'POST /v1/queries': { function: 'query-users', roles: ['operator'] },
  'GET /v1/queries/status': { function: 'query-users', roles: readers },
  'GET /v1/receipts': { function: 'find-receipts', roles: readers },
  'GET /v1/receipts/{id}': { function: 'find-receipts', roles: readers },
  'GET /v1/events': { function: 'find-events', roles: readers },
  'GET /v1/user-access': { function: 'find-events', roles: readers },
  'GET /v1/infected-hosts': { function: 'find-events', roles: readers },
  'GET /v1/feeds/infected-hosts.txt': { function: 'serve-feed', roles: ['enforcement-point', ...readers] },
  'GET /v1/feeds': { function: 'manage-hosts', roles: readers },
  'GET /v1/operations': { function: 'manage-hosts', roles: readers },
  'POST /v1/infected-hosts': { function: 'manage-hosts', roles: ['threat-sender', 'operator'] },
  'PUT /v1/infected-hosts/{ip}': { function: 'manage-hosts', roles: ['operator'] },
  'GET /v1/debug-log': { function: 'find-events', roles: readers },
  'PUT /v1/debug-log': { function: 'find-events', roles: ['operator'] },
  'GET /v1/configuration': { function: 'configure', roles: readers },
  'PUT /v1/configuration': { function: 'configure', roles: ['operator'] },
  'GET /v1/configuration/versions': { function: 'configure', roles: readers },
  'GET /v1/configuration/versions/{version}': { function: 'configure', roles: readers },
  'GET /v1/configuration/versions/{version}/diff': { function: 'configure', roles: readers },
  'POST /v1/configuration/versions/{version}/restore': { function: 'configure', roles: ['operator'] },
  'POST /api/v1/admission-control/events': { function: 'receive-threat-action', roles: ['threat-sender'] },
  'POST /api/v1/admission-control/syslog': { function: 'receive-threat-action', roles: ['threat-sender'] },
  'POST /v1/threat-logs': { function: 'receive-threat-logs', roles: ['log-sender'] },
  'GET /v1/threat-logs/status': { function: 'receive-threat-logs', roles: readers },
  'GET /v1/endpoints': { function: 'manage-endpoints', roles: readers },
  'GET /v1/endpoints/{mac}': { function: 'manage-endpoints', roles: readers },
  'PUT /v1/endpoints/{mac}': { function: 'manage-endpoints', roles: ['operator'] },
  'POST /v1/endpoints': { function: 'manage-endpoints', roles: ['operator'] },
  'POST /v1/endpoints/{mac}/block': { function: 'manage-endpoints', roles: ['operator'] },
  'POST /v1/endpoints/{mac}/quarantine': { function: 'manage-endpoints', roles: ['operator'] },
  'POST /v1/endpoints/{mac}/clear': { function: 'manage-endpoints', roles: ['operator'] },
  'POST /v1/endpoints/{mac}/terminate': { function: 'manage-endpoints', roles: ['operator'] },
  'PUT /v1/endpoints/{mac}/investigation': { function: 'manage-endpoints', roles: ['operator'] },
  'GET /v1/approvals': { function: 'manage-endpoints', roles: readers },
  'POST /v1/approvals': { function: 'manage-endpoints', roles: ['operator'] },
  'POST /v1/approvals/{id}/approve': { function: 'manage-endpoints', roles: ['operator'] },
  'POST /v1/approvals/{id}/reject': { function: 'manage-endpoints', roles: ['operator'] },
  'POST /v1/events/{id}/undo': { function: 'manage-endpoints', roles: ['operator'] },
  'GET /v1/endpoints/{mac}/why': { function: 'manage-endpoints', roles: readers },
  'GET /v1/radius/changes': { function: 'hand-over-changes', roles: ['radius'] },
  'POST /v1/radius/changes/{id}/result': { function: 'hand-over-changes', roles: ['radius'] },
  'GET /api/v1/auth': { function: 'log-in', roles: ['threat-sender'] },
  'POST /api/v1/realm_auth': { function: 'log-in', roles: ['threat-sender'] },
  'POST /v1/radius/authorize': { function: 'serve-radius', roles: ['radius'] },
  'POST /v1/radius/post-auth': { function: 'serve-radius', roles: ['radius'] },
  'POST /v1/radius/accounting': { function: 'serve-radius', roles: ['radius'] },
  'GET /v1/authentication-servers': { function: 'set-up', roles: readers },
  'PUT /v1/authentication-servers': { function: 'set-up', roles: ['operator'] },
  'GET /v1/realms': { function: 'set-up', roles: readers },
  'PUT /v1/realms': { function: 'set-up', roles: ['operator'] },
  'GET /v1/roles': { function: 'set-up', roles: readers },
  'PUT /v1/roles': { function: 'set-up', roles: ['operator'] },
  'GET /v1/templates': { function: 'set-up', roles: readers },
  'PUT /v1/templates': { function: 'set-up', roles: ['operator'] },
  'POST /v1/templates/try': { function: 'set-up', roles: readers },
  'GET /v1/clients': { function: 'set-up', roles: readers },
  'PUT /v1/clients': { function: 'set-up', roles: ['operator'] },
  'GET /v1/admission-policies': { function: 'set-up', roles: readers },
  'PUT /v1/admission-policies': { function: 'set-up', roles: ['operator'] },
  'GET /v1/radius-clients': { function: 'set-up', roles: readers },
  'PUT /v1/radius-clients': { function: 'set-up', roles: ['operator'] },
  'GET /v1/return-attributes': { function: 'set-up', roles: readers },
  'PUT /v1/return-attributes': { function: 'set-up', roles: ['operator'] },
  'GET /v1/connectors': { function: 'manage-connectors', roles: readers },
  'PUT /v1/connectors': { function: 'manage-connectors', roles: ['operator'] },
  'POST /v1/connectors/test': { function: 'manage-connectors', roles: ['operator'] },
  'GET /api/v2/connector': { function: 'manage-connectors', roles: ['threat-sender', ...readers] },
  'PUT /api/v2/connector/env': { function: 'manage-connectors', roles: ['threat-sender', 'operator'] },
  'GET /api/v2/connector/instances': { function: 'manage-connectors', roles: ['threat-sender', ...readers] },
  'POST /api/v2/connector/instances': { function: 'manage-connectors', roles: ['operator'] },
  'GET /api/v2/connector/instances/{id}': { function: 'manage-connectors', roles: ['threat-sender', ...readers] },
  'GET /api/v1/system/active-users': { function: 'find-active-users', roles: ['threat-sender', ...readers] },
  'GET /v1/tenants': { function: 'manage-tenants', roles: ['provider'] },
  'POST /v1/tenants': { function: 'manage-tenants', roles: ['provider'] },
  'GET /v1/tenants/{tenant}': { function: 'manage-tenants', roles: ['provider'] },
  'PATCH /v1/tenants/{tenant}': { function: 'manage-tenants', roles: ['provider'] },
  'DELETE /v1/tenants/{tenant}': { function: 'manage-tenants', roles: ['provider'] },
  'GET /v1/tenants/{tenant}/export': { function: 'move-tenants', roles: ['provider'] },
  'POST /v1/tenants/{tenant}/import': { function: 'move-tenants', roles: ['provider'] },
  'GET /v1/tenants/{tenant}/credentials': { function: 'manage-tenants', roles: ['provider'] },
  'POST /v1/tenants/{tenant}/credentials': { function: 'manage-tenants', roles: ['provider'] },
  'PATCH /v1/tenants/{tenant}/credentials/{credential}': { function: 'manage-tenants', roles: ['provider'] },
  'POST /v1/tenants/{tenant}/credentials/{credential}/rotate': { function: 'manage-tenants', roles: ['provider'] },
  'POST /v1/tenants/{tenant}/credentials/{credential}/revoke': { function: 'manage-tenants', roles: ['provider'] },
  'GET /v1/health': { function: 'tell-health', roles: everyRole },
  'GET /openapi.json': { function: 'describe-api', roles: everyRole },
} as const satisfies Record<string, Route>;
export type RouteKey = keyof typeof routes;

/** The function that API Gateway asks who is calling. */
export const authorizerFunction = 'authorize';

/** What the authorizer tells the functions, all of it text: API Gateway hands nothing else on. */
export interface Caller {
  readonly tenant: string;
  readonly role: string;
  readonly credentialId: string;
  readonly credentialName: string;
  /** `true` where the sender's clock is not to be trusted and its posts are ordered by arrival. */
  readonly orderByArrival: string;
  /** `off` where the credential may not call what is under `/api/v1`; else it is not there. */
  readonly restAccess?: string;
  /** The header that has the caller's address, where the front door wrote it; else it is not there. */
  readonly clientAddressIn?: string;
}

/** How long API Gateway may keep the authorizer's answer: a revoked credential is refused after this at the latest. */
export const authorizerCacheSeconds = 60;

/** What KMS binds kept answers to: who may open them opens no secret of a tenant's own systems, nor the reverse. */
export const answerPurpose = 'idempotency';

/** The pseudo tenant of provider credentials. No tenant can be called so: an underscore is not allowed in a tenant's id. */
export const providerTenant = '_provider';
