/** What is measured, under the names that it has in CloudWatch. What there is none of is not told. */
import type { TenantId } from '../tenancy/tenant.ts';
import type { Receipt } from './receipt.ts';

export interface Measured {
  readonly PostsAccepted?: number;
  readonly PostsRefused?: number;
  /** Not all of it was stored in time, by our fault: it is to be repeated. */
  readonly PostsUnfinished?: number;
  /** Refused, to be repeated: the tenant has posted as much as it may. */
  readonly PostsLimited?: number;
  readonly LoginsRefused?: number;
  readonly EntriesStored?: number;
  readonly EntriesReplayed?: number;
  readonly EntriesStale?: number;
  readonly EntriesRefused?: number;
  /** Of those refused: the tenant has as many entries as it may. */
  readonly EntriesLimited?: number;
  /** Of the sender whose post was refused: how many in a row by now. */
  readonly SenderRefusedInARow?: number;
  /** Milliseconds ahead. */
  readonly SenderClockSkew?: number;
  readonly DeafSenders?: number;
  readonly SilentSenders?: number;
  /** Of these, those that fell silent within the hour: who has gone for good is no news. */
  readonly SendersFallenSilent?: number;
  /** Firewalls whose logs came all the time, and that fell silent within the hour before the last. */
  readonly FirewallsFallenSilent?: number;
  readonly SendersWithClockOff?: number;
  /** Of the provider: 1 where a watch did not reach the senders of all tenants. */
  readonly SenderWatchesUnfinished?: number;

  /** Milliseconds from when API Gateway had a post until it was stored and answered. */
  readonly PostDurableAfter?: number;
  /** Milliseconds that decisions took in a function that was running already. */
  readonly DecisionTook?: number;
  /** The same where the function had to be started first. */
  readonly DecisionTookCold?: number;
  /** Calls in which entries, sources or holds could not be read: the default policy decided. */
  readonly DecisionsUnread?: number;

  /** ClearPass or JIMS was asked about an address: over a socket, whatever came of it. */
  readonly QuestionsAsked?: number;
  /** Ended with a user, with nobody, or with no answer. */
  readonly QuestionsAnswered?: number;
  readonly QuestionsUnknown?: number;
  readonly QuestionsFailed?: number;
  /** Given up: no worker could finish them. */
  readonly QuestionsAbandoned?: number;
  readonly BatchesStored?: number;
  readonly BatchesFailed?: number;

  /** Threat logs that may go on, those beyond the limit of their second, and lines that could not be read. */
  readonly ThreatLogsAccepted?: number;
  readonly ThreatLogsDropped?: number;
  readonly ThreatLogsMalformed?: number;
  /** They were to be threat actions, and a request had no room or time for them. */
  readonly ThreatLogsUnacted?: number;
  /** What could not be written of a request whose lines are on their way: its counts, or who it was. */
  readonly ThreatLogsUnwritten?: number;
  /** What went out to ClearPass, what did not (it is tried again), and what will not: it lies with the dead letters. */
  readonly ThreatLogsSent?: number;
  readonly ThreatLogsUnsent?: number;
  readonly ThreatLogsGivenUp?: number;

  readonly ThreatActionsApplied?: number;
  /** For an address that nobody is known to have yet, or for an operator's approval. */
  readonly ThreatActionsWaiting?: number;
  /** Repeated, too old, or for nobody by policy. */
  readonly ThreatActionsIgnored?: number;
  readonly ThreatActionsRefused?: number;
  /** They waited, and nobody was known to have the address in their time. */
  readonly ThreatActionsUnmatched?: number;
  /** Holds that ended by themselves. */
  readonly HoldsReleased?: number;
  /** Lines of the event log that went out on the bus, and those that it did not take. */
  readonly EventsPublished?: number;
  readonly EventsUnpublished?: number;

  /** Milliseconds from when a change of authorization was wanted until it was first sent, or handed to the site. */
  readonly ChangeSentAfter?: number;
  readonly ChangesSent?: number;
  readonly ChangesAcknowledged?: number;
  /** A switch said no, or nothing. */
  readonly ChangesUnacknowledged?: number;
  /** Endpoints of which a switch has not acknowledged for a minute what it is to do. */
  readonly ChangesOverdue?: number;

  /** Milliseconds from when a connector had to be told of a host until it was first told. */
  readonly OperationSentAfter?: number;
  readonly OperationsSent?: number;
  readonly OperationsAcknowledged?: number;
  /** The system behind a connector refused, failed, or did not answer. */
  readonly OperationsUnacknowledged?: number;
  /** Hosts, or sessions, that were otherwise than they had been told to be. */
  readonly DriftFound?: number;

  /** A feed was asked for its list. */
  readonly FeedPolls?: number;
  /** It gave none that could be read. */
  readonly FeedPollsFailed?: number;
  /** Of a poll that failed: milliseconds since the first in a row that did. */
  readonly FeedFailingFor?: number;

  /** The feed for firewalls could not be made anew: the last one was served. */
  readonly FeedsOutUnmade?: number;

  /** Answered 503, for whatever reason but the next. */
  readonly RequestsFailed?: number;
  /** Answered 503, as the tenant is at a limit of its own. */
  readonly RequestsLimited?: number;
  /** Nobody could say who is calling, by our fault. */
  readonly AuthorizationsFailed?: number;
  /** Could not be read, and so never succeed. */
  readonly MessagesDropped?: number;
}

/** `tenant` and `about` are written beside the numbers, to be searched for; no series is made of them. */
export type Measure = (
  tenant: TenantId,
  at: number,
  measured: Measured,
  about?: Readonly<Record<string, string>>,
) => void;

export function measuredOf(receipt: Receipt, refusedInARow: number): Measured {
  const { kind, status, code, counts, clockSkewMs, remarkCounts } = receipt;
  const row = status === 'refused' && refusedInARow > 0 ? { SenderRefusedInARow: refusedInARow } : {};
  if (kind === 'login') return { LoginsRefused: 1, ...row };
  if (code === 'tenant-limit') return row; // such a post is counted where it is refused, as it may leave no receipt
  return {
    ...(status === 'refused' ? { PostsRefused: 1 } : code === 'busy' ? { PostsUnfinished: 1 } : { PostsAccepted: 1 }),
    ...some('EntriesStored', counts?.stored),
    ...some('EntriesReplayed', counts?.replayed),
    ...some('EntriesStale', counts?.stale),
    ...some('EntriesRefused', counts?.refused),
    ...some('EntriesLimited', remarkCounts['entry-limit']),
    ...(clockSkewMs !== undefined && { SenderClockSkew: clockSkewMs }),
    ...row,
  };
}

const some = (name: keyof Measured, count = 0) => (count > 0 ? { [name]: count } : {});

interface Took {
  readonly status: number;
  readonly ms: number;
  readonly sinceArrivalMs: number;
  readonly start: 'cold' | 'warm';
}

/** A post that was refused stored nothing. */
export const postTook = ({ status, sinceArrivalMs }: Took): Measured =>
  status < 400 ? { PostDurableAfter: sinceArrivalMs } : {};

export const decisionTook = ({ status, ms, start }: Took): Measured =>
  status >= 400 ? {} : start === 'warm' ? { DecisionTook: ms } : { DecisionTookCold: ms };
