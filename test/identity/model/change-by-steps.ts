/** A change as the service makes it, each of its requests a step of its own with a fate of its own. */
import {
  type Change,
  change,
  type EntryKey,
  type EntryStore,
  type Replacement,
} from '../../../shared/identity/authentication-table.ts';
import type { Event } from '../../../shared/identity/advance.ts';
import type { TenantId } from '../../../shared/tenancy/tenant.ts';
import { fakeEntryStore } from '../../support/fake-entry-store.ts';
import { noon } from '../../support/observations.ts';
import type { Told } from './reference.ts';
import { death } from './schedule.ts';
import { nameOf, type World } from './world.ts';

/** Somebody who changes the table by a clock of their own. */
export interface Actor {
  readonly name: string;
  readonly skewMs: number;
}

/** How many turns of others a late request waits. */
const overtakers = 8;

/**
 * Makes a change; never comes back where the actor is killed meanwhile. What is written counts from then on. What is
 * answered without a write, as it changes nothing, counts from where the actor read that.
 */
export async function changeBySteps(world: World, actor: Actor, tenant: TenantId, changes: readonly Change[]) {
  const unwritten = new Map<string, Told[]>();
  let now = 0;
  const eventsOf = (key: EntryKey) => changes.find(({ key: { ip } }) => ip === key.ip)?.events ?? [];

  const read = async (tenant: TenantId, key: EntryKey) => {
    await world.turn();
    if (world.fate() === 'lost') return death();
    const place = { tenant, key };
    const told = eventsOf(key).map((event): Told => ({ event }));
    world.recordOf(place).push(...told);
    unwritten.set(nameOf(place), told);
    world.note(`read by ${actor.name}: ${nameOf(place)}`);
    return world.read(place);
  };

  const replace = async (tenant: TenantId, replacement: Replacement) => {
    const [fate, at, place] = [world.fate(), now, { tenant, key: replacement.key }];
    const arrive = async () => {
      for (let turns = fate === 'late' ? overtakers : 0; turns >= 0; turns -= 1) await world.turn();
      if (fate === 'lost') return death();
      if (fate === 'refused') return 'conflict';
      const events = eventsOf(replacement.key);
      const result = await world.replace(tenant, replacement, events);
      world.note(`${result} by ${actor.name}: ${nameOf(place)}, ${events.map(wordsOf).join(', ')}`);
      if (result === 'conflict') return result;
      world.recordOf(place).push(...events.map((event) => ({ event, at })));
      unwritten.delete(nameOf(place));
      return result;
    };
    const answer = await arrive();
    if (fate === 'unheard') return death();
    return fate === 'twice' ? arrive() : answer;
  };

  const entries: EntryStore = {
    ...fakeEntryStore(),
    read: async (tenant, keys) => Promise.all(keys.map(async (key) => read(tenant, key))),
    replace: async (tenant, replacements) => Promise.all(replacements.map(async (each) => replace(tenant, each))),
  };
  const table = { entries, now: () => (now = world.clock() + actor.skewMs), newRevision: world.newRevision };
  const outcomes = await change(table, tenant, { changes, untilAt: Infinity });

  for (const [index, { key }] of changes.entries()) {
    const words = outcomes[index] ?? 'busy';
    world.note(`${String(words)} answered to ${actor.name}: ${nameOf({ tenant, key })}`);
    if (words !== 'busy') for (const told of unwritten.get(nameOf({ tenant, key })) ?? []) told.at = now;
  }
}

function wordsOf(event: Event): string {
  if (event.kind !== 'logon' && event.kind !== 'logoff') return event.kind;
  const { operation, user, domain, instant } = event.kind === 'logon' ? event.logon : event.logoff;
  return `${operation} of ${domain ?? '*'}\\${user ?? '*'} at ${instant - noon * 1_000}`;
}
