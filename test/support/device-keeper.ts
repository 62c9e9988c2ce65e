/** A system behind a connector that holds devices, as ClearPass and ISE do, in memory. */
import type { Answer, Enforcement, Enforcer } from '../../shared/connectors/enforcer.ts';
import type { Mac } from '../../shared/endpoints/mac.ts';
import type { IpAddress } from '../../shared/identity/address.ts';
import type { Wanted } from '../../shared/infected-hosts/host.ts';

export type Fate = 'done' | 'fails' | 'refuses' | 'done-and-lost' | 'lost';

/** `known`: who it says had an address. Fates are those of the next calls of `apply`, one after another; then all is done. */
export function deviceKeeper(
  known: ReadonlyMap<IpAddress, Mac> = new Map(),
  fates: Fate[] = [],
  keeps: Enforcer['keeps'] | 'addresses' = 'devices',
) {
  const held = new Map<Mac, Wanted>();
  const told: Enforcement[] = [];
  const answer = (outcome: Answer['outcome'], detail: string): Answer => ({ outcome, detail, roundTripMs: 1 });
  const nobody = answer('failed', 'Nobody knows the device.');
  const enforcer: Enforcer = {
    ...(keeps !== 'addresses' && { keeps }),
    test: async () => Promise.resolve(answer('acknowledged', 'Here.')),
    find: async (_, { ip }) => Promise.resolve(known.get(ip) ?? nobody),
    async apply(_, what) {
      told.push(what);
      if (what.mac === null)
        return Promise.resolve(what.wanted === 'free' ? answer('acknowledged', 'Nothing.') : nobody);
      const fate = fates.shift() ?? 'done';
      if (fate === 'done' || fate === 'done-and-lost') held.set(what.mac, what.wanted);
      if (fate === 'lost' || fate === 'done-and-lost') return Promise.reject(new Error('The worker was killed.'));
      if (fate === 'fails') return Promise.resolve(answer('failed', 'Later.'));
      return Promise.resolve(fate === 'refuses' ? answer('refused', 'No.') : answer('acknowledged', 'Done.'));
    },
    read: async (_, { mac }) => Promise.resolve(mac === null ? 'unknown' : (held.get(mac) ?? 'free')),
  };
  return {
    enforcer,
    told,
    fates,
    /** Somebody else sets it there. */
    set: (mac: Mac, to: Wanted) => {
      held.set(mac, to);
    },
    held: (): Readonly<Record<string, Wanted>> => Object.fromEntries([...held].filter(([, is]) => is !== 'free')),
  };
}
