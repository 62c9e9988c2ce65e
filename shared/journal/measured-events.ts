/** What becomes of threat actions is told in the event log, and counted there: no way to act goes past it. */
import type { EventLine, EventLog, EventState } from './event-line.ts';
import type { Measure, Measured } from './measure.ts';

const names: Readonly<Record<EventState, keyof Measured | null>> = {
  applied: 'ThreatActionsApplied',
  pending: 'ThreatActionsWaiting',
  'held-for-approval': 'ThreatActionsWaiting',
  ignored: 'ThreatActionsIgnored',
  replay: 'ThreatActionsIgnored',
  stale: 'ThreatActionsIgnored',
  refused: 'ThreatActionsRefused',
  'expired-unmatched': 'ThreatActionsUnmatched',
  released: 'HoldsReleased',
  noted: null,
};

/** Counts the lines that have been written. One that is told twice, after a crash, is counted twice. */
export const measuredEvents = (log: EventLog, measure: Measure, now: () => number): EventLog => ({
  ...log,
  async tell(tenant, lines) {
    await log.tell(tenant, lines);
    measure(tenant, now(), countOf(lines));
  },
});

function countOf(lines: readonly EventLine[]): Measured {
  const counts: Partial<Record<keyof Measured, number>> = {};
  for (const name of lines.flatMap(({ state }) => names[state] ?? [])) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
