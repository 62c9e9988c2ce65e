/** The watch: what is measured, told and written about it are one thing. */
import { readFileSync } from 'node:fs';
import type { Template } from 'aws-cdk-lib/assertions';

import { alarmEmailBy } from '../../infra/stage.ts';
import { namespace, service as ownService, units } from '../../shared/edge/embedded-format.ts';
import { resources, templates } from '../support/stacks.ts';

const { watch, workers, service, data } = templates({ queryCells: '2' });
const operations = readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8');

interface MetricStat {
  readonly Namespace: string;
  readonly MetricName: string;
  readonly Dimensions?: readonly { readonly Name: string; readonly Value: unknown }[];
}
type Query = {
  readonly Id: string;
  readonly Expression?: string;
  readonly MetricStat?: { readonly Metric: MetricStat };
};
interface AlarmProperties extends MetricStat {
  readonly AlarmName: string;
  readonly AlarmDescription: string;
  readonly AlarmActions: readonly unknown[];
  readonly Metrics?: readonly Query[];
  readonly Threshold: number;
  readonly TreatMissingData: string;
}

const alarms = [...resources(watch, 'AWS::CloudWatch::Alarm').values()].map(
  ({ Properties }) => Properties as unknown as AlarmProperties,
);
const named = alarms.map((alarm) => [alarm.AlarmName, alarm] as const);

/** What an alarm looks at. */
const metricsOf = (alarm: AlarmProperties): readonly MetricStat[] =>
  alarm.Metrics?.flatMap(({ MetricStat: stat }) => (stat ? [stat.Metric] : [])) ?? [alarm];

const sectionOf = ({ AlarmDescription }: AlarmProperties) => /docs\/operations\.md, "([^"]+)"\.$/.exec(AlarmDescription)?.[1]; // prettier-ignore

/** What AWS measures, by namespace: which names, and of what. */
const ofAws: Readonly<Record<string, { readonly names: RegExp; readonly of: Readonly<Record<string, string>> }>> = {
  'AWS/Lambda': { names: /^(Errors|Throttles|Duration)$/, of: { FunctionName: 'AWS::Lambda::Function' } },
  'AWS/SQS': {
    names: /^Approximate(NumberOfMessages(Visible|NotVisible)|AgeOfOldestMessage)$/,
    of: { QueueName: 'AWS::SQS::Queue' },
  },
  'AWS/DynamoDB': { names: /^(Read|Write)ThrottleEvents$/, of: { TableName: 'AWS::DynamoDB::Table' } },
  'AWS/ApiGateway': { names: /^(Count|4XXError|5XXError|Latency)$/, of: { ApiName: '', Stage: '' } },
};

test.each(named)('%s looks at what is measured', (_, alarm) => {
  const looked = metricsOf(alarm);

  expect(looked.length).toBeGreaterThan(0);
  expect(looked.flatMap(faultsOf)).toEqual([]);
});

test('a metric that nobody measures, and a resource that there is not, are found', () => {
  const other = [
    { Name: 'FunctionName', Value: { 'Fn::ImportValue': 'PosternService:ExportsOutputRefNobody01234567' } },
  ];

  expect(faultsOf({ Namespace: namespace, MetricName: 'PostsLost', Dimensions: own })).toEqual(['PostsLost']);
  expect(faultsOf({ Namespace: namespace, MetricName: 'PostsAccepted' })).toEqual(['PostsAccepted']);
  expect(faultsOf({ Namespace: 'AWS/Lambda', MetricName: 'Errors', Dimensions: other })).toEqual(['Errors']);
});

test.each(named)('%s says what users feel, tells somebody, and does not take silence for bad', (name, alarm) => {
  const [topic] = resources(watch, 'AWS::SNS::Topic').keys();

  expect(JSON.stringify(alarm.AlarmActions)).toContain(topic);
  expect(alarm.AlarmDescription.length).toBeLessThan(1_024);
  expect(alarm.AlarmDescription).toMatch(/^[A-Z].{50,}\. What to do: /);
  expect(alarm.TreatMissingData).toBe(name === 'Postern-SendersUnwatched' ? 'breaching' : 'notBreaching');
});

