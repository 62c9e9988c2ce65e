/**
 * The one sentence about an endpoint that somebody needs first: by what it is held, or why it is not. Rules in the order
 * in which they count; the first that has something to say says it. Codes are part of the API: add some, never rename one.
 */
import type { Approval } from '../admission/approval.ts';
import type { Endpoint, Reason } from '../endpoints/endpoint.ts';
import { enforcementOf } from '../endpoints/enforcement.ts';
import { accessOf, reasonsAt } from '../endpoints/holds.ts';
import type { Mac } from '../endpoints/mac.ts';
import type { EventLine } from '../journal/event-line.ts';
import type { Conclusion } from './facts.ts';
import { moment } from './words.ts';

export type EndpointCode =
  | 'blocked'
  | 'quarantined'
  | 'waiting'
  | 'held-for-approval'
  | 'cleared'
  | 'undone'
  | 'released'
  | 'hold-over'
  | 'not-applied'
  | 'never-held'
  | 'never-heard-of';

export interface EndpointFacts {
  readonly mac: Mac;
  readonly now: number;
  readonly endpoint: Endpoint | undefined;
  /** The newest first. */
  readonly events: readonly EventLine[];
  /** Open ones that may mean it. */
  readonly approvals: readonly Approval[];
}

type Rule = (facts: EndpointFacts) => Conclusion<EndpointCode> | undefined;

export function concludeEndpoint(facts: EndpointFacts): Conclusion<EndpointCode> {
  for (const rule of rules) {
    const found = rule(facts);
    if (found) return found;
  }
  return neverHeld(facts);
}

/** Blocked outranks: of what it is quarantined for besides, the reasons tell. */
const held: Rule = ({ mac, now, endpoint, events }) => {
  if (endpoint === undefined) return undefined;
  const reasons = reasonsAt(endpoint, now);
  const access = accessOf(endpoint, now);
  if (access.access === 'full') return undefined;
  const decisive = reasons.filter(({ hold }) => hold === access.access);
  const newest = decisive.at(-1);
  if (newest === undefined) return undefined;
  const as = access.access === 'quarantined' ? `quarantined as "${access.role}"` : 'blocked';
  const others = reasons.length - 1;
  const more =
    others === 0 ? '' : ` ${others === 1 ? 'One other reason stands' : `${others} other reasons stand`} beside it.`;
  return {
    code: access.access,
    answer: `${mac} is ${as}: ${because(newest, now, events)}${more}${switches(endpoint, now)}`,
  };
};

/** Why a reason stands: who sent what when, for which threat, the policy that acted on it, and who had to approve it. */
export function because(reason: Reason, now: number, events: readonly EventLine[] = []): string {
  const { sender, event, threatName, severity, policy, since, until, session, note } = reason;
  const who = {
    client: `the client "${sender.name}" sent ${event}`,
    feed: `the feed "${sender.name}" lists it (${event})`,
    operator: `the operator "${sender.name}" did it by hand`,
  }[sender.kind];
  const threat = [threatName === null ? '' : `threat "${threatName}"`, severity === null ? '' : `severity ${severity}`].filter(Boolean); // prettier-ignore
  const acted = policy === null ? '' : `; the policy "${policy}" acted on it`;
  const ends = [
    approvedAfter(reason, now, events),
    until === null ? '' : `It ends by itself ${moment(until, now)}.`,
    session === null ? '' : `It is for the session ${session} only.`,
    note === null ? '' : `Its note: ${note}`,
  ].filter(Boolean);
  const told = `${who} ${moment(since, now)}${threat.length === 0 ? '' : ` (${threat.join(', ')})`}${acted}.`;
  return [told, ...ends].join(' ');
}

/** What a guard held is told with who let it pass. */
function approvedAfter({ eventId }: Reason, now: number, events: readonly EventLine[]): string {
  const ofEvent = eventId === null ? [] : events.filter((line) => line.eventId === eventId);
  const approved = ofEvent.find(({ event }) => event === 'operator-approve');
  if (approved === undefined) return '';
  const held = ofEvent.find(({ state }) => state === 'held-for-approval');
  const guard = held === undefined ? 'A guard had held it' : `The guard "${held.code}" had held it`;
  return `${guard}, and the operator "${approved.sender.name ?? ''}" approved it ${moment(approved.at, now)}.`;
}

