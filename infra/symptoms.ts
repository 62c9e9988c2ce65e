/** What is watched of all tenants together: what somebody feels, and from where on. */
import { failuresOf, ownMetric, shareOf } from './constructs/metrics.ts';
import type { Watching } from './constructs/symptom.ts';

export interface Watched extends Watching {
  readonly id: string;
  /** The heading in docs/operations.md. */
  readonly section: string;
  /** What those who use the service feel of it. */
  readonly impact: string;
}

export const ofPosts: readonly Watched[] = [
  {
    id: 'PostsRefused',
    section: 'Posts are refused',
    impact: 'A fifth of all posts is refused: users who came are not known, and users who left still are.',
    metric: shareOf('Refused posts, %', 'PostsRefused', ['PostsAccepted', 'PostsRefused', 'PostsUnfinished'], 20),
    atLeast: 20,
    periods: [2, 3],
  },
  {
    id: 'PostsUnfinished',
    section: 'Posts are not stored in time',
    impact:
      'Posts are answered 503 and come again: users are known minutes late, or not at all where a sender does not repeat.',
    metric: ownMetric('PostsUnfinished', 'Sum'),
    atLeast: 5,
    periods: [2, 3],
  },
  {
    id: 'PostsLimited',
    section: 'A tenant is at its limit',
    impact:
      'A tenant posts more than it may, and is answered 503 until the next minute: its users are known late. Other tenants feel nothing.',
    metric: ownMetric('PostsLimited', 'Sum'),
    atLeast: 20,
    periods: [2, 3],
  },
  {
    id: 'EntriesLimited',
    section: 'A tenant is at its limit',
    impact:
      'A tenant has as many users as it may: whoever logs on at a new address is not known, and is decided by the default policy.',
    metric: ownMetric('EntriesLimited', 'Sum'),
    atLeast: 1,
    periods: [2, 3],
  },
  {
    id: 'SenderRefusedInARow',
    section: 'A sender is refused again and again',
    impact: 'One sender was refused ten times in a row: none of its users is known, and it does not notice.',
    metric: ownMetric('SenderRefusedInARow', 'Maximum'),
    atLeast: 10,
  },
  {
    id: 'DeafSenders',
    section: 'A sender is refused again and again',
    impact: 'A sender has been refused for minutes: none of its users is known, and it does not notice.',
    metric: ownMetric('DeafSenders', 'Maximum'),
    atLeast: 1,
    periods: [3, 3],
  },
  {
    id: 'SendersFallenSilent',
    section: 'A sender is silent',
    impact:
      'A sender has sent nothing for three times its usual gap: who came and left at its site since then is not known.',
    metric: ownMetric('SendersFallenSilent', 'Maximum'),
    atLeast: 1,
    periods: [3, 3],
  },
  {
    id: 'FirewallsFallenSilent',
    section: 'A firewall is silent',
    impact:
      'A firewall whose logs came all the time has sent none for an hour: ClearPass hears nothing of the threats that it sees.',
    metric: ownMetric('FirewallsFallenSilent', 'Maximum'),
    atLeast: 1,
    periods: [3, 3],
  },
  {
    id: 'SendersWithClockOff',
    section: 'A sender’s clock is off',
    impact:
      'The timestamps of a sender are more than a minute off: newer posts of others may lose against its older ones.',
    metric: ownMetric('SendersWithClockOff', 'Maximum'),
    atLeast: 1,
    periods: [6, 6],
  },
  {
    id: 'SendersUnwatched',
    section: 'Senders are not watched',
    impact: 'Nobody looks whether senders are refused or silent: the next one that is stays unnoticed.',
    metric: ownMetric('SenderWatchesUnfinished', 'Maximum'),
    atLeast: 1,
    periods: [3, 3],
    silence: 'is-a-symptom',
  },
];

/** What callers are promised. Percentiles of a few are those of the slowest: ten minutes must be bad, except of changes. */
export const promises: readonly Watched[] = [
  {
    id: 'PostsSlow',
    section: 'Posts take longer than a second',
    impact:
      'One post in a hundred is stored and visible only after more than a second: a user who has just logged on is denied meanwhile.',
    metric: ownMetric('PostDurableAfter', 'p99'),
    atLeast: 1_000,
    periods: [2, 3],
  },
  {
    id: 'DecisionsSlow',
    section: 'Decisions take longer than 50 ms',
    impact: 'One decision in a hundred takes longer than 50 ms of a running function: traffic waits at the firewalls.',
    metric: ownMetric('DecisionTook', 'p99'),
    atLeast: 50,
    periods: [2, 3],
  },
  {
    id: 'ChangesSlow',
    section: 'Changes of authorization are late',
    impact: 'It takes longer than 5 s from a quarantine until the switch is told: an infected host goes on talking.',
    metric: ownMetric('ChangeSentAfter', 'p99'),
    atLeast: 5_000, // there are some ten a day: one that is late is a symptom
  },
];