const sections = [...operations.matchAll(/^### (.+)\n([^]*?)(?=^##)/gm)].map(([, title = '', text = '']) => ({ title, text })); // prettier-ignore

test('every alarm names a section of docs/operations.md, and every section has an alarm', () => {
  expect(new Set(alarms.map(sectionOf))).toEqual(new Set(sections.map(({ title }) => title)));
});

test.each(sections.map(({ title, text }) => [title, text]))(
  '"%s" says the cause, the effect, what was done, and two safe steps',
  (_, text) => {
    const parts = ['Cause', 'Effect on users', 'What the system has done', 'Safe steps'];

    expect([...text.matchAll(/^\*\*(.+)\.\*\* ?(.*)$/gm)].map(([, part]) => part)).toEqual(parts);
    expect([...text.matchAll(/^\d\. ./gm)]).toHaveLength(2);
  },
);

const watched = (namespace: string, name: RegExp) =>
  alarms
    .flatMap(metricsOf)
    .filter(({ Namespace, MetricName }) => Namespace === namespace && name.test(MetricName))
    .flatMap(({ Dimensions = [] }) => Dimensions.map(({ Value }) => nameOf(Value)));

test('every function is watched for throttles and failures; the authorizer’s own failures are its own count', () => {
  const functions = [workers, service].flatMap((stack) => [...resources(stack, 'AWS::Lambda::Function').keys()]).sort();

  expect(watched('AWS/Lambda', /^Throttles$/).sort()).toEqual(functions);
  expect([...watched('AWS/Lambda', /^Errors$/), 'Authorize'].sort()).toEqual(functions);
  expect(watched('AWS/Lambda', /^Duration$/)).toEqual(['Authorize']);
  expect(alarms.flatMap(metricsOf).map(({ MetricName }) => MetricName)).toContain('AuthorizationsFailed');
});

test('every queue is watched, dead letters too, and every table for throttles', () => {
  const queues = [...resources(workers, 'AWS::SQS::Queue').keys()].sort();
  const tables = [...resources(data, 'AWS::DynamoDB::Table').keys()].sort();

  expect([...new Set(watched('AWS/SQS', /./))].sort()).toEqual(queues);
  expect(watched('AWS/SQS', /^ApproximateNumberOfMessagesNotVisible$/)).toEqual(['QueryCell1Queue', 'QueryCell2Queue']);
  expect(watched('AWS/DynamoDB', /^ReadThrottleEvents$/).sort()).toEqual(tables);
  expect(watched('AWS/DynamoDB', /^WriteThrottleEvents$/).sort()).toEqual(tables);
});

test('a receiver that takes nothing is told of by our own count: the age of what is received again and again may leave it out', () => {
  expect(alarms.find(({ AlarmName }) => AlarmName === 'Postern-LogsNotTaken')).toMatchObject({ MetricName: 'ThreatLogsUnsent', Statistic: 'Sum', Period: 300, Threshold: 1, EvaluationPeriods: 3, DatapointsToAlarm: 3 }); // prettier-ignore
});

test('threat logs that are given up are told of as it happens: what lies there for days hides nothing, until it is about to go', () => {
  const [{ Threshold: endsAfter } = { Threshold: 0 }] = alarms.filter(
    ({ AlarmName }) => AlarmName === 'Postern-LogsEnding',
  );
  const [letters] = [...resources(workers, 'AWS::SQS::Queue')].filter(([id]) => id.startsWith('LogsDeadLetters'));

  expect(alarms.find(({ AlarmName }) => AlarmName === 'Postern-LogsGivenUp')).toMatchObject({ MetricName: 'ThreatLogsGivenUp', Statistic: 'Sum', Period: 300, Threshold: 1, EvaluationPeriods: 1 }); // prettier-ignore
  expect(letters?.[1].Properties.MessageRetentionPeriod).toBe(endsAfter + 2 * 24 * 60 * 60);
});

test('the three promises are alarms at what is promised', () => {
  const promised = ['PostDurableAfter', 'DecisionTook', 'ChangeSentAfter'].map((name) => {
    const alarm = alarms.find(({ MetricName }) => MetricName === name) as (AlarmProperties & { ExtendedStatistic?: string }) | undefined; // prettier-ignore
    return [name, alarm?.ExtendedStatistic, alarm?.Threshold];
  });

  expect(promised).toEqual([
    ['PostDurableAfter', 'p99', 1_000],
    ['DecisionTook', 'p99', 50],
    ['ChangeSentAfter', 'p99', 5_000],
  ]);
});

test('what happens a few times a day is a symptom where it happens once, or thrice within an hour', () => {
  const rare = ['ChangeSentAfter', 'ThreatActionsUnmatched', 'ThreatActionsRefused'].map((name) =>
    alarms.find(({ MetricName }) => MetricName === name),
  );

  expect(rare).toMatchObject([
    { Period: 300, EvaluationPeriods: 1, DatapointsToAlarm: 1, Threshold: 5_000 },
    { Period: 300, EvaluationPeriods: 1, DatapointsToAlarm: 1, Threshold: 1 },
    { Period: 3_600, EvaluationPeriods: 1, DatapointsToAlarm: 1, Threshold: 3 },
  ]);
});

test('twenty in flight for five minutes is a symptom of each cell', () => {
  const full = alarms.filter(({ MetricName }) => MetricName === 'ApproximateNumberOfMessagesNotVisible');

  expect(full).toHaveLength(2);
  for (const alarm of full) {
    expect(alarm).toMatchObject({ Threshold: 20, Period: 60, EvaluationPeriods: 5, DatapointsToAlarm: 5, Statistic: 'Maximum' }); // prettier-ignore
  }
});

test('what alarms say is encrypted on its way, by a key that CloudWatch may use, of this account alone', () => {
  const [topic] = [...resources(watch, 'AWS::SNS::Topic').values()];
  const policy = JSON.stringify([...resources(watch, 'AWS::SNS::TopicPolicy').values()]);
  const key = JSON.stringify([...resources(watch, 'AWS::KMS::Key').values()]);

  expect(topic?.Properties.KmsMasterKeyId).toBeDefined();
  expect(policy).toMatch(/"aws:SecureTransport":"false".*"Effect":"Deny"/);
  for (const text of [policy, key]) {
    expect(text).toContain('"Service":"cloudwatch.amazonaws.com"');
    expect(text).toContain('"aws:SourceAccount"');
  }
});

test('alarms are sent to one address, if one is said', () => {
  const told = templates({ alarmEmail: 'ops@example.net' }).watch;

  watch.resourceCountIs('AWS::SNS::Subscription', 0);
  told.hasResourceProperties('AWS::SNS::Subscription', { Protocol: 'email', Endpoint: 'ops@example.net' });
  expect(() => alarmEmailBy('everybody')).toThrow('alarmEmail is "everybody". Say one address, as ops@example.net.');
});

describe('the dashboard', () => {
  const { widgets } = JSON.parse(bodyOf(watch)) as { widgets: { type: string; properties: Widget }[] };
  const rows = widgets.flatMap(({ properties: { markdown } }) => /^# (.+)$/m.exec(markdown ?? '')?.[1] ?? []);

  test('has four rows, and the alarms on top', () => {
    expect(widgets[0]?.type).toBe('alarm');
    expect(rows).toEqual(['Posts', 'Table and queries', 'Threat actions', 'Health']);
  });

  test('shows nothing that nobody measures, and all that our functions do', () => {
    const shown = widgets.flatMap(({ properties: { metrics = [] } }) => metrics.map(metricIn));
    const ours = shown.filter(({ Namespace }) => Namespace === namespace).map(({ MetricName }) => MetricName);

    expect(shown.length).toBeGreaterThan(80);
    expect(shown.flatMap(faultsOf)).toEqual([]);
    expect([...new Set(ours)].sort()).toEqual(Object.keys(units).filter((name) => name !== 'SendersFallenSilent').sort()); // prettier-ignore
  });
});

interface Widget {
  readonly markdown?: string;
  readonly metrics?: readonly (readonly unknown[])[];
}

const own = [{ Name: 'service', Value: ownService }];

/** Names of metrics that will never have a value. */
function faultsOf({ Namespace, MetricName, Dimensions = [] }: MetricStat): string[] {
  if (Namespace === namespace) {
    const isKnown = Object.hasOwn(units, MetricName) && JSON.stringify(Dimensions) === JSON.stringify(own);
    return isKnown ? [] : [MetricName];
  }
  const known = ofAws[Namespace];
  const isMeasured = known?.names.test(MetricName) && Dimensions.length === Object.keys(known.of).length;
  const isThere = Dimensions.every(({ Name, Value }) => {
    const type = known?.of[Name];
    if (type === '') return Value === (Name === 'Stage' ? 'live' : 'Postern');
    return type !== undefined && [workers, service, data].some((stack) => resources(stack, type).has(nameOf(Value)));
  });
  return isMeasured === true && isThere ? [] : [MetricName];
}

/** The resource that a name is imported from, as its stack calls it. */
function nameOf(value: unknown): string {
  const text =
    typeof value === 'string' ? value : ((value as Record<string, string | undefined>)['Fn::ImportValue'] ?? '');
  return /ExportsOutput(?:Ref|FnGetAtt)(\w+?)[0-9A-F]{8}/.exec(text)?.[1] ?? text;
}

/** With the names that are known only at deployment as the exports that they come from. */
function bodyOf(template: Template): string {
  const [dashboard] = [...resources(template, 'AWS::CloudWatch::Dashboard').values()];
  const { 'Fn::Join': joined } = dashboard?.Properties.DashboardBody as { 'Fn::Join': [string, unknown[]] };
  return joined[1]
    .map((part) => (typeof part === 'string' ? part : ((part as Record<string, string>)['Fn::ImportValue'] ?? 'here')))
    .join('');
}

function metricIn([Namespace, MetricName, ...rest]: readonly unknown[]): MetricStat {
  const pairs = rest.filter((each) => typeof each === 'string');
  const Dimensions = pairs.flatMap((name, index) => (index % 2 === 0 ? [{ Name: name, Value: pairs[index + 1] }] : []));
  return { Namespace: String(Namespace), MetricName: String(MetricName), Dimensions };
}
