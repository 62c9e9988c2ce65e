import type { RoundStore } from '../../shared/connectors/compare-hosts.ts';
import type { WakingRound } from '../../shared/connectors/wake-connectors.ts';
import type { IpAddress } from '../../shared/identity/address.ts';
import { foldCase } from '../../shared/identity/fold-case.ts';

/** Rounds in memory. Holds to the contract of the real store. */
export function fakeRounds(): RoundStore {
  const kept = new Map<string, IpAddress | undefined>();
  return {
    read: async (tenant, connector) => Promise.resolve(kept.get(`${tenant} ${foldCase(connector)}`)),
    async write(tenant, connector, last) {
      kept.set(`${tenant} ${foldCase(connector)}`, last);
      return Promise.resolve();
    },
  };
}

/** The round of those who are woken, in memory. Holds to the contract of the real store. */
export function fakeWakingRound(last?: string): WakingRound {
  let kept = last;
  return {
    read: async () => Promise.resolve(kept),
    write: async (next) => Promise.resolve(void (kept = next)),
  };
}
