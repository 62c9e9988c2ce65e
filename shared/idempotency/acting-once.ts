/** Which routes know an `Idempotency-Key`. */
import { type RouteKey, routes } from '../contract.ts';

/** What acts, and changes nothing when it is repeated: it needs no key, and looks at none. */
const repeatable: readonly RouteKey[] = [
  'POST /api/userfw/v1/post-entry',
  'POST /v1/decisions',
  'PUT /v1/debug-log',
  'POST /api/v1/realm_auth',
  'POST /v1/templates/try',
  'POST /api/v1/admission-control/events',
  'POST /api/v1/admission-control/syslog',
  'POST /v1/sessions/{id}/close',
  'POST /v1/tenants/{tenant}/import',
  'PUT /api/v2/connector/env',
  'POST /api/v2/connector/instances',
  'POST /v1/radius/authorize',
  'POST /v1/radius/post-auth',
  'POST /v1/radius/accounting',
  'POST /v1/radius/changes/{id}/result',
];

/** Those that act once, however often they are repeated with one key. */
export const actingOnce: readonly RouteKey[] = (Object.keys(routes) as RouteKey[]).filter(
  (route) => !route.startsWith('GET ') && !repeatable.includes(route),
);
