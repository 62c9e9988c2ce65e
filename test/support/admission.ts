/** What admission control is tested with: valid as it is, so that a test says only what matters to it. */
import { readFileSync } from 'node:fs';
import * as v from 'valibot';
import type { AdmissionSettings } from '../../shared/admission/admission.ts';
import type { Deciding } from '../../shared/admission/decide-approval.ts';
import {
  receiveEvent,
  receiveLines,
  type ReceiveThreatActions,
  type ThreatAnswer,
} from '../../shared/admission/receive.ts';
import {
  type AdmissionClient,
  type AdmissionPolicy,
  type Template,
  threatResponseDefaults,
} from '../../shared/configuration/threat-response.ts';
import { template } from '../../shared/configuration/threat-response-schema.ts';
import { advanceEndpoint } from '../../shared/endpoints/endpoint-table.ts';
import type { Access, Endpoint } from '../../shared/endpoints/endpoint.ts';
import type { EndpointEvent } from '../../shared/endpoints/events.ts';
import { accessOf } from '../../shared/endpoints/holds.ts';
import type { Mac } from '../../shared/endpoints/mac.ts';
import type { EventLine } from '../../shared/journal/event-line.ts';
import type { TenantId } from '../../shared/tenancy/tenant.ts';
import { anAddress, anEndpoint, aSession, enforcer } from './endpoints.ts';
import { fakeActionBudget, fakeApprovalStore, fakeEventMemory, fakeTraceStore } from './fake-admission-stores.ts';
import { fakeEndpointTable } from './fake-endpoint-store.ts';
import { fakeHostActs } from './fake-host-acts.ts';
import { fakeDebug, fakeEventLog } from './fake-logs.ts';
import { acme } from './observations.ts';

export const policyEnforcerName = 'JuniperNetworks-Policy Enforcer-HTTP-JSON';

export const aPolicy = (told: Partial<AdmissionPolicy> = {}): AdmissionPolicy => ({
  name: 'quarantine-infected',
  template: policyEnforcerName,
  event: 'quarantine-endpoint',
  severity: 'any',
  action: 'quarantine',
  role: 'quarantine',
  assignment: 'permanent',
  releaseAfterMinutes: null,
  scope: { roles: 'all', names: [] },
  logOnly: false,
  ...told,
});

const example = (name: string) =>
  readFileSync(new URL(`../examples/intrusion-sensor/${name}`, import.meta.url), 'utf8');

/** A device of another maker, whose lines a pattern reads. */
export const sensorTemplate: Template = v.parse(template, JSON.parse(example('template.json')));
export const sensorLines = example('lines.txt').trim().split('\n');

/** One that has a session with an address. */
export const seated = (told: Partial<Endpoint> = {}): Endpoint =>
  anEndpoint({ sessions: [aSession()], addresses: [anAddress()], ...told });

export const aClient = (told: Partial<AdmissionClient> = {}): AdmissionClient => ({
  name: enforcer.name,
  description: '',
  address: '198.51.100.20',
  template: policyEnforcerName,
  relays: [],
  ...told,
});

/** What Policy Enforcer sends: each event does what it is called. */
export const plainPolicies: readonly AdmissionPolicy[] = [
  aPolicy(),
  aPolicy({ name: 'block', event: 'block-endpoint', action: 'block', role: null }),
  aPolicy({ name: 'free', event: 'clear-quarantine-endpoint', action: 'clear-quarantine', role: null }),
  aPolicy({ name: 'unblock', event: 'clear-blocked-endpoint', action: 'clear-block', role: null }),
];

/** Admission control on fakes, with a clock that stands until it is moved, and who calls as whom. */
export function admissionInTime(told: Partial<AdmissionSettings> = {}) {
  const table = fakeEndpointTable();
  const events = fakeEventLog(table.now);
  const notified: string[] = [];
  const settings: AdmissionSettings = {
    ...threatResponseDefaults,
    networks: [],
    clients: [aClient()],
    admissionPolicies: plainPolicies,
    templates: [sensorTemplate],
    ...told,
  };
  const debug = fakeDebug();
  const hosts = fakeHostActs();
  const deps: ReceiveThreatActions & Deciding = {
    ...table,
    memory: fakeEventMemory(),
    approvals: fakeApprovalStore(),
    budget: fakeActionBudget(),
    traces: fakeTraceStore(),
    hostActs: hosts.acts,
    events,
    debug,
    notifier: {
      changed: async (tenant, mac) => {
        notified.push(`${tenant} ${mac}`);
        return Promise.resolve();
      },
    },
    settingsOf: async () => Promise.resolve(settings),
  };
  let requests = 0;
  const arrivalFrom = (clientAddress: string, credentialName: string) => ({
    clientAddress,
    credentialName,
    requestId: `request-${++requests}`,
    receivedAt: table.now(),
    deadlineAt: table.now() + 29_000,
  });
  interface From {
    readonly tenant?: TenantId;
    readonly address?: string;
    readonly credential?: string;
  }
  const bytes = (body: unknown) => (body instanceof Uint8Array ? body : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))); // prettier-ignore

  return {
    deps,
    /** What the debug log was told. */
    said: debug.said,
    notified,
    /** What hosts of feeds were told. */
    hostsTold: hosts.said,
    moveTo: table.moveTo,
    send: async (
      body: unknown,
      { tenant = acme, address = '198.51.100.20', credential = 'sender' }: From = {},
    ): Promise<ThreatAnswer> =>
      // prettier-ignore
      receiveEvent(deps, tenant, arrivalFrom(address, credential), bytes(body)),
    sendLines: async (body: unknown, { tenant = acme, address = '198.51.100.20', credential = 'relay' }: From = {}) =>
      receiveLines(deps, tenant, arrivalFrom(address, credential), bytes(body)),
    happens: async (mac: Mac, event: EndpointEvent, tenant: TenantId = acme) => advanceEndpoint(deps, tenant, mac, event), // prettier-ignore
    endpoint: async (mac: Mac, tenant: TenantId = acme) => (await deps.endpoints.read(tenant, [mac]))[0]?.endpoint,
    access: async (mac: Mac, tenant: TenantId = acme): Promise<Access['access']> => {
      const [stored] = await deps.endpoints.read(tenant, [mac]);
      return stored ? accessOf(stored.endpoint, table.now()).access : 'full';
    },
    /** The newest first. */
    lines: (tenant: TenantId = acme): readonly EventLine[] => events.all(tenant),
  };
}
