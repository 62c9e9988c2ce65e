/** Observations to test with: valid as they are, so that a test says only what matters to it. */
import type { IpAddress } from '../../shared/identity/address.ts';
import { advance, type Event } from '../../shared/identity/advance.ts';
import type { Item } from '../../shared/identity/entry.ts';
import type { Logoff, Logon, Micros, Observation } from '../../shared/identity/observation.ts';
import { type TenantId, tenantId } from '../../shared/tenancy/tenant.ts';

export const acme: TenantId = tenantId('acme');
export const globex: TenantId = tenantId('globex');

export const desk = '192.0.2.50' as IpAddress;

/** 2026-03-01T12:00:00Z in epoch milliseconds. */
export const noon = Date.UTC(2026, 2, 1, 12);
export const minutes = (count: number): number => count * 60_000;
export const hours = (count: number): number => minutes(60 * count);

/** An instant so many microseconds after noon. */
export const instant = (microsAfterNoon = 0): Micros => (noon * 1_000 + microsAfterNoon) as Micros;

export const aLogon = (told: Partial<Logon> = {}): Logon => ({
  operation: 'logon',
  origin: 'aruba-clearpass',
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
  origin: 'aruba-clearpass',
  ip: desk,
  instant: instant(),
  ...told,
});

/** What an observation does to an item, under a timeout that is in force now. */
export const told = (observation: Observation, timeoutMinutes = 30): Event =>
  observation.operation === 'logon'
    ? { kind: 'logon', logon: observation, timeoutMinutes }
    : { kind: 'logoff', logoff: observation };

export const deleted: Event = { kind: 'deleted' };

/** The item that these events leave, one after another, all at noon. */
export function itemAfter(...events: readonly [Event, ...Event[]]): Item {
  const item = events.reduce<Item | undefined>((before, event) => advance(before, event, noon).item, undefined);
  if (item === undefined) throw new Error('These events leave no item.');
  return item;
}

/** What a user query leaves of an address while it runs, or once it found nobody. */
export const aMark = (
  state: 'init' | 'pending' | 'invalid',
  { order }: Pick<Item, 'order'> = { order: { logoffs: [] } },
): Item => ({
  state,
  expiresAt: noon + minutes(15),
  deleteAt: (noon + minutes(15) + hours(24)) / 1_000,
  order,
  query: { id: 'worker', untilAt: noon + minutes(1) },
  mark: { attempts: 1 },
});
