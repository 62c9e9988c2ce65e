/** The doors of endpoints and approvals, on fakes, to send requests to. */
import { doors } from '../../functions/manage-endpoints/handler.ts';
import { settlePending } from '../../shared/admission/settle.ts';
import { threatResponseDefaults } from '../../shared/configuration/threat-response.ts';
import type { Role, RouteKey } from '../../shared/contract.ts';
import { http } from '../../shared/edge/http.ts';
import type { Mac } from '../../shared/endpoints/mac.ts';
import type { IpAddress } from '../../shared/identity/address.ts';
import type { TenantId } from '../../shared/tenancy/tenant.ts';
import { aPolicy } from './admission.ts';
import { fakeActionBudget, fakeApprovalStore, fakeEventMemory, fakeTraceStore } from './fake-admission-stores.ts';
import { fakeChangeNotifier } from './fake-change-queue.ts';
import { fakeEndpointStore } from './fake-endpoint-store.ts';
import { fakeHostActs } from './fake-host-acts.ts';
import { fakeHostStore } from './fake-host-store.ts';
import { fakeEventLog } from './fake-logs.ts';
import { laptop } from './log-lines.ts';
import { noon } from './observations.ts';
import { aCaller, aContext, anApiEvent } from './requests.ts';

export const endpointSettings = {
  ...threatResponseDefaults,
  networks: [],
  admissionPolicies: [aPolicy({ role: 'Quarantine' })],
  roles: [
    { name: 'Quarantine', description: '', quarantine: true },
    { name: 'Employee', description: '', quarantine: false },
  ],
};

export interface Told {
  readonly mac?: string;
  readonly id?: string;
  readonly query?: Record<string, string[]>;
  readonly tenant?: string;
  readonly role?: Role;
}

export function endpointDoors() {
  let ids = 0;
  const clock = { now: noon };
  const hosts = fakeHostActs();
  const fakes = {
    endpoints: fakeEndpointStore(),
    events: fakeEventLog(() => clock.now),
    notifier: fakeChangeNotifier(),
    memory: fakeEventMemory(),
    approvals: fakeApprovalStore(),
    budget: fakeActionBudget(),
    traces: fakeTraceStore(),
    hostActs: hosts.acts,
    hosts: fakeHostStore(),
    settingsOf: async () => Promise.resolve(endpointSettings),
    now: () => clock.now,
    newId: () => `id-${(ids += 1)}`,
  };
  const settle = async (tenant: TenantId, mac: Mac, ip: IpAddress) => settlePending(fakes, tenant, mac, ip);
  const deps = { ...fakes, settle };

  async function send(
    route: RouteKey,
    body?: unknown,
    { mac = laptop, id = '', query, tenant = 'acme', role = 'operator' }: Told = {},
  ) {
    // prettier-ignore
    const event = anApiEvent({
      route,
      caller: aCaller(role, { tenant, credentialName: 'soc' }),
      parameters: { mac, id },
      ...(query && { query }),
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const answer = await http(() => deps, doors, { now: deps.now })(event, aContext());
    return { status: answer.statusCode, body: JSON.parse(answer.body) as Record<string, unknown> };
  }

  return { clock, deps, send, said: hosts.said };
}