const questionEnds = ['QuestionsAnswered', 'QuestionsUnknown', 'QuestionsFailed'];

export const ofQuestions: readonly Watched[] = [
  {
    id: 'QuestionsFailed',
    section: 'ClearPass or JIMS does not answer',
    impact: 'Half of all questions get no answer: whoever has not been posted is decided by the default policy.',
    metric: shareOf('Questions without an answer, %', 'QuestionsFailed', questionEnds, 10),
    atLeast: 50,
    periods: [2, 3],
  },
  {
    id: 'BatchesFailed',
    section: 'ClearPass or JIMS does not answer',
    impact: 'JIMS’s batches fail: its users are known later and later, and not at all once their entries end.',
    metric: ownMetric('BatchesFailed', 'Sum'),
    atLeast: 3,
    periods: [2, 3],
  },
  {
    id: 'QuestionsAbandoned',
    section: 'Questions are given up',
    impact:
      'Questions could not be asked in five attempts: those addresses are invalid, and decided by the default policy.',
    metric: ownMetric('QuestionsAbandoned', 'Sum'),
    atLeast: 1,
  },
];

export const ofThreatActions: readonly Watched[] = [
  {
    id: 'ThreatActionsRefused',
    section: 'Threat actions are refused',
    impact: 'Threat actions are refused, three within an hour: hosts that are to be blocked or quarantined are not.',
    metric: ownMetric('ThreatActionsRefused', 'Sum', 60), // a tenant has some ten a day: too few for a share
    atLeast: 3,
  },
  {
    id: 'ThreatActionsUnmatched',
    section: 'Threat actions find nobody',
    impact: 'Threat actions named addresses that nobody was known to have: those hosts are not held.',
    metric: ownMetric('ThreatActionsUnmatched', 'Sum'),
    atLeast: 1,
  },
  {
    id: 'EventsUnpublished',
    section: 'Events are missing on the bus',
    impact: 'Events did not go out on the bus: whoever listens there has not heard what was held, cleared or refused.',
    metric: ownMetric('EventsUnpublished', 'Sum'),
    atLeast: 1,
  },
  {
    id: 'ChangesOverdue',
    section: 'Switches do not acknowledge',
    impact:
      'Switches have not acknowledged for minutes what they were told: hosts that are to be blocked are still connected, or freed ones still blocked.',
    metric: ownMetric('ChangesOverdue', 'Maximum', 1),
    atLeast: 1,
    periods: [8, 10], // each is told by one run of a schedule, and some minute has none
  },
];

export const ofFeeds: readonly Watched[] = [
  {
    id: 'FeedFailing',
    section: 'A feed fails',
    impact:
      'A feed of infected hosts has given no list for half an hour: new infected hosts of its tenant are not held, and healed ones not freed.',
    metric: ownMetric('FeedFailingFor', 'Maximum'),
    atLeast: 30 * 60_000, // it says itself for how long
  },
  {
    id: 'FeedsOutUnmade',
    section: 'The feed for firewalls is not made anew',
    impact:
      'Firewalls that poll the feed get the last one: hosts that are held since are let through, and freed ones are not.',
    metric: ownMetric('FeedsOutUnmade', 'Sum'),
    atLeast: 1,
    periods: [2, 3],
  },
];

export const ofHealth = (apiName: string): readonly Watched[] => [
  {
    id: 'RequestsFailed',
    section: 'Requests are answered 503',
    impact: 'Functions answer 503 by our own fault: senders repeat their posts, everybody else sees an error.',
    metric: ownMetric('RequestsFailed', 'Sum'),
    atLeast: 5,
    periods: [2, 3],
  },
  {
    id: 'ApiFails',
    section: 'Requests are answered 503',
    impact:
      'API Gateway answers 5XX, also where no function was reached: senders repeat their posts, everybody else sees an error.',
    metric: failuresOf(apiName),
    atLeast: 5,
    periods: [2, 3],
  },
  {
    id: 'DecisionsUnread',
    section: 'Decisions follow the default policy',
    impact: 'Who is there, or held, cannot be read: flows for which that matters are decided by the default policy.',
    metric: ownMetric('DecisionsUnread', 'Sum'),
    atLeast: 5,
    periods: [2, 3],
  },
  {
    id: 'AuthorizationsFailed',
    section: 'Nobody can be authorized',
    impact:
      'It cannot be said who is calling: whoever called in the last minute is let in still, everybody else is answered 503.',
    metric: ownMetric('AuthorizationsFailed', 'Sum'),
    atLeast: 3,
  },
  {
    id: 'MessagesDropped',
    section: 'A message could not be read',
    impact:
      'A message that none of our functions can read was let go: a question, or a change of authorization, is not acted on until it is asked anew.',
    metric: ownMetric('MessagesDropped', 'Sum'),
    atLeast: 1,
  },
];
