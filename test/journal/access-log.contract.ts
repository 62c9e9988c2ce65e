/** What every AccessLog promises. Run against the fake and against each engine, so that the fake cannot drift. */
import type { AccessFilter, AccessLine, AccessLog } from '../../shared/journal/access-line.ts';
import { anAccessLine } from '../support/log-lines.ts';
import { desk } from '../support/observations.ts';
import { logContract, sharedFilters } from './log.contract.ts';

const withIp = (told: Partial<AccessLine> = {}) => anAccessLine({ ip: desk, ...told });

export function accessLogContract(name: string, open: () => Promise<AccessLog>) {
  describe(name, () => {
    logContract<AccessLine, AccessFilter>(open, withIp, {
      ...sharedFilters,
      realm: [{ realm: 'Users' }, { realm: 'Guests' }],
      result: [{ result: 'accepted' }, { result: 'rejected' }],
    });
  });
}
