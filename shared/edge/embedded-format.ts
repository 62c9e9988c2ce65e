/**
 * Metrics as CloudWatch takes them from a log: a line of JSON in its embedded format, so that a number costs no call. Each
 * name is one series, whatever number of tenants there is; whose number it was stands in the line.
 */
import type { Measured } from '../journal/measure.ts';

export const namespace = 'Postern';
export const service = 'postern';

/** Every name that there is, and what it counts in. */
export const units: Readonly<Record<keyof Measured, 'Count' | 'Milliseconds'>> = {
  PostsAccepted: 'Count',
  PostsRefused: 'Count',
  PostsLimited: 'Count',
  PostsUnfinished: 'Count',
  LoginsRefused: 'Count',
  EntriesStored: 'Count',
  EntriesReplayed: 'Count',
  EntriesStale: 'Count',
  EntriesRefused: 'Count',
  EntriesLimited: 'Count',
  SenderRefusedInARow: 'Count',
  SenderClockSkew: 'Milliseconds',
  DeafSenders: 'Count',
  SilentSenders: 'Count',
  SendersFallenSilent: 'Count',
  FirewallsFallenSilent: 'Count',
  SendersWithClockOff: 'Count',
  SenderWatchesUnfinished: 'Count',
  PostDurableAfter: 'Milliseconds',
  DecisionTook: 'Milliseconds',
  DecisionTookCold: 'Milliseconds',
  DecisionsUnread: 'Count',
  QuestionsAsked: 'Count',
  QuestionsAnswered: 'Count',
  QuestionsUnknown: 'Count',
  QuestionsFailed: 'Count',
  QuestionsAbandoned: 'Count',
  BatchesStored: 'Count',
  BatchesFailed: 'Count',
  ThreatLogsAccepted: 'Count',
  ThreatLogsDropped: 'Count',
  ThreatLogsMalformed: 'Count',
  ThreatLogsUnacted: 'Count',
  ThreatLogsUnwritten: 'Count',
  ThreatLogsSent: 'Count',
  ThreatLogsUnsent: 'Count',
  ThreatLogsGivenUp: 'Count',
  ThreatActionsApplied: 'Count',
  ThreatActionsWaiting: 'Count',
  ThreatActionsIgnored: 'Count',
  ThreatActionsRefused: 'Count',
  ThreatActionsUnmatched: 'Count',
  HoldsReleased: 'Count',
  EventsPublished: 'Count',
  EventsUnpublished: 'Count',
  ChangeSentAfter: 'Milliseconds',
  ChangesSent: 'Count',
  ChangesAcknowledged: 'Count',
  ChangesUnacknowledged: 'Count',
  ChangesOverdue: 'Count',
  OperationSentAfter: 'Milliseconds',
  OperationsSent: 'Count',
  OperationsAcknowledged: 'Count',
  OperationsUnacknowledged: 'Count',
  DriftFound: 'Count',
  FeedPolls: 'Count',
  FeedPollsFailed: 'Count',
  FeedFailingFor: 'Milliseconds',
  FeedsOutUnmade: 'Count',
  RequestsFailed: 'Count',
  RequestsLimited: 'Count',
  AuthorizationsFailed: 'Count',
  MessagesDropped: 'Count',
};

export type Values = Partial<Record<keyof Measured, number | readonly number[]>>;

/** CloudWatch drops a metric that has more values than these in one line. */
const mostValues = 100;

/** Those of which the greatest matters, and not how many there are in all. */
const levels: ReadonlySet<keyof Measured> = new Set([
  'SenderRefusedInARow',
  'DeafSenders',
  'SilentSenders',
  'SendersFallenSilent',
  'FirewallsFallenSilent',
  'SendersWithClockOff',
  'SenderWatchesUnfinished',
  'ChangesOverdue',
]);

/** As many pieces as lines are needed: what counts is one number, and of other values each line takes no more than fit. */
export function piecesOf(measured: Values): readonly [Values, ...Values[]] {
  const whole = (Object.keys(measured) as (keyof Measured)[]).flatMap((name) => {
    const value = measured[name];
    return value === undefined ? [] : [[name, valuesOf(name, typeof value === 'number' ? [value] : value)] as const];
  });
  const most = Math.max(0, ...whole.map(([, values]) => values.length));
  const pieces = Array.from({ length: Math.ceil(most / mostValues) }, (_, piece) => {
    const some = whole.map(([name, values]) => [name, values.slice(piece * mostValues, (piece + 1) * mostValues)]);
    return Object.fromEntries(some.filter(([, values = []]) => values.length > 0)) as Values;
  });
  const [first = {}, ...rest] = pieces;
  return [first, ...rest];
}

function valuesOf(name: keyof Measured, values: readonly number[]): readonly number[] {
  if (units[name] !== 'Count' || values.length === 0) return values;
  return [levels.has(name) ? Math.max(...values) : values.reduce((sum, value) => sum + value, 0)];
}

/** The members of a line that make it one with metrics; none where there is nothing to tell. */
export function metricsOf(at: number, measured: Values): object {
  const told = (Object.keys(measured) as (keyof Measured)[]).filter((name) => measured[name] !== undefined);
  if (told.length === 0) return {};
  const Metrics = told.map((Name) => ({ Name, Unit: units[Name] }));
  const CloudWatchMetrics = [{ Namespace: namespace, Dimensions: [['service']], Metrics }];
  const values = told.map((name) => [name, singleOf(measured[name])] as const);
  return { ...Object.fromEntries(values), _aws: { Timestamp: at, CloudWatchMetrics } };
}

const singleOf = (value: number | readonly number[] | undefined) =>
  typeof value === 'object' && value.length === 1 ? value[0] : value;
