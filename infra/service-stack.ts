import { CfnOutput, Duration, Stack, type StackProps } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Code } from 'aws-cdk-lib/aws-lambda';
import type { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';

import { answerPurpose, providerTenant, stageName, variables } from '../shared/contract.ts';
import { Api } from './constructs/api.ts';
import { ChangeQueue } from './constructs/change-queue.ts';
import { OriginSecrets } from './constructs/origin-secrets.ts';
import { QueryCell } from './constructs/query-cell.ts';
import { Schedule } from './constructs/schedule.ts';
import { type Network, ServiceFunction, type ServiceFunctionProps } from './constructs/service-function.ts';
import type { DataStack } from './data-stack.ts';
import type { FrontDoor } from './front-door.ts';
import { type FunctionName, sizes } from './functions.ts';
import type { Asking, Stage } from './stage.ts';

/** Forms of the partition keys of the tenants table: what a tenant owns, what only the authorizer may read, and pins. */
const ofTenants = ['T#*'];
const ofCredentials = ['CREDENTIAL#*'];
const ofServers = ['SERVER#*'];
/** The provider's own, with the list of tenants. */
const ofProvider = [`T#${providerTenant}`];
/** Of the journal: the answers that are given again to who repeats a request that acts. */
const ofAttempts = ['T#*#IDEMPOTENCY#*'];
/** The debug log, and the switch that turns it on. */
const ofDebugLogs = ['T#*#DEBUG*'];
/** When each source was heard. */
const ofSources = ['T#*#SOURCES'];

/** What reads and writes many entries in one request. */
const inBatches = ['BatchGetItem', 'PartiQLUpdate', 'PartiQLInsert'];
/** What changes an entry, and counts the open questions beside it. */
const settling = ['GetItem', 'PutItem', 'UpdateItem'];
/** What reads an endpoint, and replaces it with its places. */
const advancing = ['GetItem', 'BatchGetItem', 'PutItem', 'DeleteItem'];
/** What finds endpoints with changes of authorization, advances them, and takes those that have none left from the list. */
const changing = ['GetItem', 'BatchGetItem', 'Query', 'PutItem', 'DeleteItem'];
/** What tells a line of a story. */
const telling = ['BatchWriteItem'];
/** A server's cell, written by whoever names the server first. */
const pinning = ['GetItem', 'PutItem'];

/** Who may be at an address, and whether any of them is held. */
const holdsOfAddresses = ['GetItem', 'BatchGetItem', 'Query'];

interface ServiceStackProps extends StackProps {
  readonly stage: Stage;
  readonly data: DataStack;
  /** Where the functions are that connect to systems of tenants; anywhere, where it is left out. */
  readonly network: Network | undefined;
  readonly asking: Asking;
  readonly frontDoor: FrontDoor;
  readonly codeOf: (name: FunctionName) => Code;
}

/** The whole service: what it does, what it may touch, what calls what. It holds nothing, so it can be replaced whole. */
export class ServiceStack extends Stack {
  /** By the names that they have in this stack. */
  readonly functions = new Map<string, ServiceFunction>();
  readonly cells: readonly QueryCell[];
  readonly changes: ChangeQueue;
  readonly api: Api;
  /** What CloudFront shows to the API, where it is the front door. */
  readonly originSecret: Secret | undefined;

  constructor(
    scope: Construct,
    id: string,
    { stage, data, network, asking, frontDoor, codeOf, ...props }: ServiceStackProps,
  ) {
    super(scope, id, { ...props, terminationProtection: stage.deletionProtection });
    const { entries, endpoints, tenants, journal, secretsKey } = data;
    const make = (
      constructId: string,
      name: FunctionName,
      more: Pick<ServiceFunctionProps, 'loops' | 'network'> = {},
    ) => {
      const made = new ServiceFunction(this, constructId, { code: codeOf(name), stage, ...more, ...sizes[name] });
      this.functions.set(constructId, made);
      return made;
    };
    /** What connects to systems of tenants, and comes back to a question for as long as it takes. */
    const connecting = { loops: 'sends-itself-messages', network } as const;

    const authorize = make('Authorize', 'authorize');
    const postEntries = make('PostEntries', 'post-entries');
    const findEntries = make('FindEntries', 'find-entries');
    const pullForwardingTable = make('PullForwardingTable', 'pull-forwarding-table');
    const putEntry = make('PutEntry', 'put-entry');
    const explainEntries = make('ExplainEntries', 'explain-entries');
    const deleteEntries = make('DeleteEntries', 'delete-entries');
    const decide = make('Decide', 'decide');
    const findSessions = make('FindSessions', 'find-sessions');
    const closeSession = make('CloseSession', 'close-session');
    const queryUsers = make('QueryUsers', 'query-users');
    const queryClearPass = make('QueryClearPass', 'query-clearpass', connecting);
    const abandonQueries = make('AbandonQueries', 'abandon-queries');
    const wakeBatchQueries = make('WakeBatchQueries', 'wake-batch-queries');
    const tendEndpoints = make('TendEndpoints', 'tend-endpoints');
    const eraseTenants = make('EraseTenants', 'erase-tenants');
    const watchSenders = make('WatchSenders', 'watch-senders');
    const findReceipts = make('FindReceipts', 'find-receipts');
    const findActiveUsers = make('FindActiveUsers', 'find-active-users');
    const logIn = make('LogIn', 'log-in');
    const findEvents = make('FindEvents', 'find-events');
    const configure = make('Configure', 'configure');
    const serveRadius = make('ServeRadius', 'serve-radius');
    const receiveThreatAction = make('ReceiveThreatAction', 'receive-threat-action');
    const manageEndpoints = make('ManageEndpoints', 'manage-endpoints');
    const setUp = make('SetUp', 'set-up');
    const manageTenants = make('ManageTenants', 'manage-tenants');
    const moveTenants = make('MoveTenants', 'move-tenants');
    const handOverChanges = make('HandOverChanges', 'hand-over-changes');
    const sendChanges = make('SendChanges', 'send-changes', connecting);
    const tellHealth = make('TellHealth', 'tell-health');
    const describeApi = make('DescribeApi', 'describe-api');

    const cells = Array.from(
      { length: asking.cells },
      (_, index) => new QueryCell(this, `QueryCell${index + 1}`, { worker: queryClearPass, abandoner: abandonQueries }),
    );

    const changes = new ChangeQueue(this, 'Changes', { worker: sendChanges, mostAtOnce: 20 });

    this.cells = cells;
    this.changes = changes;

    new Schedule(this, 'EveryMinute', {
      every: Duration.minutes(1),
      workers: [wakeBatchQueries, tendEndpoints, eraseTenants],
    });
    new Schedule(this, 'EveryFiveMinutes', { every: Duration.minutes(5), workers: [watchSenders] });

    const api = new Api(this, 'Api', {
      stage,
      frontDoor: frontDoor.kind,
      authorizer: authorize,
      functions: {
        'post-entries': postEntries,
        'find-entries': findEntries,
        'pull-forwarding-table': pullForwardingTable,
        'put-entry': putEntry,
        'explain-entries': explainEntries,
        'delete-entries': deleteEntries,
        decide,
        'find-sessions': findSessions,
        'close-session': closeSession,
        'query-users': queryUsers,
        'find-receipts': findReceipts,
        'log-in': logIn,
        'find-active-users': findActiveUsers,
        'find-events': findEvents,
        configure,
        'receive-threat-action': receiveThreatAction,
        'manage-endpoints': manageEndpoints,
        'serve-radius': serveRadius,
        'set-up': setUp,
        'manage-tenants': manageTenants,
        'move-tenants': moveTenants,
        'hand-over-changes': handOverChanges,
        'tell-health': tellHealth,
        'describe-api': describeApi,
      },
    });

    this.api = api;
    this.originSecret = frontDoor.kind === 'cloudfront' ? this.#known(authorize, frontDoor.secretNumber) : undefined;

    tenants.allow(authorize, { actions: ['GetItem'], on: ofCredentials });
    journal.allow(authorize, { actions: ['PutItem', 'UpdateItem'] });

    // It counts the tenant's posts in the journal, and its entries where they are.
    entries.allow(postEntries, { actions: ['GetItem', 'PutItem', 'Query', ...inBatches] });
    endpoints.allow(postEntries, { actions: [...advancing, 'Query'] }); // a MAC that a logon names has the address
    tenants.allow(postEntries, { actions: ['GetItem'], on: ofTenants });
    journal.allow(postEntries, { actions: ['PutItem', 'UpdateItem', 'BatchWriteItem'] });
    journal.allow(postEntries, { actions: ['GetItem', 'PutItem'], on: ofSources });

    entries.allow(findEntries, { actions: ['GetItem', 'Query'] });
    tenants.allow(findEntries, { actions: ['GetItem'], on: ofTenants });
    journal.allow(findEntries, { actions: ['Query'], on: ofSources });

    entries.allow(pullForwardingTable, { actions: ['GetItem', 'BatchGetItem', 'Query'] });
    tenants.allow(pullForwardingTable, { actions: ['GetItem'], on: ofTenants });
    journal.allow(pullForwardingTable, { actions: ['Query'], on: ofSources });

    entries.allow(putEntry, { actions: ['GetItem', 'PutItem'] });
    tenants.allow(putEntry, { actions: ['GetItem'], on: ofTenants });
    journal.allow(putEntry, { actions: ['GetItem', 'PutItem'], on: ofSources });

    entries.allow(explainEntries, { actions: ['Query'] });
    endpoints.allow(explainEntries, { actions: holdsOfAddresses });
    tenants.allow(explainEntries, { actions: ['GetItem'], on: ofTenants });
    journal.allow(explainEntries, { actions: ['Query'] });

    entries.allow(deleteEntries, { actions: ['GetItem', 'Query', 'PutItem', ...inBatches] });
    journal.allow(deleteEntries, { actions: telling });
    tenants.allow(deleteEntries, { actions: ['GetItem'], on: ofTenants });
    journal.allow(deleteEntries, { actions: ['Query'], on: ofSources });

    // An id that moves to another address takes what was there away.
    endpoints.allow(decide, { actions: holdsOfAddresses });
    entries.allow(decide, { actions: [...settling, 'Query', ...inBatches, 'DeleteItem'] });
    tenants.allow(decide, { actions: ['GetItem'], on: ofTenants });
    journal.allow(decide, { actions: ['Query'], on: ofSources });
    tenants.allow(decide, { actions: pinning, on: ofServers });

    entries.allow(findSessions, { actions: ['Query'] });
    tenants.allow(findSessions, { actions: ['GetItem'], on: ofTenants });
    journal.allow(findSessions, { actions: ['Query'], on: ofSources });

    entries.allow(closeSession, { actions: [...settling, 'Query', 'DeleteItem'] });
    tenants.allow(closeSession, { actions: ['GetItem'], on: ofTenants });
    journal.allow(closeSession, { actions: ['Query'], on: ofSources });

    entries.allow(queryUsers, { actions: [...settling, 'Query'] });
    tenants.allow(queryUsers, { actions: ['GetItem'], on: ofTenants });
    tenants.allow(queryUsers, { actions: pinning, on: ofServers });

    entries.allow(queryClearPass, { actions: [...settling, ...inBatches] }); // a batch of JIMS holds up to a thousand
    endpoints.allow(queryClearPass, { actions: [...advancing, 'Query'] });
    tenants.allow(queryClearPass, { actions: ['GetItem', 'UpdateItem'], on: ofTenants });
    tenants.allow(queryClearPass, { actions: pinning, on: ofServers });
    journal.allow(queryClearPass, { actions: [...telling, 'PutItem'] }); // a story, the event log
    journal.allow(queryClearPass, { actions: ['GetItem', 'PutItem'], on: ofSources });
    queryClearPass.addEnvironment(variables.secretsKey, secretsKey.keyId);
    secretsKey.grant(queryClearPass, 'kms:Encrypt', 'kms:Decrypt'); // it opens client secrets and keeps tokens
    if (asking.outboundAllow) queryClearPass.addEnvironment(variables.outboundAllow, asking.outboundAllow);

    entries.allow(abandonQueries, { actions: settling });
    tenants.allow(abandonQueries, { actions: ['GetItem'], on: ofTenants });
    journal.allow(abandonQueries, { actions: telling });

    tenants.allow(wakeBatchQueries, { actions: ['GetItem', 'Query'], on: ofTenants });
    tenants.allow(wakeBatchQueries, { actions: pinning, on: ofServers });

    const urls = cells.map(({ queue }) => queue.queueUrl).join(' ');
    for (const asker of [decide, queryUsers, queryClearPass, wakeBatchQueries]) {
      asker.addEnvironment(variables.queryCells, urls);
      for (const { queue } of cells) queue.grant(asker, 'sqs:SendMessage');
    }

    journal.allow(findReceipts, { actions: ['Query', 'BatchGetItem'] });
    entries.allow(findReceipts, { actions: ['Query'] }); // what was stored as it was sent is told by the entry alone
    tenants.allow(findReceipts, { actions: ['GetItem'], on: ofTenants });

    endpoints.allow(findActiveUsers, { actions: ['Query'] });
    journal.allow(findActiveUsers, { actions: ['PutItem'] });

    tenants.allow(logIn, { actions: ['GetItem'], on: ofTenants });
    tenants.allow(logIn, { actions: ['PutItem'], on: ofCredentials, answering: 'nothing' });
    journal.allow(logIn, { actions: ['PutItem'] });

    for (const writer of [configure, setUp]) {
      entries.allow(writer, { actions: ['Query'] });
      tenants.allow(writer, { actions: ['GetItem', 'Query', 'PutItem', 'DeleteItem'], on: ofTenants });
      writer.addEnvironment(variables.secretsKey, secretsKey.keyId);
      secretsKey.grant(writer, 'kms:Encrypt'); // no Decrypt: a secret is written here, and never read back
    }
    endpoints.allow(findEvents, { actions: ['Query', 'BatchGetItem'] });
    journal.allow(findEvents, { actions: ['Query'] });
    journal.allow(findEvents, { actions: ['GetItem', 'PutItem'], on: ofDebugLogs });

    endpoints.allow(serveRadius, { actions: [...advancing, 'Query'] });
    entries.allow(serveRadius, { actions: ['GetItem', 'PutItem'] });
    tenants.allow(serveRadius, { actions: ['GetItem'], on: ofTenants });
    journal.allow(serveRadius, { actions: ['PutItem'] }); // the user access log, and the events of what waited
    changes.allow(serveRadius);

    // Answers are remembered and approvals opened beside the endpoints.
    endpoints.allow(receiveThreatAction, { actions: [...advancing, 'Query'] });
    tenants.allow(receiveThreatAction, { actions: ['GetItem'], on: ofTenants });
    journal.allow(receiveThreatAction, { actions: ['PutItem'] }); // the event log
    changes.allow(receiveThreatAction);

    endpoints.allow(manageEndpoints, { actions: [...advancing, 'Query'] });
    tenants.allow(manageEndpoints, { actions: ['GetItem'], on: ofTenants });
    journal.allow(manageEndpoints, { actions: ['PutItem', 'Query'] }); // the event log
    changes.allow(manageEndpoints);

    tenants.allow(manageTenants, { actions: ['GetItem', 'Query'], on: ofTenants });
    tenants.allow(manageTenants, { actions: ['UpdateItem'], on: ofProvider, answering: 'nothing' });
    // A tenant and its logins are written in one transaction, so one statement allows both.
    tenants.allow(manageTenants, { actions: ['PutItem'], on: [...ofTenants, ...ofCredentials], answering: 'nothing' });
    manageTenants.addEnvironment(variables.restApi, api.restApiId);
    manageTenants.addToRolePolicy(this.#flushOfAuthorizersOf(api));

    for (const actor of [putEntry, deleteEntries, queryUsers, configure, setUp, manageEndpoints, manageTenants]) {
      journal.allow(actor, { actions: ['GetItem', 'PutItem'], on: ofAttempts });
      actor.addEnvironment(variables.secretsKey, secretsKey.keyId);
      actor.addToRolePolicy(keepingAnswers(secretsKey.keyArn));
    }

    endpoints.allow(handOverChanges, { actions: changing });
    tenants.allow(handOverChanges, { actions: ['GetItem'], on: ofTenants });

    endpoints.allow(sendChanges, { actions: advancing });
    tenants.allow(sendChanges, { actions: ['GetItem'], on: ofTenants });
    sendChanges.addEnvironment(variables.secretsKey, secretsKey.keyId);
    secretsKey.grant(sendChanges, 'kms:Decrypt'); // it opens the secrets of switches
    if (asking.outboundAllow) sendChanges.addEnvironment(variables.outboundAllow, asking.outboundAllow);

    for (const looked of [receiveThreatAction, serveRadius, handOverChanges, sendChanges]) {
      journal.allow(looked, { actions: ['GetItem', 'PutItem'], on: ofDebugLogs });
    }

    tenants.allow(tellHealth, { actions: ['GetItem'], on: ofTenants });
    journal.allow(tellHealth, { actions: ['Query'] });

    endpoints.allow(tendEndpoints, { actions: [...advancing, 'Query'] });
    tenants.allow(tendEndpoints, { actions: ['Query'], on: ofProvider });
    tenants.allow(tendEndpoints, { actions: ['GetItem'], on: ofTenants });
    journal.allow(tendEndpoints, { actions: ['PutItem'] }); // the event log
    changes.allow(tendEndpoints);

    const ofTenantsAndLogins = [...ofTenants, ...ofCredentials];
    for (const table of [entries, endpoints, journal]) {
      table.allow(moveTenants, { actions: ['Scan', 'GetItem', 'PutItem'] });
    }
    tenants.allow(moveTenants, { actions: ['Scan'] });
    tenants.allow(moveTenants, { actions: ['GetItem', 'PutItem'], on: ofTenantsAndLogins });
    tenants.allow(moveTenants, { actions: ['UpdateItem'], on: ofProvider, answering: 'nothing' });
    moveTenants.addEnvironment(variables.secretsKey, secretsKey.keyId); // told with what is exported, to open nothing

    // Nobody knows what all partitions of a tenant are called, so it looks through the tables.
    for (const table of [entries, endpoints, journal])
      table.allow(eraseTenants, { actions: ['Scan', 'BatchWriteItem'] });
    tenants.allow(eraseTenants, { actions: ['Query', 'UpdateItem'], on: ofProvider });
    tenants.allow(eraseTenants, { actions: ['Scan'] });
    tenants.allow(eraseTenants, { actions: ['BatchWriteItem'], on: ofTenantsAndLogins });

    tenants.allow(watchSenders, { actions: ['Query'], on: ofProvider });
    journal.allow(watchSenders, { actions: ['Query'], on: ofTenants });

    new CfnOutput(this, 'ApiUrl', { value: api.url });
    new CfnOutput(this, 'RestApiId', { value: api.restApiId });
    new CfnOutput(this, 'TenantsTableName', { value: tenants.tableName });
  }

  /** Who does not show the secret comes around the front door. */
  #known(authorizer: ServiceFunction, secretNumber: number): Secret {
    const secrets = new OriginSecrets(this, 'OriginSecret', secretNumber);
    secrets.tell(authorizer);
    // The front door may still import the one before, until its own deployment is through.
    for (const { secretArn } of secrets.all) this.exportValue(secretArn);
    new CfnOutput(this, 'OriginSecretArn', { value: secrets.current.secretArn });
    return secrets.current;
  }

  /** A revoked credential is to end at once, not when the authorizer's answer leaves API Gateway's cache. */
  #flushOfAuthorizersOf({ restApiId }: Api) {
    const resource = `/restapis/${restApiId}/stages/${stageName}/cache/authorizers`;
    return new PolicyStatement({
      actions: ['apigateway:DELETE'],
      resources: [this.formatArn({ service: 'apigateway', account: '', resource })],
    });
  }
}

/** An answer may hold a new secret. Who keeps answers can open these, and nothing else that the key encrypts. */
const keepingAnswers = (key: string) =>
  new PolicyStatement({
    actions: ['kms:Encrypt', 'kms:Decrypt'],
    resources: [key],
    conditions: { StringEquals: { 'kms:EncryptionContext:name': answerPurpose } },
  });
