/** Answers in the vendor's envelope. What became of an event is told beside it, so that nobody has to read sentences. */
import type { ThreatAnswer } from '../../shared/admission/receive.ts';
import type { EventState } from '../../shared/journal/event-line.ts';
import { type Answer, json } from '../../shared/edge/http.ts';
import { statuses } from '../../shared/service-error.ts';
import { informed, warned } from '../../shared/wire/pulse/envelope.ts';

export function eventAnswer(told: ThreatAnswer): Answer {
  return json(statusOf(told), documentOf(told), statusOf(told) === 503 ? { 'Retry-After': '5' } : {});
}

/** Of several lines each has its answer; the status is 200 if any was taken, and 503 if any is to be sent again. */
export function linesAnswer(told: readonly ThreatAnswer[]): Answer {
  const found = told.map(statusOf);
  const status = found.includes(503) ? 503 : found.includes(200) ? 200 : (found[0] ?? 200);
  const results = told.map((each) => ({ status: statusOf(each), ...documentOf(each) }));
  return json(status, { received: told.length, results }, status === 503 ? { 'Retry-After': '5' } : {});
}

const statusOf = ({ fault }: ThreatAnswer): number => (fault ? statuses[fault.code] : 200);

function documentOf({ answer, eventId, fault }: ThreatAnswer) {
  if (fault) return { ...warned([fault.message]), code: fault.code };
  const { state, was, code, message, mac, ip, operations } = answer;
  return {
    ...informed([message]),
    eventId,
    endpoint: { mac, ip },
    state: shown(state),
    ...(was !== undefined && { was: shown(was) }),
    code,
    operations,
  };
}

/** To its sender an event that came too late is one that is not acted on. */
const shown = (state: EventState) => (state === 'stale' ? 'ignored' : state);
