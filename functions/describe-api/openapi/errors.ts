/** Which errors an operation can answer with: those that it names, and those that follow from what it takes. */
import { type Role, roles, type RouteKey, routes } from '../../../shared/contract.ts';
import type { Operation } from '../../../shared/api/operation.ts';
import { actingOnce } from '../../../shared/idempotency/acting-once.ts';
import { type ErrorCode, pulseStatuses, statuses } from '../../../shared/service-error.ts';

/** What API Gateway, or the firewall before it, answers before a function is reached. */
export const gatewayStatuses = { unauthorized: 401, 'access-denied': 403, 'firewall-stopped': 503 } as const;

/** Of no route: a path or method that is not there, and what API Gateway or the firewall before it refuses by itself. */
export const beyondRoutes = ['route-unknown', 'method-not-allowed', 'request-refused', 'firewall-stopped'] as const;

export type Code = ErrorCode | keyof typeof gatewayStatuses;

export const statusOf = (code: Code): number =>
  code in gatewayStatuses ? gatewayStatuses[code as keyof typeof gatewayStatuses] : statuses[code as ErrorCode];

/** Doors of Pulse Policy Secure: what they refuse is answered in the vendor's envelope, and with its statuses. */
export const isEnveloped = (route: RouteKey): boolean => / \/api\/v[12]\//.test(route);

/** Under `/api/v1` and `/api/v2`; what API Gateway answers is the same everywhere. */
export const envelopedStatusOf = (code: Code): number => pulseStatuses[code as ErrorCode] ?? statusOf(code);

/** In the order of their statuses, each once. */
export function errorsOf(route: RouteKey, operation: Operation): readonly Code[] {
  const { path, query, headers, body, errors } = operation;
  const permitted: readonly Role[] = routes[route].roles;
  const following: readonly (readonly [applies: boolean, codes: readonly Code[]])[] = [
    [true, ['unauthorized', 'access-denied', 'firewall-stopped', 'internal-error', 'busy']],
    [permitted.length < roles.length, ['role-refused']],
    [path !== undefined, ['path-invalid']],
    [query !== undefined, ['parameter-unknown']],
    [Object.keys(query ?? {}).length > 0, ['parameter-invalid']],
    [query?.cursor !== undefined, ['cursor-invalid']],
    [headers?.['If-Match'] !== undefined, ['version-changed']],
    [actingOnce.includes(route), ['idempotency-key-invalid', 'idempotency-key-reused', 'request-in-progress']],
    [body !== undefined, ['body-too-large']],
    [body?.schema !== undefined, ['json-invalid']],
  ];
  const all = new Set([...following.flatMap(([applies, codes]) => (applies ? codes : [])), ...errors]);
  return [...all].sort((one, other) => statusOf(one) - statusOf(other) || (one < other ? -1 : 1));
}
