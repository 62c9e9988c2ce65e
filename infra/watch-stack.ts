import { CfnOutput, Duration, Stack, type StackProps } from 'aws-cdk-lib';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';

import { authorizerFunction, queryConcurrency } from '../shared/contract.ts';
import { AlarmTopic } from './constructs/alarm-topic.ts';
import { ofTable, ownMetric } from './constructs/metrics.ts';
import { ServiceDashboard } from './constructs/service-dashboard.ts';
import { Symptom } from './constructs/symptom.ts';
import { health, posts, tableAndQueries, threatActions } from './dashboard-rows.ts';
import type { DataStack } from './data-stack.ts';
import { sizes } from './functions.ts';
import type { ServiceStack } from './service-stack.ts';
import type { Stage } from './stage.ts';
import { ofFeeds, ofHealth, ofPosts, ofQuestions, ofThreatActions, promises, type Watched } from './symptoms.ts';
import type { WorkerStack } from './worker-stack.ts';

interface WatchStackProps extends StackProps {
  readonly stage: Stage;
  readonly data: DataStack;
  readonly workers: WorkerStack;
  readonly service: ServiceStack;
  /** Who hears of alarms; nobody where it is left out. */
  readonly alarmEmail?: string;
}

/** Says it when somebody feels something. It holds nothing and nothing waits for it, so it can go and come as a whole. */
export class WatchStack extends Stack {
  readonly #alarms: Symptom[] = [];
  readonly #topic: AlarmTopic;

