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
  const eventsOf = ({ key: { ip } }: Place) => changes.find(({ key }) => key.ip === ip)?.events ?? [];
  const table = tableBySteps(world, actor, {
    eventsOf,
    read(place) {
      const told = eventsOf(place).map((event): Told => ({ event }));
      world.recordOf(place).push(...told);
      unwritten.set(nameOf(place), told);
    },
    written: (place) => unwritten.delete(nameOf(place)),
  });
  let now = 0;
  const timed = { ...table, now: () => (now = table.now()) };

  const outcomes = await change(timed, tenant, { changes, untilAt: Infinity });

  for (const [index, { key }] of changes.entries()) {
    const words = outcomes[index] ?? 'busy';
    world.note(`answered to ${actor.name}: ${String(words)}`, { tenant, key });
    if (words !== 'busy') for (const told of unwritten.get(nameOf({ tenant, key })) ?? []) told.at = now;
  }
}
