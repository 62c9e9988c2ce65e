/** A post or a delete as the service makes it. */
import { type Change, change } from '../../../shared/identity/authentication-table.ts';
import type { TenantId } from '../../../shared/tenancy/tenant.ts';
import type { Told } from './reference.ts';
import { type Actor, tableBySteps } from './table-by-steps.ts';
import { nameOf, type Place, type World } from './world.ts';

/**
 * Makes a change; never comes back where the actor is killed meanwhile. What is answered without a write, as it changes
 * nothing, counts from where the actor read that.
 */
export async function changeBySteps(world: World, actor: Actor, tenant: TenantId, changes: readonly Change[]) {
  const unwritten = new Map<string, Told[]>();
  const written = new Set<string>();
  /** By which time each was read: two attempts at one change have each their own. */
  const readAt = new Map<Told, number>();
  let justRead: Told[] = [];
  const eventsOf = ({ key: { ip } }: Place) => changes.find(({ key }) => key.ip === ip)?.events ?? [];
  const table = tableBySteps(world, actor, {
    eventsOf,
    read(place) {
      const told = eventsOf(place).map((event): Told => ({ event }));
      if (written.has(nameOf(place))) return; // it looks whether that has arrived
      world.recordOf(place).push(...told);
      unwritten.set(nameOf(place), told);
      justRead.push(...told);
    },
    written(place) {
      written.add(nameOf(place));
      unwritten.delete(nameOf(place));
    },
  });
  const now = () => {
    const at = table.now();
    for (const told of justRead) readAt.set(told, at);
    justRead = [];
    return at;
  };

  const outcomes = await change({ ...table, now }, tenant, { changes, untilAt: Infinity });

  for (const [index, { key }] of changes.entries()) {
    const words = outcomes[index] ?? 'busy';
    world.note(`answered to ${actor.name}: ${String(words)}`, { tenant, key });
    if (words !== 'busy')
      for (const told of unwritten.get(nameOf({ tenant, key })) ?? []) told.at = readAt.get(told) ?? now();
  }
}
