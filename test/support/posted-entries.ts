/** Entries as a client posts them, valid as they are, and what `observe` makes of them. */
import type { Observation } from '../../shared/identity/observation.ts';
import { type Arrival, observe, type Observed } from '../../shared/identity/observe.ts';
import type { PostedDevice, PostedEntry } from '../../shared/wire/clearpass/posted-entry.ts';

export const arrivedAt = Date.UTC(2026, 2, 1, 12);
const arrival: Arrival = { origin: 'aruba-clearpass', arrivedAt, order: 'by-instant' };
export const byArrival: Arrival = { origin: 'aruba-clearpass', arrivedAt, order: 'by-arrival' };

export const ip = '192.0.2.50';
export const posted = (told: Partial<PostedEntry>): PostedEntry => ({
  line: 3,
  column: 5,
  roles: [],
  notes: [],
  ...told,
});
export const logon = (told: Partial<PostedEntry> = {}) => posted({ operation: 'logon', ip, user: 'alice', ...told });
export const logoff = (told: Partial<PostedEntry> = {}) => posted({ operation: 'logoff', ip, ...told });
export const logonFrom = (device: Partial<PostedDevice>) => logon({ device: { groups: [], custom: [], ...device } });

export function understood(entry: PostedEntry, at = arrival): Exclude<Observed, { fault: unknown }> {
  const observed = observe(entry, at);
  if ('fault' in observed) throw new Error(observed.fault.message);
  return observed;
}
export const meaning = (entry: PostedEntry, at = arrival): Observation => understood(entry, at).observation;
export const notes = (entry: PostedEntry, at = arrival) => understood(entry, at).notes;
export const codes = (entry: PostedEntry, at = arrival) => notes(entry, at).map(({ code }) => code);
export function fault(entry: PostedEntry, at = arrival) {
  const observed = observe(entry, at);
  return 'fault' in observed ? observed.fault : undefined;
}
