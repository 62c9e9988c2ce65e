/** Endpoints to test with, made as the service makes them: by what happens to them, one thing after another. */
import { advance } from '../../shared/endpoints/advance.ts';
import type { Endpoint, Reason } from '../../shared/endpoints/endpoint.ts';
import type { AccountingTold, EndpointEvent, LoginTold } from '../../shared/endpoints/events.ts';
import type { IpAddress } from '../../shared/identity/address.ts';
import { laptop } from './log-lines.ts';
import { desk, noon } from './observations.ts';

export const theSwitch = '198.51.100.10' as IpAddress;

/** The endpoint that these events leave, each so many milliseconds after noon. */
export function endpointAfter(...steps: readonly (readonly [afterMs: number, event: EndpointEvent])[]): Endpoint {
  let ids = 0;
  const newId = () => `change-${(ids += 1)}`;
  const endpoint = steps.reduce<Endpoint | undefined>(
    (before, [afterMs, event]) => advance(before, event, { mac: laptop, now: noon + afterMs, newId }).endpoint,
    undefined,
  );
  if (endpoint === undefined) throw new Error('No event, no endpoint.');
  return endpoint;
}

export const aLogin = (told: Partial<LoginTold> = {}): EndpointEvent => ({
  kind: 'authenticated',
  login: {
    loginId: 'login-1',
    nas: theSwitch,
    acctSessionId: 'session-1',
    port: 'ge-0/0/1',
    ssid: null,
    user: 'alice',
    realm: 'Users',
    domain: 'acme',
    roles: ['Employee'],
    granted: { access: 'full' },
    ip: null,
    ...told,
  },
});

export const anAccounting = (told: Partial<AccountingTold> = {}): EndpointEvent => ({
  kind: 'accounted',
  record: {
    status: 'start',
    nas: theSwitch,
    acctSessionId: 'session-1',
    loginId: 'login-1',
    port: 'ge-0/0/1',
    ssid: null,
    user: 'alice',
    ip: desk,
    instant: noon,
    ...told,
  },
});

export const aHold = (told: Partial<Omit<Reason, 'since'>> = {}): EndpointEvent => ({
  kind: 'held',
  reason: {
    hold: 'quarantined',
    sender: { kind: 'client', name: 'policy-enforcer' },
    threatName: 'Eicar',
    until: null,
    role: 'Quarantine',
    session: null,
    ip: desk,
    eventId: 'event-1',
    event: 'quarantine-endpoint',
    severity: 'high',
    policy: 'quarantine-infected',
    note: null,
    ...told,
  },
  occurredAt: null,
});

export const aBlock = (told: Partial<Omit<Reason, 'since'>> = {}): EndpointEvent =>
  aHold({ hold: 'blocked', role: null, event: 'block-endpoint', policy: 'block-infected', ...told });
