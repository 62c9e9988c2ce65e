/** Endpoints to test with: valid as they are, so that a test says only what matters to it. */
import { advance, type Advanced } from '../../shared/endpoints/advance.ts';
import type {
  Access,
  Address,
  Change,
  Endpoint,
  EndpointSession,
  Reason,
  Sender,
  ThreatMessage,
} from '../../shared/endpoints/endpoint.ts';
import type { PendingMessage } from '../../shared/endpoints/endpoint-table.ts';
import type { AccountingTold, EndpointEvent, LoginTold } from '../../shared/endpoints/events.ts';
import type { Mac } from '../../shared/endpoints/mac.ts';
import type { IpAddress } from '../../shared/identity/address.ts';
import { desk, minutes, noon } from './observations.ts';

export const laptop = '00:11:22:33:ca:fe' as Mac;
export const phone = '00:11:22:33:ca:ff' as Mac;
export const accessSwitch = '198.51.100.2' as IpAddress;

export const enforcer: Sender = { kind: 'client', name: 'policy-enforcer' };
export const operator: Sender = { kind: 'operator', name: 'desk' };

export const fullAccess: Access = { access: 'full' };
export const quarantinedAs = (role = 'Quarantine'): Access => ({ access: 'quarantined', role });
export const blockedAccess: Access = { access: 'blocked' };

export const anEndpoint = (told: Partial<Endpoint> = {}): Endpoint => ({
  mac: laptop,
  firstSeenAt: noon,
  changedAt: noon,
  reasons: [],
  sessions: [],
  addresses: [],
  waiting: [],
  lastApplied: {},
  changes: [],
  investigation: 'open',
  ...told,
});

export const aSession = (told: Partial<EndpointSession> = {}): EndpointSession => ({
  key: `${accessSwitch}/8O2.1x81bb0a3c`,
  nas: accessSwitch,
  acctSessionId: '8O2.1x81bb0a3c',
  port: 'ge-0/0/7',
  ssid: null,
  user: 'alice',
  realm: 'Wired',
  domain: 'acme',
  roles: ['Employees'],
  granted: fullAccess,
  loginId: 'login-1',
  startedAt: noon,
  instant: noon,
  heardAt: noon,
  endedAt: null,
  endedBy: null,
  ...told,
});

export const anAddress = (told: Partial<Address> = {}): Address => ({
  ip: desk,
  session: aSession().key,
  source: 'accounting',
  from: noon,
  confirmedAt: noon,
  until: null,
  ...told,
});

export const aReason = (told: Partial<Reason> = {}): Reason => ({
  hold: 'blocked',
  sender: enforcer,
  threatName: null,
  since: noon,
  until: null,
  role: null,
  session: null,
  ip: desk,
  eventId: 'event-1',
  event: 'block-endpoint',
  severity: 'high',
  policy: 'block on malware',
  note: null,
  ...told,
});

export const aQuarantine = (told: Partial<Reason> = {}): Reason =>
  aReason({ hold: 'quarantined', role: 'Quarantine', event: 'quarantine-endpoint', policy: 'quarantine', ...told });

export const aChange = (told: Partial<Change> = {}): Change => ({
  id: 'change-1',
  session: aSession().key,
  wanted: blockedAccess,
  requestedAt: noon,
  state: 'pending',
  attempts: 0,
  sentAt: null,
  nextAt: noon,
  answeredAt: null,
  errorCause: null,
  roundTripMs: null,
  detail: null,
  ...told,
});

export const aMessage = (told: Partial<ThreatMessage> = {}): ThreatMessage => ({
  event: 'quarantine-endpoint',
  endpointIp: desk,
  endpointMac: null,
  userName: null,
  severity: 'high',
  threatName: 'EICAR',
  eventId: 'event-1',
  occurredAt: null,
  ...told,
});

export const aPending = (told: Partial<PendingMessage> = {}): PendingMessage => ({
  message: aMessage(),
  client: enforcer.name,
  template: 'JuniperNetworks-Policy Enforcer-HTTP-JSON',
  receivedAt: noon,
  until: noon + minutes(10),
  ...told,
});

export const aLogin = (told: Partial<LoginTold> = {}): LoginTold => ({
  loginId: 'login-1',
  nas: accessSwitch,
  acctSessionId: null,
  port: 'ge-0/0/7',
  ssid: null,
  user: 'alice',
  realm: 'Wired',
  domain: 'acme',
  roles: ['Employees'],
  granted: fullAccess,
  ip: null,
  ...told,
});

export const aRecord = (told: Partial<AccountingTold> = {}): AccountingTold => ({
  status: 'start',
  nas: accessSwitch,
  acctSessionId: '8O2.1x81bb0a3c',
  loginId: 'login-1',
  port: 'ge-0/0/7',
  ssid: null,
  user: 'alice',
  ip: desk,
  instant: noon,
  ...told,
});

/** A reason that comes now; `occurredAt` by the sender's clock. */
export const aHold = (told: Partial<Reason> = {}, occurredAt: number | null = null): EndpointEvent => {
  const { since: _, ...reason } = aReason(told);
  return { kind: 'held', reason, occurredAt };
};

export const aClear = (told: Partial<Extract<EndpointEvent, { kind: 'cleared' }>> = {}): EndpointEvent => ({
  kind: 'cleared',
  hold: 'blocked',
  sender: enforcer,
  occurredAt: null,
  ...told,
});

/** One endpoint, and what comes of each event; ids are counted. */
export function endpointInTime(mac: Mac = laptop) {
  let count = 0;
  let endpoint: Endpoint | undefined;
  const follow = (event: EndpointEvent, now = noon): Advanced => {
    const advanced = advance(endpoint, event, { mac, now, newId: () => `id-${++count}` });
    endpoint = advanced.endpoint;
    return advanced;
  };
  return { follow, is: () => endpoint ?? anEndpoint({ mac }) };
}
