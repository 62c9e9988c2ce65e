import type { RoundStore } from '../../shared/connectors/compare-hosts.ts';
import type { WakingRound } from '../../shared/connectors/wake-connectors.ts';
import { acme, desk, globex } from '../support/observations.ts';

/** What every store of rounds keeps to. */
export function roundStoreContract(open: () => RoundStore | Promise<RoundStore>) {
  test('a round goes on where it was left, by tenant and connector, whatever its case; and begins again', async () => {
    const rounds = await open();

    await rounds.write(acme, 'PPS-1', desk);

    expect(await rounds.read(acme, 'pps-1')).toBe(desk);
    expect(await rounds.read(acme, 'pps-2')).toBeUndefined();
    expect(await rounds.read(globex, 'pps-1')).toBeUndefined();
    await rounds.write(acme, 'pps-1', undefined);
    expect(await rounds.read(acme, 'pps-1')).toBeUndefined();
  });
}

export function wakingRoundContract(open: () => WakingRound | Promise<WakingRound>) {
  test('the round of tenants goes on where it was left, and begins again', async () => {
    const round = await open();
    expect(await round.read()).toBeUndefined();
    await round.write(acme);
    expect(await round.read()).toBe(acme);
    await round.write(undefined);
    expect(await round.read()).toBeUndefined();
  });
}
