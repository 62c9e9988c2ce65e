/** Sessions to test with: valid as they are. */
import type { ClosedSession, Session, Tenure } from '../../shared/sessions/session.ts';
import { desk, minutes, noon } from './observations.ts';

export const firewall = 'credential-1';

export const aTenure = (told: Partial<Tenure> = {}): Tenure => ({
  slot: 'userid',
  origin: 'aruba-clearpass',
  domain: 'acme',
  user: 'alice',
  heldSince: noon,
  ...told,
});

export const aSession = (told: Partial<Session> = {}): Session => ({
  credentialId: firewall,
  id: '4711',
  ip: desk,
  tenure: aTenure(),
  openedAt: noon,
  heardAt: noon,
  ...told,
});

/** One that is nobody's. */
export const anUnmanaged = (told: Partial<Session> = {}): Session => {
  const { tenure, ...session } = aSession(told);
  return session;
};

export const aClosed = (told: Partial<ClosedSession> = {}): ClosedSession => ({
  ...aSession(),
  ending: { at: noon + minutes(5), reason: 'closed' },
  bytesIn: 12,
  ...told,
});
