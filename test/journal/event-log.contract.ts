/** What every EventLog promises. Run against the fake and against each engine, so that the fake cannot drift. */
import type { EventFilter, EventLine, EventLog } from '../../shared/journal/event-line.ts';
import { anEventLine, laptop } from '../support/log-lines.ts';
import { acme } from '../support/observations.ts';
import { allOf, logContract, sharedFilters } from './log.contract.ts';

const feed = { sender: { kind: 'feed', name: 'atp-cloud' }, credentialName: null } as const;

export function eventLogContract(name: string, open: () => Promise<EventLog>) {
  describe(name, () => {
    logContract<EventLine, EventFilter>(open, anEventLine, {
      ...sharedFilters,
      state: [{ state: 'applied' }, { state: 'refused' }],
      event: [{ event: 'quarantine-endpoint' }, { event: null }],
      'name of the sender': [{ sender: 'policy-enforcer' }, feed],
      'kind of the sender': [{ sender: 'client' }, feed],
      'name of the credential': [{ sender: 'pe' }, feed],
      'MAC and state': [{ mac: laptop, state: 'applied' }, { state: 'replay' }],
    });

    test('keeps lines that know nothing of an endpoint', async () => {
      const log = await open();
      const nothing = { event: null, eventId: null, occurredAt: null, mac: null, ip: null, user: null };
      const line = anEventLine({ state: 'refused', ...nothing, flags: [], changes: [], severity: null, role: null });
      await log.tell(acme, [line]);

      expect(await allOf(log, {})).toEqual([line]);
      expect(await allOf(log, { mac: laptop })).toEqual([]);
      expect(await allOf(log, { user: 'alice' })).toEqual([]);
    });
  });
}
