/** The doors of a tenant's configuration, with everything behind them in memory. */
import type { Dependencies } from '../../functions/configure/dependencies.ts';
import { doors } from '../../functions/configure/handler.ts';
import type { Role } from '../../shared/contract.ts';
import { http } from '../../shared/edge/http.ts';
import { fakeConfigurationStore } from './fake-configuration-store.ts';
import { fakeEntryStore } from './fake-entry-store.ts';
import { fakeSecrets } from './fake-secrets.ts';
import { noon } from './observations.ts';
import { aSalt } from './salt.ts';
import { aCaller, aContext, anApiEvent } from './requests.ts';

interface Told {
  readonly body?: unknown;
  readonly ifMatch?: string;
  readonly tenant?: string;
  readonly role?: Role;
  readonly query?: Readonly<Record<string, string>>;
  readonly version?: string | number;
}

export const documentRoute = '/v1/configuration';
export const versionsRoute = `${documentRoute}/versions`;
export const versionRoute = `${versionsRoute}/{version}`;

export function configureDoors() {
  const secrets = fakeSecrets();
  const deps: Dependencies = {
    configurations: fakeConfigurationStore(),
    secrets,
    entries: fakeEntryStore(),
    salt: aSalt,
    now: () => noon,
  };

  /** `others` stand in the place of dependencies for this one request. */
  async function send(route: `${string} /${string}`, told: Told = {}, others: Partial<Dependencies> = {}) {
    const { body, ifMatch, tenant = 'acme', role = 'operator', query = {}, version } = told;
    const event = anApiEvent({
      route,
      caller: aCaller(role, { tenant }),
      query: Object.fromEntries(Object.entries(query).map(([name, value]) => [name, [value]])),
      headers: ifMatch === undefined ? {} : { 'if-match': ifMatch },
      ...(version !== undefined && { parameters: { version: String(version) } }),
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const answer = await http(() => ({ ...deps, ...others }), doors, { now: () => noon })(event, aContext());
    const { ETag: etag = '' } = answer.headers ?? {};
    return { status: answer.statusCode, etag: String(etag), body: JSON.parse(answer.body) as Record<string, unknown> };
  }

  return {
    deps,
    secrets,
    send,
    call: async (method: 'GET' | 'PUT', told: Told = {}) => send(`${method} ${documentRoute}`, told),
    check: async (body: unknown, told: Told = {}, others: Partial<Dependencies> = {}) =>
      send(`PUT ${documentRoute}`, { body, query: { check: 'only' }, ...told }, others),
  };
}
