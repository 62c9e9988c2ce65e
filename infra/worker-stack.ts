import { Duration } from 'aws-cdk-lib';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';

import { variables } from '../shared/contract.ts';
import { QueryCell } from './constructs/query-cell.ts';
import { Schedule } from './constructs/schedule.ts';
import type { Network } from './constructs/service-function.ts';
import { WorkQueue } from './constructs/work-queue.ts';
import type { DataStack } from './data-stack.ts';
import { FunctionStack, type FunctionStackProps } from './function-stack.ts';
import {
  advancing,
  inBatches,
  ofCredentials,
  ofDebugLogs,
  ofProvider,
  ofRounds,
  ofServers,
  ofSources,
  ofTenants,
  ofThreatLogs,
  pinning,
  settling,
  telling,
} from './grants.ts';
import type { Asking } from './stage.ts';

interface WorkerStackProps extends FunctionStackProps {
  readonly data: DataStack;
  /** Where the functions are that connect to systems of tenants; anywhere, where it is left out. */
  readonly network: Network | undefined;
  readonly asking: Asking;
}

/** What nobody waits for at the API: the functions that messages and schedules call, and the queues between. */
export class WorkerStack extends FunctionStack {
  readonly cells: readonly QueryCell[];
  /** Names endpoints whose switches have to be told something. */
  readonly changes: WorkQueue;
  /** Names hosts that connectors have to be told of, and what else is to be asked of other systems. */
  readonly connectors: WorkQueue;
  /** Threat logs on their way to ClearPass. */
  readonly logs: WorkQueue;

