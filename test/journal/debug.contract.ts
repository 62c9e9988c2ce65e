/** What every DebugLog and DebugSwitch promises. Run against the fakes and against each engine. */
import type { DebugFilter, DebugLine, DebugLog, DebugSwitch } from '../../shared/journal/debug.ts';
import { aDebugLine, laptop, printer } from '../support/log-lines.ts';
import { acme, desk, globex, hours, noon } from '../support/observations.ts';
import { allOf, logContract } from './log.contract.ts';

export function debugLogContract(name: string, open: () => Promise<DebugLog>) {
  describe(name, () => {
    logContract<DebugLine, DebugFilter>(
      open,
      aDebugLine,
      {
        part: [{ part: 'radius' }, { part: 'changes' }],
        mac: [{ mac: laptop }, { mac: printer }],
        ip: [{ ip: desk }, { ip: null }],
      },
      7,
    );

    test('keeps a line that knows nothing but what it says', async () => {
      const log = await open();
      const line = aDebugLine({ mac: null, ip: null, user: null, requestId: null, details: null });
      await log.tell(acme, [line]);

      expect(await allOf(log, {})).toEqual([line]);
    });
  });
}

export function debugSwitchContract(name: string, open: () => Promise<DebugSwitch>) {
  test(`${name}: off at first, then on until a time, and each tenant's its own`, async () => {
    const switches = await open();
    expect(await switches.until(acme)).toBe(0);

    await switches.set(acme, noon + hours(1));
    expect(await switches.until(acme)).toBe(noon + hours(1));
    expect(await switches.until(globex)).toBe(0);

    await switches.set(acme, noon);
    expect(await switches.until(acme)).toBe(noon);
  });
}