function switches(endpoint: Endpoint, now: number): string {
  const { state, reason } = enforcementOf(endpoint, now);
  return state === 'failed' || state === 'pending' ? ` ${reason}` : '';
}

const waiting: Rule = ({ mac, now, endpoint }) => {
  const [first] = endpoint?.waiting ?? [];
  if (first === undefined) return undefined;
  const { message, client, receivedAt } = first;
  return {
    code: 'waiting',
    answer: `${mac} is not held yet: ${message.event} of "${client}", which came ${moment(receivedAt, now)}, waits for its next login, as the policy depends on the roles.`,
  };
};

const undecided: Rule = ({ mac, now, approvals: [first] }) => {
  if (first?.subject.kind !== 'message') return undefined;
  const { id, openedAt, reason, subject } = first;
  const { message, client } = subject.received;
  const sent = `${message.event} of "${client}", which came ${moment(openedAt, now)}`;
  const others = subject.macs.filter((each) => each !== mac).join(' or ');
  const why: Readonly<Partial<Record<typeof reason, string>>> = {
    'blast-radius': 'went beyond the automatic actions that ten minutes may have',
    'shared-address': `names only ${message.endpointIp}, which many devices share`,
  };
  const told = why[reason] ?? `may mean it or ${others}, as both had ${message.endpointIp}`;
  const what = reason in why ? 'has it done' : 'says whom';
  return { code: 'held-for-approval', answer: `${mac} is not held: ${sent}, ${told}. POST /v1/approvals/${id}/approve ${what}.` }; // prettier-ignore
};

/** The newest line that says what became of a hold. */
const lastLine: Rule = ({ mac, now, events, endpoint }) => {
  for (const line of events) {
    const told = ofLine(line, mac, now);
    if (told) return { ...told, answer: `${told.answer}${endpoint ? switches(endpoint, now) : ''}` };
  }
  return undefined;
};

function ofLine(line: EventLine, mac: Mac, now: number): Conclusion<EndpointCode> | undefined {
  const when = moment(line.at, now);
  const by = senderOf(line);
  const free = `${mac} is not held`;
  if (line.code === 'cleared') return { code: 'cleared', answer: `${free}: ${by} cleared it ${when}.` };
  if (line.code === 'undone')
    return { code: 'undone', answer: `${free}: ${by} took back what "${line.undo ?? ''}" had done ${when}.` };
  if (line.code === 'nothing-to-clear' || isBesides(line)) return undefined;
  switch (line.state) {
    case 'released':
      return { code: 'released', answer: `${free}: its hold ended by itself ${when}. ${line.message}` };
    case 'held-for-approval': {
      const mend = 'GET /v1/approvals lists it, to be approved or rejected.';
      return { code: 'held-for-approval', answer: `${free}: what ${by} sent ${when} waits for approval. ${line.message} ${mend}` }; // prettier-ignore
    }
    case 'applied':
      return { code: 'hold-over', answer: `${free}: that of ${by} of ${when} is over, as its time or its session is.` };
    case 'ignored':
    case 'stale':
    case 'refused':
    case 'pending':
    case 'expired-unmatched':
      return { code: 'not-applied', answer: `${free}: what ${by} sent ${when} was not applied (${line.state}, ${line.code}). ${line.message}` }; // prettier-ignore
    case 'replay':
      return undefined;
  }
}

/** Acts that hold nothing and free nothing. */
const isBesides = ({ event, action }: EventLine) =>
  event === 'operator-address' ||
  event === 'operator-terminate' ||
  event === 'operator-investigation' ||
  action === 'terminate-session';

const senderOf = ({ sender: { kind, name } }: EventLine) =>
  ({
    client: `the client "${name ?? ''}"`,
    feed: `the feed "${name ?? ''}"`,
    operator: `the operator "${name ?? ''}"`,
    postern: 'Postern itself',
  })[kind];

const neverHeardOf: Rule = ({ mac, endpoint }) =>
  endpoint
    ? undefined
    : {
        code: 'never-heard-of',
        answer: `Nobody ever told of ${mac}: it never logged in here, and no event named it or an address of its. See that its switch is a RADIUS client here and sends accounting.`,
      };

const neverHeld = ({ mac }: EndpointFacts): Conclusion<EndpointCode> => ({
  code: 'never-held',
  answer: `${mac} is not held, and no event about it is in the log. See GET /v1/events for events that named an address it did not have.`,
});

const rules: readonly Rule[] = [held, waiting, undecided, lastLine, neverHeardOf];
