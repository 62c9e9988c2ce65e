import { setTimeout as wait } from 'node:timers/promises';
import { dynamodb } from '../../shared/aws/dynamodb.ts';
import { sqs } from '../../shared/aws/sqs.ts';
import { dynamoConfigurationStore } from '../../shared/configuration/configuration-store.ts';
import { variables } from '../../shared/contract.ts';
import { required } from '../../shared/edge/environment.ts';
import { logger } from '../../shared/edge/log.ts';
import { embeddedMetrics } from '../../shared/edge/metrics.ts';
import { addressGuardFrom } from '../../shared/outbound/address-guard.ts';
import { logReceivers } from '../../shared/outbound/log-client.ts';
import { type ForwardLogs, forwardSettings } from '../../shared/threat-logs/forward-logs.ts';
import { sqsLogQueue } from '../../shared/threat-logs/log-queue.ts';
import { dynamoLogCounts, dynamoLogPace } from '../../shared/threat-logs/log-store.ts';
import { sqsPostpone } from '../../shared/user-query/question-queue.ts';

export interface Dependencies extends ForwardLogs {
  readonly postpone: ReturnType<typeof sqsPostpone>;
}

export function dependencies(): Dependencies {
  const client = dynamodb();
  const journal = required(variables.journalTable);
  const configurations = dynamoConfigurationStore(client, required(variables.tenantsTable));
  return {
    settingsOf: async (tenant) => forwardSettings((await configurations.current(tenant)).configuration.threatLogs),
    pace: dynamoLogPace(client, journal),
    counts: dynamoLogCounts(client, journal),
    receivers: logReceivers(addressGuardFrom(process.env[variables.outboundAllow])),
    measure: embeddedMetrics(),
    now: Date.now,
    wait: async (ms) => wait(Math.max(1, ms)),
    deadLetters: sqsLogQueue(sqs(), required(variables.deadLetters)),
    tell: (what, of) => logger.warn(what, of),
    postpone: sqsPostpone(sqs(), [required(variables.logsQueue)]),
  };
}
