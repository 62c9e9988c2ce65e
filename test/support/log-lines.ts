/** Lines of the logs to test with: valid as they are, so that a test says only what matters to it. */
import { macAddress } from '../../shared/endpoints/mac.ts';
import type { AccessLine } from '../../shared/journal/access-line.ts';
import type { DebugLine } from '../../shared/journal/debug.ts';
import type { EventLine } from '../../shared/journal/event-line.ts';
import { desk, noon } from './observations.ts';

export const laptop = macAddress('00:11:22:33:ca:fe');
export const printer = macAddress('00:11:22:33:ca:ff');

export const anEventLine = (told: Partial<EventLine> = {}): EventLine => ({
  id: 'line-1',
  at: noon,
  state: 'applied',
  code: 'quarantined',
  message: 'The endpoint is in quarantine.',
  event: 'quarantine-endpoint',
  sender: { kind: 'client', name: 'policy-enforcer' },
  credentialName: 'pe',
  clientAddress: '203.0.113.9',
  template: 'JuniperNetworks-Policy Enforcer-HTTP-JSON',
  eventId: 'event-1',
  occurredAt: noon - 1_000,
  mac: laptop,
  ip: desk,
  user: 'alice',
  severity: 'high',
  threatName: 'Eicar',
  policy: 'quarantine-infected',
  action: 'quarantine',
  role: 'Quarantine',
  flags: ['outside-networks'],
  changes: ['change-1'],
  requestId: 'request-1',
  ...told,
});

export const anAccessLine = (told: Partial<AccessLine> = {}): AccessLine => ({
  id: 'login-1',
  at: noon,
  result: 'accepted',
  code: 'accepted',
  message: 'alice is let in by the realm "Users".',
  user: 'alice',
  realm: 'Users',
  roles: ['Employee'],
  quarantineRole: null,
  mac: laptop,
  ip: null,
  nas: '192.0.2.10',
  port: 'ge-0/0/1',
  returnAttributes: 'employees',
  ...told,
});

export const aDebugLine = (told: Partial<DebugLine> = {}): DebugLine => ({
  id: 'line-1',
  at: noon,
  part: 'radius',
  message: 'The realm "Users" takes the login.',
  mac: laptop,
  ip: desk,
  user: 'alice',
  requestId: 'request-1',
  details: '{"locationGroup":"hq"}',
  ...told,
});
