/** Observations to test with: valid as they are, so that a test says only what matters to it. */
import type { IpAddress } from '../../shared/identity/address.ts';
import type { Logoff, Logon, Micros } from '../../shared/identity/observation.ts';
import { type TenantId, tenantId } from '../../shared/tenancy/tenant.ts';

export const acme: TenantId = tenantId('acme');
export const globex: TenantId = tenantId('globex');

export const desk = '192.0.2.50' as IpAddress;

/** 2026-03-01T12:00:00Z in epoch milliseconds. */
export const noon = Date.UTC(2026, 2, 1, 12);
export const minutes = (count: number): number => count * 60_000;

/** An instant so many microseconds after noon. */
export const instant = (microsAfterNoon = 0): Micros => (noon * 1_000 + microsAfterNoon) as Micros;

export const aLogon = (told: Partial<Logon> = {}): Logon => ({
  operation: 'logon',
  ip: desk,
  domain: 'acme',
  user: 'alice',
  groups: ['posture-healthy', 'staff'],
  posture: 'HEALTHY',
  source: 'Aruba ClearPass',
  device: { identity: 'alice-laptop', os: 'windows 10' },
  instant: instant(),
  ...told,
});

export const aLogoff = (told: Partial<Logoff> = {}): Logoff => ({
  operation: 'logoff',
  ip: desk,
  instant: instant(),
  ...told,
});
