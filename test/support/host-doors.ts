/** The doors of infected hosts, on fakes, to send requests to. */
import { doors } from '../../functions/manage-hosts/handler.ts';
import { type FeedRule, threatResponseDefaults } from '../../shared/configuration/threat-response.ts';
import type { Role, RouteKey } from '../../shared/contract.ts';
import { http } from '../../shared/edge/http.ts';
import { fakeActsOnHosts } from './acts-on-hosts.ts';
import { fakeTraceStore } from './fake-admission-stores.ts';
import { fakeEndpointTable } from './fake-endpoint-store.ts';
import { fakeFeedStore } from './fake-feed-store.ts';
import { desk, noon } from './observations.ts';
import { aCaller, aContext, anApiEvent } from './requests.ts';

export interface ToldOfHosts {
  readonly ip?: string;
  readonly tenant?: string;
  readonly role?: Role;
  readonly query?: Readonly<Record<string, string>>;
  /** An `Idempotency-Key`. */
  readonly key?: string;
}

export function hostDoors() {
  /** `stepMs`: so long passes between one look at the clock and the next. */
  const clock = { now: noon, stepMs: 0 };
  const acts = fakeActsOnHosts({ now: () => (clock.now += clock.stepMs) });
  const rules: FeedRule[] = [
    { minLevel: 7, event: 'quarantine-endpoint' },
    { minLevel: 10, event: 'block-endpoint' },
  ];
  const feeds = { atpCloud: { ...threatResponseDefaults.feeds.atpCloud, rules } };
  const { endpoints } = fakeEndpointTable();
  const traces = fakeTraceStore();
  const deps = {
    ...acts.deps,
    traces,
    endpoints,
    polled: fakeFeedStore(),
    settingsOf: async () => Promise.resolve({ feeds }),
  };

  async function send(
    route: RouteKey,
    body?: unknown,
    { ip = desk, tenant = 'acme', role = 'operator', query = {}, key }: ToldOfHosts = {},
  ) {
    const event = anApiEvent({
      route,
      caller: aCaller(role, { tenant, credentialName: 'soc' }),
      parameters: { ip },
      query: Object.fromEntries(Object.entries(query).map(([name, value]) => [name, [value]])),
      ...(key !== undefined && { headers: { 'Idempotency-Key': key } }),
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const answer = await http(() => deps, doors, { now: deps.now })(event, aContext());
    return { status: answer.statusCode, body: JSON.parse(answer.body) as Record<string, unknown> };
  }
  return { ...acts, deps, clock, send };
}
