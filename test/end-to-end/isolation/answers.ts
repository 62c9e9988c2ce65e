/** What a tenant is told of its own: it must be the same after everybody else has tried what they can. */
import type { Operation, Walk } from './walk.ts';
import { recipes } from './recipes.ts';
import type { Tenant } from './tenants.ts';

/**
 * What time alone changes: ids of requests, the time and the hour, how long ago something was or how soon it will be, and the place in the
 * forwarding table from which it goes on. A whole table names who went within the last moments, whose changes may still be under way.
 */
const passing: readonly (readonly [RegExp, string])[] = [
  [/"requestId":"[^"]*"/g, '"requestId":"…"'],
  [/"(time|cursor)":"[^"]*"/g, '"$1":"…"'],
  [/"removed":\[[^\]]*\]/g, '"removed":"…"'],
  [/"silentForSeconds":\d+/g, '"silentForSeconds":"…"'],
  [/"silent":(true|false)/g, '"silent":"…"'],
  [/"since":"[\d-]+T\d\d:00:00\.000Z"/g, '"since":"…"'],
  [/\b\d+ (seconds?|minutes?|hours?) ago\b/g, '… ago'],
  [/\bin \d+ (seconds?|minutes?|hours?)\b/g, 'in …'],
];

/** Its operator's answers to every read, in words that do not tell the time. */
export async function answersTo(walk: Walk, tenant: Tenant): Promise<ReadonlyMap<string, string>> {
  const told = new Map<string, string>();
  for (const operation of walk.operations.filter(isRead)) {
    const attempts =
      recipes[operation.route]?.(tenant.holds, { tenant: tenant.id, read: () => '' }, operation.route) ?? [];
    for (const { path = {}, query = {}, tried } of attempts) {
      const filled = operation.route
        .replace('GET ', '')
        .replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(path[name] ?? 'x'));
      const asked = new URLSearchParams(query).toString();
      const heard = await walk.send({
        method: 'GET',
        path: filled + (asked && `?${asked}`),
        headers: { Authorization: tenant.authorizations.operator },
      });
      const text = passing.reduce((left, [pattern, instead]) => left.replaceAll(pattern, instead), heard.body);
      told.set(`${operation.route} ${tried}`, `${heard.status} ${text}`);
    }
  }
  return told;
}

const isRead = ({ route, roles }: Operation) => route.startsWith('GET ') && roles.includes('operator');
