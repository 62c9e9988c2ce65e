/** How far what an endpoint is to have has come to its switches: the worst that is so of any open session. */
import { isUnsettled } from './changes.ts';
import type { Access, Change, Endpoint, EndpointSession } from './endpoint.ts';
import { accessOf, isSameAccess } from './holds.ts';
import { openSessions } from './sessions.ts';

export const enforcementStates = ['acknowledged', 'pending', 'failed', 'not-applicable'] as const;

export interface Enforcement {
  readonly state: (typeof enforcementStates)[number];
  /** One sentence; of a failure why, and how to mend it. */
  readonly reason: string;
}

const worstFirst = ['failed', 'pending', 'acknowledged', 'not-applicable'] as const;

export function enforcementOf(endpoint: Endpoint, now: number): Enforcement {
  const found = openSessions(endpoint, now).map((session) => ofSession(endpoint, session, now));
  const worst = worstFirst.flatMap((state) => found.find((each) => each.state === state) ?? [])[0];
  return worst ?? withoutSession(endpoint, now);
}

function ofSession(endpoint: Endpoint, session: EndpointSession, now: number): Enforcement {
  const wanted = accessOf(endpoint, now, session.key);
  const where = `The switch ${session.nas}`;
  if (isSameAccess(session.granted, wanted)) {
    return wanted.access === 'full'
      ? { state: 'not-applicable', reason: 'It is not held, and its session has full access.' }
      : { state: 'acknowledged', reason: `${where} was told at the login.` };
  }
  const change = endpoint.changes.find((each) => each.session === session.key && isSameAccess(each.wanted, wanted));
  return change ? ofChange(change, where) : { state: 'pending', reason: `${where} has yet to be told.` };
}

function ofChange({ state, attempts, errorCause, detail, repairs = 0 }: Change, where: string): Enforcement {
  const why = detail === null ? '' : ` (${detail})`;
  switch (state) {
    case 'acknowledged':
      return { state: 'acknowledged', reason: `${where} has acknowledged the change of authorization.` };
    case 'refused': {
      const cause = errorCause === null ? 'without an Error-Cause' : `with Error-Cause ${errorCause}`;
      return {
        state: 'failed',
        reason: `${where} refused the change of authorization ${cause}${why}. ${howToMend.refused}`,
      };
    }
    case 'timed-out': {
      return {
        state: 'failed',
        reason: `${where} did not answer, sent ${timesOf(attempts)}${why}. ${howToMend['timed-out']}`,
      };
    }
    case 'session-over':
      return { state: 'acknowledged', reason: `${where} does not know the session any more.` };
    case 'pending':
    case 'sent':
    case 'superseded': {
      if (repairs > 0) {
        const again = `${where} said that the session is over, and it goes on: it is told again, for the ${ordinal(repairs)} time.`;
        return repairs < hopelessRepairs ? { state: 'pending', reason: again } : { state: 'failed', reason: `${again} ${howToMend['goes-on']}` }; // prettier-ignore
      }
      const sent = attempts === 0 ? 'has yet to be told' : `has yet to answer, sent ${timesOf(attempts)}`;
      return { state: 'pending', reason: `${where} ${sent}.` };
    }
  }
}

/** What to do about a switch that refuses, or does not answer. */
export const howToMend = {
  refused: 'See that it takes dynamic requests and has the same RADIUS secret; it is sent again.',
  'timed-out': 'See that it is reached on its change port and knows this RADIUS server; it is sent again.',
  'goes-on':
    'See that its "make" is right, which says how it is asked, and that it ends sessions when it acknowledges; it is sent again.',
} as const;

/** A switch that has said so often that a session is over, which was not, will say so again. */
export const hopelessRepairs = 3;

const ordinal = (count: number) => ['first', 'second', 'third'][count - 1] ?? `${count}th`;

const timesOf = (attempts: number) => (attempts === 1 ? 'once' : `${attempts} times`);

function withoutSession({ changes, ...endpoint }: Endpoint, now: number): Enforcement {
  const wanted = accessOf({ changes, ...endpoint }, now);
  const open = changes.find((change) => isUnsettled(change) && isSameAccess(change.wanted, wanted));
  if (open) return ofChange(open, `The switch of a session that is lost, ${open.session},`);
  const isTold = ({ state, wanted: told }: Change) => isOver(state) && isSameAccess(told, wanted);
  if (isHeld(wanted) && changes.some(isTold)) {
    return { state: 'acknowledged', reason: 'Its session is over since; the next login is held.' };
  }
  const reason = isHeld(wanted) ? 'No session is open: the next login is held.' : 'It is not held.';
  return { state: 'not-applicable', reason };
}

const isHeld = ({ access }: Access) => access !== 'full';
const isOver = (state: Change['state']) => state === 'acknowledged' || state === 'session-over';
