/** What admission control is tested with: valid as it is, so that a test says only what matters to it. */
import type { AdmissionPolicy, Template } from '../../shared/configuration/threat-response.ts';
import type { Address, Endpoint, EndpointSession, Reason } from '../../shared/endpoints/endpoint.ts';
import { type Mac, macAddress } from '../../shared/endpoints/mac.ts';
import { type IpAddress, ipAddress } from '../../shared/identity/address.ts';
import { noon } from './observations.ts';

export const cafe: Mac = macAddress('00:11:22:33:ca:fe');
export const beef: Mac = macAddress('00:11:22:33:be:ef');
export const lan: IpAddress = ipAddress('192.0.2.50');
export const nas: IpAddress = ipAddress('192.0.2.10');

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

/** The line of a Suricata sensor that writes fast.log over syslog. */
export const sensorTemplate: Template = {
  name: 'sensor',
  device: 'Intrusion sensor',
  protocol: 'syslog',
  severities: ['1', '2', '3'],
  events: [
    { name: 'infected', aliases: ['trojan'], actions: ['quarantine', 'block', 'terminate-session', 'ignore'] },
    { name: 'clean', aliases: [], actions: ['clear-quarantine', 'clear-block', 'ignore'] },
  ],
  parse: {
    type: 'pattern',
    pattern:
      '(?P<event>\\w+) host=(?P<endpointIp>\\S+)(?: mac=(?P<endpointMac>\\S+))?(?: user=(?P<userName>\\S+))?(?: prio=(?P<severity>\\S+))?(?: name="(?P<threatName>[^"]*)")?(?: id=(?P<eventId>\\S+))?(?: at=(?P<occurredAt>\\S+))?',
  },
  samples: [],
};

export const aSession = (told: Partial<EndpointSession> = {}): EndpointSession => ({
  key: `${nas}/81bb0a3c`,
  nas,
  acctSessionId: '81bb0a3c',
  port: 'ge-0/0/1',
  ssid: null,
  user: 'alice',
  realm: 'staff',
  domain: 'acme',
  roles: ['employee'],
  granted: { access: 'full' },
  loginId: 'login-1',
  startedAt: noon,
  instant: noon,
  heardAt: noon,
  endedAt: null,
  endedBy: null,
  ...told,
});

export const anAddress = (told: Partial<Address> = {}): Address => ({
  ip: lan,
  session: `${nas}/81bb0a3c`,
  source: 'accounting',
  from: noon,
  confirmedAt: noon,
  until: null,
  ...told,
});

export const aReason = (told: Partial<Reason> = {}): Reason => ({
  hold: 'quarantined',
  sender: { kind: 'client', name: 'policy-enforcer' },
  threatName: null,
  since: noon,
  until: null,
  role: 'quarantine',
  session: null,
  ip: lan,
  eventId: 'event-1',
  event: 'quarantine-endpoint',
  severity: 'high',
  policy: 'quarantine-infected',
  note: null,
  ...told,
});

/** One that has a session with an address. */
export const anEndpoint = (told: Partial<Endpoint> = {}): Endpoint => ({
  mac: cafe,
  firstSeenAt: noon,
  changedAt: noon,
  reasons: [],
  sessions: [aSession()],
  addresses: [anAddress()],
  waiting: [],
  lastApplied: {},
  changes: [],
  investigation: 'open',
  ...told,
});