  constructor(scope: Construct, id: string, { stage, data, workers, service, alarmEmail, ...props }: WatchStackProps) {
    super(scope, id, props);
    this.#topic = new AlarmTopic(this, 'Told', { stage, ...(alarmEmail !== undefined && { email: alarmEmail }) });
    const { cells, changes, connectors, logs } = workers;
    const { api } = service;
    const functions = [...workers.functions, ...service.functions];
    const tables = { Entries: data.entries, Endpoints: data.endpoints, Tenants: data.tenants, Journal: data.journal };

    const ofThreats = [...ofThreatActions, ...ofFeeds];
    for (const symptom of [...ofPosts, ...promises, ...ofQuestions, ...ofThreats, ...ofHealth(api.restApiName)]) {
      this.#watch(symptom);
    }
    for (const [name, each] of functions) this.#function(name, each);
    for (const [index, cell] of cells.entries()) this.#cell(`QueryCell${index + 1}`, cell);
    this.#changeQueue(changes);
    this.#connectorQueue(connectors);
    this.#logQueue(logs);
    for (const [name, table] of Object.entries(tables)) this.#table(name, table);

    new ServiceDashboard(this, 'Dashboard', {
      alarms: this.#alarms,
      rows: [
        posts,
        tableAndQueries(cells.map(({ queue }) => queue)),
        threatActions(changes.queue, connectors.queue, logs.queue),
        health(
          api.restApiName,
          functions.map(([, each]) => each),
          Object.values(tables),
        ),
      ],
    });
    new CfnOutput(this, 'AlarmTopicArn', { value: this.#topic.topic.topicArn });
  }

  #watch({ id, ...watched }: Watched) {
    this.#alarms.push(new Symptom(this, id, { told: this.#topic.topic, ...watched }));
  }

  /** Callers who are nobody are errors to Lambda where they are asked for: that function is watched by its time. */
  #function(name: string, each: LambdaFunction) {
    const period = Duration.minutes(5);
    this.#watch({
      id: `${name}Throttled`,
      section: 'A function is throttled',
      impact: `Invocations of ${name} are refused, as the account runs as many functions as it may: callers get 503, messages wait.`,
      metric: each.metricThrottles({ statistic: 'Sum', period }),
      atLeast: 1,
      periods: [2, 3],
    });
    if (each.node.id.toLowerCase() === authorizerFunction) {
      this.#watch({
        id: `${name}Slow`,
        section: 'Nobody can be authorized',
        impact: 'It takes so long to say who is calling that callers are answered 503.',
        metric: each.metricDuration({ statistic: 'Maximum', period }),
        atLeast: sizes[authorizerFunction].timeoutSeconds * 900,
        periods: [2, 3],
      });
      return;
    }
    this.#watch({
      id: `${name}Fails`,
      section: 'A function fails',
      impact: `${name} ends before it has answered: callers get 503, messages come again.`,
      metric: each.metricErrors({ statistic: 'Sum', period }),
      atLeast: 1,
      periods: [2, 3],
    });
  }

  #cell(name: string, { queue, deadLetters }: { readonly queue: Queue; readonly deadLetters: Queue }) {
    const period = Duration.minutes(1);
    this.#watch({
      id: `${name}Full`,
      section: 'A query cell is full',
      impact:
        'All twenty connections of a cell have been in use for five minutes: questions wait, and whoever has not been posted is decided by the default policy meanwhile.',
      metric: queue.metricApproximateNumberOfMessagesNotVisible({ statistic: 'Maximum', period }),
      atLeast: queryConcurrency,
      periods: [5, 5],
    });
    this.#watch({
      id: `${name}Behind`,
      section: 'A query cell is full',
      impact: 'Questions wait for minutes until they are asked: users who were not posted are denied meanwhile.',
      metric: queue.metricApproximateAgeOfOldestMessage({ statistic: 'Maximum', period }),
      atLeast: 300,
      periods: [5, 5],
    });
    this.#watch({
      id: `${name}Unabandoned`,
      section: 'Questions are given up',
      impact:
        'Questions that were given up are not even closed: their addresses stay marked as being asked about for a quarter of an hour.',
      metric: deadLetters.metricApproximateAgeOfOldestMessage({ statistic: 'Maximum', period }),
      atLeast: 600,
      periods: [5, 5],
    });
  }

  #changeQueue({ queue, deadLetters }: { readonly queue: Queue; readonly deadLetters: Queue }) {
    const period = Duration.minutes(1);
    this.#watch({
      id: 'ChangesBehind',
      section: 'Changes of authorization are late',
      impact: 'Endpoints wait for minutes until their switches are told: infected hosts go on talking.',
      metric: queue.metricApproximateAgeOfOldestMessage({ statistic: 'Maximum', period }),
      atLeast: 1_200, // a repeat is delayed by up to 15 minutes
      periods: [5, 5],
    });
    this.#watch({
      id: 'ChangesGivenUp',
      section: 'A change was given up',
      impact:
        'The switches of an endpoint could not be told in five attempts: a schedule tries again every minute, and fails too as long as the cause stands.',
      metric: deadLetters.metricApproximateNumberOfMessagesVisible({ statistic: 'Maximum', period }),
      atLeast: 1,
    });
  }

  #connectorQueue({ queue, deadLetters }: { readonly queue: Queue; readonly deadLetters: Queue }) {
    const period = Duration.minutes(1);
    this.#watch({
      id: 'ConnectorsBehind',
      section: 'Connectors are told late',
      impact: 'Infected hosts wait for minutes until their connectors are told: they go on talking.',
      metric: queue.metricApproximateAgeOfOldestMessage({ statistic: 'Maximum', period }),
      atLeast: 600, // a repeat is delayed by up to 5 minutes
      periods: [5, 5],
    });
    this.#watch({
      id: 'ConnectorWorkGivenUp',
      section: 'Work for connectors was given up',
      impact:
        'A host, a feed or a connector could not be seen to in five attempts: a schedule tries again, and fails too as long as the cause stands.',
      metric: deadLetters.metricApproximateNumberOfMessagesVisible({ statistic: 'Maximum', period }),
      atLeast: 1,
    });
  }

  #logQueue({ queue, deadLetters }: { readonly queue: Queue; readonly deadLetters: Queue }) {
    const period = Duration.minutes(1);
    this.#watch({
      id: 'LogsBehind',
      section: 'Threat logs are late',
      impact:
        'Threat logs wait for minutes until their ClearPass has them: it goes on letting in who attacks. After an hour they are given up.',
      metric: queue.metricApproximateAgeOfOldestMessage({ statistic: 'Maximum', period }),
      atLeast: 900, // a batch is given up when it is an hour old
      periods: [5, 5],
    });
    // The age of what is received again and again may leave out just what waits for a receiver that fails.
    this.#watch({
      id: 'LogsNotTaken',
      section: 'Threat logs are late',
      impact: 'A ClearPass has taken no threat logs for a quarter of an hour: it goes on letting in who attacks.',
      metric: ownMetric('ThreatLogsUnsent', 'Sum'),
      atLeast: 1,
      periods: [3, 3],
    });
    this.#watch({
      id: 'LogsPiledUp',
      section: 'Threat logs are late',
      impact:
        'So many requests with threat logs wait that soon no tenant’s go out: SQS looks through 120,000 for one that may go on.',
      metric: queue.metricApproximateNumberOfMessagesVisible({ statistic: 'Maximum', period }),
      atLeast: 50_000,
    });
    // Of what is given up now, not of what lies there: letters lie for days, and would hide those of the next tenant.
    this.#watch({
      id: 'LogsGivenUp',
      section: 'Threat logs were given up',
      impact:
        'A ClearPass does not take its threat logs, so that they were given up: it knows nothing of these attacks until somebody has them sent again.',
      metric: ownMetric('ThreatLogsGivenUp', 'Sum'),
      atLeast: 1,
    });
    this.#watch({
      id: 'LogsEnding',
      section: 'Threat logs were given up',
      impact:
        'Threat logs that were given up are deleted in two days, and nobody has sent them again: their ClearPass will never know of these attacks.',
      metric: deadLetters.metricApproximateAgeOfOldestMessage({ statistic: 'Maximum', period: Duration.minutes(5) }),
      atLeast: Duration.days(12).toSeconds(), // of fourteen
    });
  }

  #table(name: string, { tableName }: Table) {
    for (const metricName of ['ReadThrottleEvents', 'WriteThrottleEvents'] as const) {
      this.#watch({
        id: `${name}${metricName}`,
        section: 'DynamoDB throttles',
        impact: `The table ${name} refuses some of what is asked of it: posts are answered 503 and repeated, decisions follow the default policy.`,
        metric: ofTable(metricName, tableName),
        atLeast: 10,
        periods: [2, 3],
      });
    }
  }
}
