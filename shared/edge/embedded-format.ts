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
  SendersWithClockOff: 'Count',
  SenderWatchesUnfinished: 'Count',
  PostDurableAfter: 'Milliseconds',
  DecisionTook: 'Milliseconds',
  DecisionTookCold: 'Milliseconds',
  QuestionsAsked: 'Count',
  QuestionsAnswered: 'Count',
  QuestionsUnknown: 'Count',
  QuestionsFailed: 'Count',
  QuestionsAbandoned: 'Count',
  BatchesStored: 'Count',
  BatchesFailed: 'Count',
  ThreatActionsApplied: 'Count',
  ThreatActionsWaiting: 'Count',
  ThreatActionsIgnored: 'Count',
  ThreatActionsRefused: 'Count',
  ThreatActionsUnmatched: 'Count',
  HoldsReleased: 'Count',
  ChangeSentAfter: 'Milliseconds',
  ChangesSent: 'Count',
  ChangesAcknowledged: 'Count',
  ChangesUnacknowledged: 'Count',
  ChangesOverdue: 'Count',
  RequestsFailed: 'Count',
  AuthorizationsFailed: 'Count',
  MessagesDropped: 'Count',
};

/** The members of a line that make it one with metrics; none where there is nothing to tell. */
export function metricsOf(at: number, measured: Partial<Record<keyof Measured, number | readonly number[]>>): object {
  const told = (Object.keys(measured) as (keyof Measured)[]).filter((name) => measured[name] !== undefined);
  if (told.length === 0) return {};
  const Metrics = told.map((Name) => ({ Name, Unit: units[Name] }));
  const CloudWatchMetrics = [{ Namespace: namespace, Dimensions: [['service']], Metrics }];
  const values = told.map((name) => [name, singleOf(measured[name])] as const);
  return { ...Object.fromEntries(values), _aws: { Timestamp: at, CloudWatchMetrics } };
}

const singleOf = (value: number | readonly number[] | undefined) =>
  typeof value === 'object' && value.length === 1 ? value[0] : value;
