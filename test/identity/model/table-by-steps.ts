/** The authentication table as somebody reaches it over a network: each request a step of its own with a fate of its own. */
import type {
  AuthenticationTable,
  EntryKey,
  EntryStore,
  Replacement,
} from '../../../shared/identity/authentication-table.ts';
import type { Event } from '../../../shared/identity/advance.ts';
import type { Item } from '../../../shared/identity/entry.ts';
import type { TenantId } from '../../../shared/tenancy/tenant.ts';
import { fakeEntryStore } from '../../support/fake-entry-store.ts';
import { noon } from '../../support/observations.ts';
import { death } from './schedule.ts';
import type { Place, World } from './world.ts';

/** Somebody who changes the table by a clock of their own. */
export interface Actor {
  readonly name: string;
  readonly skewMs: number;
  /** Whether its process was ended meanwhile: what it sent still arrives, but nobody hears the answer. */
  readonly life?: () => 'alive' | 'over';
}

/** What the world has to know of an actor's requests. */
export interface Account {
  /** What happened to a place, by what the actor makes of it. */
  readonly eventsOf: (place: Place, item: Item) => readonly Event[];
  readonly read?: (place: Place) => void;
  readonly written?: (place: Place) => void;
}

/** How many turns of others a late request waits. */
const overtakers = 8;

/** What is written counts from then on. */
export function tableBySteps(world: World, actor: Actor, account: Account): AuthenticationTable {
  let now = 0;
  const isOver = () => actor.life?.() === 'over';

  const read = async (tenant: TenantId, key: EntryKey) => {
    await world.turn();
    if (world.fate() === 'lost' || isOver()) return death();
    const place = { tenant, key };
    account.read?.(place);
    world.note(`read by ${actor.name}`, place);
    return world.read(place);
  };

  const replace = async (tenant: TenantId, replacement: Replacement) => {
    const [fate, at, place] = [world.fate(), now, { tenant, key: replacement.key }];
    const events = account.eventsOf(place, replacement.item);
    const arrive = async () => {
      for (let turns = fate === 'late' ? overtakers : 0; turns >= 0; turns -= 1) await world.turn();
      if (fate === 'lost') return death();
      if (fate === 'refused') return 'conflict';
      const result = await world.replace(tenant, replacement, events);
      world.note(`${result} by ${actor.name}: ${events.map(wordsOf).join(', ')} -> ${replacement.item.state}`, place);
      if (result === 'conflict') return result;
      world.recordOf(place).push(...events.map((event) => ({ event, at })));
      account.written?.(place);
      return result;
    };
    const answer = await arrive();
    if (fate === 'unheard' || isOver()) return death();
    return fate === 'twice' ? arrive() : answer;
  };

  const entries: EntryStore = {
    ...fakeEntryStore(),
    read: async (tenant, keys) => Promise.all(keys.map(async (key) => read(tenant, key))),
    replace: async (tenant, replacements) => Promise.all(replacements.map(async (each) => replace(tenant, each))),
  };
  return { entries, now: () => (now = world.clock() + actor.skewMs), newRevision: world.newRevision };
}

function wordsOf(event: Event): string {
  if (event.kind === 'settled') return `${event.kind} ${event.answer.kind}`;
  if (event.kind !== 'logon' && event.kind !== 'logoff') return event.kind;
  const { operation, origin, user, domain, instant } = event.kind === 'logon' ? event.logon : event.logoff;
  return `${operation} by ${origin} of ${domain ?? '*'}\\${user ?? '*'} at ${instant - noon * 1_000}`;
}
