/** A tenant whose switches have to be told something, in memory. */
import { fakeDebug } from './fake-logs.ts';
import { fakeMeasure } from './fake-measure.ts';
import type { HandOverChanges } from '../../shared/endpoints/hand-over-changes.ts';
import { advanceEndpoint } from '../../shared/endpoints/endpoint-table.ts';
import type { EndpointEvent } from '../../shared/endpoints/events.ts';
import type { Mac } from '../../shared/endpoints/mac.ts';
import type { SwitchClient } from '../../shared/endpoints/take-change.ts';
import type { TenantId } from '../../shared/tenancy/tenant.ts';
import { accessSwitch, laptop } from './endpoints.ts';
import { fakeEndpointTable } from './fake-endpoint-store.ts';
import { acme } from './observations.ts';

export const aSwitch = (told: Partial<SwitchClient> = {}): SwitchClient => ({
  name: 'access-1',
  address: accessSwitch,
  make: 'juniper-ex',
  locationGroup: 'Berlin',
  changePort: 3799,
  ...told,
});

/** Waiting moves its clock, and takes no time. `whileWaiting` is what happens meanwhile. */
export function changesOf(told: { readonly clients?: readonly SwitchClient[]; readonly way?: 'site' | 'direct' } = {}) {
  const table = fakeEndpointTable();
  const settings = { changeOfAuthorization: told.way ?? 'site', radiusClients: told.clients ?? [aSwitch()] };
  let whileWaiting = async () => Promise.resolve();
  const debug = fakeDebug();
  const { measure, measured } = fakeMeasure();
  const deps: HandOverChanges = {
    ...table,
    settingsOf: async () => Promise.resolve(settings),
    debug,
    measure,
    wait: async (ms) => {
      table.moveTo(table.now() + ms);
      await whileWaiting();
    },
  };
  return {
    table,
    deps,
    debug,
    measure,
    measured,
    settings,
    meanwhile: (act: () => Promise<void>) => {
      whileWaiting = act;
    },
    later: (ms: number) => table.moveTo(table.now() + ms),
    follow: async (event: EndpointEvent, { tenant = acme, mac = laptop }: { tenant?: TenantId; mac?: Mac } = {}) =>
      advanceEndpoint(table, tenant, mac, event),
    endpoint: async ({ tenant = acme, mac = laptop }: { tenant?: TenantId; mac?: Mac } = {}) =>
      (await table.endpoints.read(tenant, [mac]))[0]?.endpoint,
  };
}