  constructor(scope: Construct, id: string, { data, network, asking, ...props }: WorkerStackProps) {
    super(scope, id, props);
    const { entries, endpoints, tenants, journal, secretsKey, bus } = data;
    /** What connects to systems of tenants, and comes back to a question for as long as it takes. */
    const connecting = { loops: 'sends-itself-messages', network } as const;

    const queryClearPass = this.make('QueryClearPass', 'query-clearpass', connecting);
    const abandonQueries = this.make('AbandonQueries', 'abandon-queries');
    const wakeBatchQueries = this.make('WakeBatchQueries', 'wake-batch-queries');
    const tendEndpoints = this.make('TendEndpoints', 'tend-endpoints');
    const eraseTenants = this.make('EraseTenants', 'erase-tenants');
    const watchSenders = this.make('WatchSenders', 'watch-senders');
    const sendChanges = this.make('SendChanges', 'send-changes', connecting);
    const actOnHosts = this.make('ActOnHosts', 'act-on-hosts', connecting);
    const wakeConnectors = this.make('WakeConnectors', 'wake-connectors');
    const forwardLogs = this.make('ForwardLogs', 'forward-logs', { network });

    this.cells = Array.from(
      { length: asking.cells },
      (_, index) => new QueryCell(this, `QueryCell${index + 1}`, { worker: queryClearPass, abandoner: abandonQueries }),
    );
    this.changes = new WorkQueue(this, 'Changes', {
      worker: sendChanges,
      variable: variables.changesQueue,
      mostAtOnce: 20,
    });
    this.connectors = new WorkQueue(this, 'Connectors', {
      worker: actOnHosts,
      variable: variables.connectorsQueue,
      mostAtOnce: 20,
    });

    this.logs = new WorkQueue(this, 'Logs', {
      worker: forwardLogs,
      variable: variables.logsQueue,
      mostAtOnce: 100, // a tenant at its limit holds one all the time, mostly waiting
      order: 'first-in-first-out',
    });

    // EventBridge takes five targets a rule.
    new Schedule(this, 'EveryMinute', {
      every: Duration.minutes(1),
      workers: [wakeBatchQueries, tendEndpoints, eraseTenants, wakeConnectors],
    });
    new Schedule(this, 'EveryFiveMinutes', { every: Duration.minutes(5), workers: [watchSenders] });

    entries.allow(queryClearPass, { actions: [...settling, ...inBatches] }); // a batch of JIMS holds up to a thousand
    endpoints.allow(queryClearPass, { actions: [...advancing, 'Query'] });
    tenants.allow(queryClearPass, { actions: ['GetItem', 'UpdateItem'], on: ofTenants });
    tenants.allow(queryClearPass, { actions: pinning, on: ofServers });
    journal.allow(queryClearPass, { actions: [...telling, 'PutItem'] }); // a story, the event log
    journal.allow(queryClearPass, { actions: ['GetItem', 'PutItem'], on: ofSources });
    secretsKey.grant(queryClearPass, 'kms:Encrypt', 'kms:Decrypt'); // it opens client secrets and keeps tokens

    entries.allow(abandonQueries, { actions: settling });
    tenants.allow(abandonQueries, { actions: ['GetItem'], on: ofTenants });
    journal.allow(abandonQueries, { actions: telling });

    tenants.allow(wakeBatchQueries, { actions: ['GetItem', 'Query'], on: ofTenants });
    tenants.allow(wakeBatchQueries, { actions: pinning, on: ofServers });

    for (const asker of [queryClearPass, wakeBatchQueries, actOnHosts, wakeConnectors]) this.allowQuestions(asker);

    endpoints.allow(sendChanges, { actions: advancing });
    tenants.allow(sendChanges, { actions: ['GetItem'], on: ofTenants });
    secretsKey.grant(sendChanges, 'kms:Decrypt'); // it opens the secrets of switches
    journal.allow(sendChanges, { actions: ['GetItem', 'PutItem'], on: ofDebugLogs });

    endpoints.allow(actOnHosts, { actions: [...advancing, 'Query'] });
    journal.allow(actOnHosts, { actions: ['PutItem'] }); // the event log
    tenants.allow(actOnHosts, { actions: ['GetItem'], on: ofTenants });
    tenants.allow(actOnHosts, { actions: pinning, on: ofServers }); // what is for a ClearPass is handed on to its cell
    secretsKey.grant(actOnHosts, 'kms:Decrypt'); // it opens the secrets of connectors
    this.connectors.allow(queryClearPass); // what a connector is now that is no ClearPass any more

    endpoints.allow(wakeConnectors, { actions: ['GetItem', 'Query'] });
    endpoints.allow(wakeConnectors, { actions: ['PutItem'], on: ofRounds });
    tenants.allow(wakeConnectors, { actions: ['Query'], on: ofProvider });
    tenants.allow(wakeConnectors, { actions: ['GetItem'], on: ofTenants });
    tenants.allow(wakeConnectors, { actions: pinning, on: ofServers });
    this.connectors.allow(wakeConnectors);

    tenants.allow(forwardLogs, { actions: ['GetItem'], on: ofTenants });
    journal.allow(forwardLogs, { actions: ['GetItem', 'PutItem', 'UpdateItem'], on: ofThreatLogs });

    for (const opening of [queryClearPass, sendChanges, actOnHosts]) {
      opening.addEnvironment(variables.secretsKey, secretsKey.keyId);
    }
    for (const connected of [queryClearPass, sendChanges, actOnHosts, forwardLogs]) {
      if (asking.outboundAllow) connected.addEnvironment(variables.outboundAllow, asking.outboundAllow);
    }

    endpoints.allow(tendEndpoints, { actions: [...advancing, 'Query'] });
    tenants.allow(tendEndpoints, { actions: ['Query'], on: ofProvider });
    tenants.allow(tendEndpoints, { actions: ['GetItem'], on: ofTenants });
    journal.allow(tendEndpoints, { actions: ['PutItem'] }); // the event log
    this.changes.allow(tendEndpoints);

    for (const teller of [queryClearPass, tendEndpoints, actOnHosts]) bus.allow(teller);

    // Nobody knows what all partitions of a tenant are called, so it looks through the tables.
    for (const table of [entries, endpoints, journal]) {
      table.allow(eraseTenants, { actions: ['Scan', 'BatchWriteItem'] });
    }
    tenants.allow(eraseTenants, { actions: ['Query', 'UpdateItem'], on: ofProvider });
    tenants.allow(eraseTenants, { actions: ['Scan'] });
    tenants.allow(eraseTenants, { actions: ['BatchWriteItem'], on: [...ofTenants, ...ofCredentials] });

    tenants.allow(watchSenders, { actions: ['Query'], on: ofProvider });
    journal.allow(watchSenders, { actions: ['Query'], on: ofTenants });
  }

  /** Tells a function where all cells are, in their order, and lets it put questions there. */
  allowQuestions(asker: LambdaFunction) {
    asker.addEnvironment(variables.queryCells, this.cells.map(({ queue }) => queue.queueUrl).join(' '));
    for (const { queue } of this.cells) queue.grant(asker, 'sqs:SendMessage');
  }
}
