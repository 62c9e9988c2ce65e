/** What the dashboard shows: four subjects, a row each. */
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { Queue } from 'aws-cdk-lib/aws-sqs';

import { queryConcurrency } from '../shared/contract.ts';
import { ofApi, ofTable, ownMetric } from './constructs/metrics.ts';
import type { Row } from './constructs/service-dashboard.ts';

const sums = (...names: readonly string[]) => names.map((name) => ownMetric(name, 'Sum'));
const greatest = (...names: readonly string[]) => names.map((name) => ownMetric(name, 'Maximum'));

export const posts: Row = {
  title: 'Posts',
  text: 'Who tells us who is there. Refused posts are found by tenant in the log and in the receipts.',
  graphs: [
    { title: 'Posts', left: sums('PostsAccepted', 'PostsRefused', 'PostsUnfinished', 'PostsLimited', 'LoginsRefused') },
    {
      title: 'Stored and visible after, ms (promise: p99 under 1,000)',
      left: [ownMetric('PostDurableAfter', 'p50'), ownMetric('PostDurableAfter', 'p99')],
    },
    {
      title: 'Senders',
      left: greatest(
        'DeafSenders',
        'SilentSenders',
        'FirewallsFallenSilent',
        'SendersWithClockOff',
        'SenderRefusedInARow',
      ),
    },
    {
      title: 'Clocks of senders ahead, ms',
      left: [ownMetric('SenderClockSkew', 'p50'), ownMetric('SenderClockSkew', 'p99')],
    },
  ],
};

export const tableAndQueries = (cells: readonly Queue[]): Row => ({
  title: 'Table and queries',
  text: 'What is known, what is decided by it, and whom we ask where nobody has told.',
  graphs: [
    {
      title: 'Entries of posts',
      left: sums('EntriesStored', 'EntriesReplayed', 'EntriesStale', 'EntriesRefused', 'EntriesLimited'),
    },
    {
      title: 'Decisions took, ms (promise: warm p99 under 50)',
      left: [ownMetric('DecisionTook', 'p50'), ownMetric('DecisionTook', 'p99')],
      right: [ownMetric('DecisionTookCold', 'p99')],
    },
    {
      title: 'Questions',
      left: sums('QuestionsAsked', 'QuestionsAnswered', 'QuestionsUnknown', 'QuestionsFailed', 'QuestionsAbandoned'),
      right: sums('BatchesStored', 'BatchesFailed'),
    },
    {
      title: `Questions in flight (at most ${queryConcurrency} a cell) and waiting`,
      left: cells.map((queue) => queue.metricApproximateNumberOfMessagesNotVisible({ statistic: 'Maximum' })),
      right: cells.map((queue) => queue.metricApproximateNumberOfMessagesVisible({ statistic: 'Maximum' })),
    },
  ],
});

export const threatActions = (changes: Queue, connectors: Queue, logs: Queue): Row => ({
  title: 'Threat actions',
  text: 'Who is to be kept out, and whether the switches have heard of it; and what ClearPass is told of attacks.',
  graphs: [
    {
      title: 'Threat actions',
      left: sums(
        'ThreatActionsApplied',
        'ThreatActionsWaiting',
        'ThreatActionsIgnored',
        'ThreatActionsRefused',
        'ThreatActionsUnmatched',
        'HoldsReleased',
      ),
    },
    {
      title: 'Threat logs',
      left: sums(
        'ThreatLogsAccepted',
        'ThreatLogsSent',
        'ThreatLogsUnsent',
        'ThreatLogsGivenUp',
        'ThreatLogsDropped',
        'ThreatLogsMalformed',
        'ThreatLogsUnacted',
        'ThreatLogsUnwritten',
      ),
      right: [logs.metricApproximateAgeOfOldestMessage({ statistic: 'Maximum' })],
    },
    {
      title: 'Change sent after, ms (promise: under 5,000)',
      left: [ownMetric('ChangeSentAfter', 'p50'), ownMetric('ChangeSentAfter', 'p99')],
    },
    {
      title: 'Changes of authorization',
      left: sums('ChangesSent', 'ChangesAcknowledged', 'ChangesUnacknowledged'),
      right: [ownMetric('ChangesOverdue', 'Maximum', 1)],
    },
    { title: 'Events out, on the bus', left: sums('EventsPublished', 'EventsUnpublished') },
    {
      title: 'Feeds asked, and how long one has failed, ms',
      left: sums('FeedPolls', 'FeedPollsFailed'),
      right: greatest('FeedFailingFor'),
    },
    { title: 'Feeds for firewalls that could not be made anew', left: sums('FeedsOutUnmade') },
    {
      title: 'Endpoints waiting to be told',
      left: [changes.metricApproximateNumberOfMessagesVisible({ statistic: 'Maximum' })],
      right: [changes.metricApproximateAgeOfOldestMessage({ statistic: 'Maximum' })],
    },
    {
      title: 'Connectors told of a host after, ms',
      left: [ownMetric('OperationSentAfter', 'p50'), ownMetric('OperationSentAfter', 'p99')],
      right: [connectors.metricApproximateAgeOfOldestMessage({ statistic: 'Maximum' })],
    },
    {
      title: 'Operations of connectors',
      left: sums('OperationsSent', 'OperationsAcknowledged', 'OperationsUnacknowledged'),
      right: sums('DriftFound'),
    },
  ],
});

export const health = (apiName: string, functions: readonly LambdaFunction[], tables: readonly Table[]): Row => ({
  title: 'Health',
  text: 'Whether the service itself is well. Calls of GET /v1/radius/changes wait for seconds on purpose.',
  graphs: [
    {
      title: 'Requests',
      left: ['Count', '4XXError', '5XXError'].map((name) => ofApi(name, 'Sum', apiName)),
      right: [ofApi('Latency', 'p50', apiName), ofApi('Latency', 'p99', apiName)],
    },
    {
      title: 'Failures',
      left: sums('RequestsFailed', 'RequestsLimited', 'DecisionsUnread', 'AuthorizationsFailed', 'MessagesDropped'),
      right: greatest('SenderWatchesUnfinished'),
    },
    {
      title: 'Functions: errors and throttles',
      left: functions.map((each) => each.metricErrors({ statistic: 'Sum', label: each.node.id })),
      right: functions.map((each) => each.metricThrottles({ statistic: 'Sum', label: each.node.id })),
    },
    {
      title: 'Tables: throttled reads and writes',
      left: tables.map(({ tableName, node }) => ofTable('ReadThrottleEvents', tableName).with({ label: node.id })),
      right: tables.map(({ tableName, node }) => ofTable('WriteThrottleEvents', tableName).with({ label: node.id })),
    },
  ],
});
