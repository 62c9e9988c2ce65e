/** The doors of the set-up of threat response, with everything behind them in memory. */
import type { Dependencies } from '../../functions/set-up/dependencies.ts';
import { doors } from '../../functions/set-up/handler.ts';
import type { Role } from '../../shared/contract.ts';
import { http } from '../../shared/edge/http.ts';
import { fakeConfigurationStore } from './fake-configuration-store.ts';
import { fakeEntryStore } from './fake-entry-store.ts';
import { fakeSecrets } from './fake-secrets.ts';
import { noon } from './observations.ts';
import { aCaller, aContext, anApiEvent } from './requests.ts';
import { aSalt } from './salt.ts';

interface Told {
  readonly body?: unknown;
  readonly ifMatch?: string;
  readonly tenant?: string;
  readonly role?: Role;
  readonly query?: Readonly<Record<string, string>>;
}

export function setUpDoors() {
  const deps = {
    configurations: fakeConfigurationStore(),
    secrets: fakeSecrets(),
    entries: fakeEntryStore(),
    salt: aSalt,
    now: () => noon,
  } satisfies Dependencies;

  async function send(route: `${string} /v1/${string}`, told: Told = {}) {
    const { body, ifMatch, tenant = 'acme', role = 'operator', query = {} } = told;
    const event = anApiEvent({
      route,
      caller: aCaller(role, { tenant }),
      query: Object.fromEntries(Object.entries(query).map(([name, value]) => [name, [value]])),
      headers: ifMatch === undefined ? {} : { 'if-match': ifMatch },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const answer = await http(() => deps, doors, { now: () => noon })(event, aContext());
    const { ETag: etag = '' } = answer.headers ?? {};
    return { status: answer.statusCode, etag: String(etag), text: answer.body, body: JSON.parse(answer.body) as Record<string, unknown> }; // prettier-ignore
  }

  return { deps, send };
}
