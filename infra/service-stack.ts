import { CfnOutput } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';

import { answerPurpose, stageName, variables } from '../shared/contract.ts';
import { Api } from './constructs/api.ts';
import { OriginSecrets } from './constructs/origin-secrets.ts';
import type { ServiceFunction } from './constructs/service-function.ts';
import type { DataStack } from './data-stack.ts';
import type { FrontDoor } from './front-door.ts';
import { FunctionStack, type FunctionStackProps } from './function-stack.ts';
import {
  advancing,
  changing,
  holdsOfAddresses,
  inBatches,
  ofAttempts,
  ofConnectors,
  ofCredentials,
  ofDebugLogs,
  ofFeeds,
  ofFeedsOut,
  ofProvider,
  ofServers,
  ofSources,
  ofTenants,
  ofThreatLogs,
  pinning,
  settling,
  telling,
} from './grants.ts';
import type { WorkerStack } from './worker-stack.ts';

interface ServiceStackProps extends FunctionStackProps {
  readonly data: DataStack;
  readonly workers: WorkerStack;
  readonly frontDoor: FrontDoor;
}

/** The API: who answers a route, and what it may touch. */
export class ServiceStack extends FunctionStack {
  readonly api: Api;
  /** What CloudFront shows to the API, where it is the front door. */
  readonly originSecret: Secret | undefined;

  constructor(scope: Construct, id: string, { data, workers, frontDoor, ...props }: ServiceStackProps) {
    super(scope, id, props);
    const { stage } = props;
    const { entries, endpoints, tenants, journal, secretsKey, bus } = data;

    const authorize = this.make('Authorize', 'authorize');
    const postEntries = this.make('PostEntries', 'post-entries');
    const findEntries = this.make('FindEntries', 'find-entries');
    const pullForwardingTable = this.make('PullForwardingTable', 'pull-forwarding-table');
    const putEntry = this.make('PutEntry', 'put-entry');
    const explainEntries = this.make('ExplainEntries', 'explain-entries');
    const deleteEntries = this.make('DeleteEntries', 'delete-entries');
    const decide = this.make('Decide', 'decide');
    const findSessions = this.make('FindSessions', 'find-sessions');
    const closeSession = this.make('CloseSession', 'close-session');
    const queryUsers = this.make('QueryUsers', 'query-users');
    const findReceipts = this.make('FindReceipts', 'find-receipts');
    const findActiveUsers = this.make('FindActiveUsers', 'find-active-users');
    const logIn = this.make('LogIn', 'log-in');
    const findEvents = this.make('FindEvents', 'find-events');
    const serveFeed = this.make('ServeFeed', 'serve-feed');
    const configure = this.make('Configure', 'configure');
    const serveRadius = this.make('ServeRadius', 'serve-radius');
    const receiveThreatAction = this.make('ReceiveThreatAction', 'receive-threat-action');
    const receiveThreatLogs = this.make('ReceiveThreatLogs', 'receive-threat-logs');
    const manageEndpoints = this.make('ManageEndpoints', 'manage-endpoints');
    const manageConnectors = this.make('ManageConnectors', 'manage-connectors');
    const manageHosts = this.make('ManageHosts', 'manage-hosts');
    const setUp = this.make('SetUp', 'set-up');
    const manageTenants = this.make('ManageTenants', 'manage-tenants');
    const moveTenants = this.make('MoveTenants', 'move-tenants');
    const handOverChanges = this.make('HandOverChanges', 'hand-over-changes');
    const tellHealth = this.make('TellHealth', 'tell-health');
    const describeApi = this.make('DescribeApi', 'describe-api');

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
        'serve-feed': serveFeed,
        configure,
        'receive-threat-action': receiveThreatAction,
        'receive-threat-logs': receiveThreatLogs,
        'manage-endpoints': manageEndpoints,
        'manage-connectors': manageConnectors,
        'manage-hosts': manageHosts,
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

    for (const asker of [decide, queryUsers, manageConnectors]) workers.allowQuestions(asker);

    journal.allow(findReceipts, { actions: ['Query', 'BatchGetItem'] });
    entries.allow(findReceipts, { actions: ['Query'] }); // what was stored as it was sent is told by the entry alone
    tenants.allow(findReceipts, { actions: ['GetItem'], on: ofTenants });

    endpoints.allow(findActiveUsers, { actions: ['Query'] });
    journal.allow(findActiveUsers, { actions: ['PutItem'] });

    tenants.allow(logIn, { actions: ['GetItem'], on: ofTenants });
    tenants.allow(logIn, { actions: ['PutItem'], on: ofCredentials, answering: 'nothing' });
    journal.allow(logIn, { actions: ['PutItem'] });

    for (const writer of [configure, setUp, manageConnectors]) {
      entries.allow(writer, { actions: ['Query'] });
      tenants.allow(writer, { actions: ['GetItem', 'Query', 'PutItem', 'DeleteItem'], on: ofTenants });
      writer.addEnvironment(variables.secretsKey, secretsKey.keyId);
      secretsKey.grant(writer, 'kms:Encrypt'); // no Decrypt: a secret is written here, and never read back
    }
    endpoints.allow(configure, { actions: ['GetItem'], on: ofFeeds }); // how many hosts one holds that is switched off
    // States of connectors, and drafts that a worker tries: in a query cell, where it is a ClearPass.
    endpoints.allow(manageConnectors, { actions: ['GetItem', 'PutItem', 'Query'], on: ofConnectors });
    tenants.allow(manageConnectors, { actions: pinning, on: ofServers });
    workers.connectors.allow(manageConnectors);
    endpoints.allow(findEvents, { actions: ['GetItem', 'BatchGetItem', 'Query'] });
    journal.allow(findEvents, { actions: ['Query'] });
    journal.allow(findEvents, { actions: ['GetItem', 'PutItem'], on: ofDebugLogs });

    endpoints.allow(serveFeed, { actions: holdsOfAddresses });
    endpoints.allow(serveFeed, { actions: ['UpdateItem'], on: ofFeedsOut });

    endpoints.allow(serveRadius, { actions: [...advancing, 'Query'] });
    entries.allow(serveRadius, { actions: ['GetItem', 'PutItem'] });
    tenants.allow(serveRadius, { actions: ['GetItem'], on: ofTenants });
    journal.allow(serveRadius, { actions: ['PutItem'] }); // the user access log, and the events of what waited

    // Answers are remembered and approvals opened beside the endpoints.
    endpoints.allow(receiveThreatAction, { actions: [...advancing, 'Query'] });
    tenants.allow(receiveThreatAction, { actions: ['GetItem'], on: ofTenants });
    journal.allow(receiveThreatAction, { actions: ['PutItem'] }); // the event log

    // Who is behind a log, and what it does where it is a threat action.
    entries.allow(receiveThreatLogs, { actions: ['Query'] });
    endpoints.allow(receiveThreatLogs, { actions: [...advancing, 'Query'] });
    tenants.allow(receiveThreatLogs, { actions: ['GetItem'], on: ofTenants });
    journal.allow(receiveThreatLogs, { actions: ['PutItem'] }); // the event log
    journal.allow(receiveThreatLogs, { actions: ['Query'], on: ofSources });
    journal.allow(receiveThreatLogs, { actions: ['GetItem', 'Query', 'UpdateItem'], on: ofThreatLogs });
    workers.logs.allow(receiveThreatLogs);

    endpoints.allow(manageEndpoints, { actions: [...advancing, 'Query'] });
    tenants.allow(manageEndpoints, { actions: ['GetItem'], on: ofTenants });
    journal.allow(manageEndpoints, { actions: ['PutItem', 'Query'] }); // the event log

    // Hosts, approvals and the cap of automatic actions lie beside the endpoints.
    endpoints.allow(manageHosts, { actions: [...advancing, 'Query'] });
    tenants.allow(manageHosts, { actions: ['GetItem'], on: ofTenants });
    journal.allow(manageHosts, { actions: ['PutItem'] }); // the event log
    workers.connectors.allow(manageHosts);

    for (const sender of [serveRadius, receiveThreatAction, receiveThreatLogs, manageEndpoints])
      workers.changes.allow(sender);
    workers.connectors.allow(manageEndpoints); // what an approval or an undo has connectors told

    for (const teller of [
      postEntries,
      serveRadius,
      receiveThreatAction,
      receiveThreatLogs,
      manageEndpoints,
      manageHosts,
    ])
      bus.allow(teller);

    tenants.allow(manageTenants, { actions: ['GetItem', 'Query'], on: ofTenants });
    tenants.allow(manageTenants, { actions: ['UpdateItem'], on: ofProvider, answering: 'nothing' });
    // A tenant and its logins are written in one transaction, so one statement allows both.
    tenants.allow(manageTenants, { actions: ['PutItem'], on: [...ofTenants, ...ofCredentials], answering: 'nothing' });
    manageTenants.addEnvironment(variables.restApi, api.restApiId);
    manageTenants.addToRolePolicy(this.#flushOfAuthorizersOf(api));

    for (const actor of [
      putEntry,
      deleteEntries,
      queryUsers,
      configure,
      setUp,
      receiveThreatLogs,
      manageConnectors,
      manageEndpoints,
      manageHosts,
      manageTenants,
    ]) {
      journal.allow(actor, { actions: ['GetItem', 'PutItem'], on: ofAttempts });
      actor.addEnvironment(variables.secretsKey, secretsKey.keyId);
      actor.addToRolePolicy(keepingAnswers(secretsKey.keyArn));
    }

    endpoints.allow(handOverChanges, { actions: changing });
    tenants.allow(handOverChanges, { actions: ['GetItem'], on: ofTenants });

    for (const looked of [receiveThreatAction, receiveThreatLogs, serveRadius, handOverChanges]) {
      journal.allow(looked, { actions: ['GetItem', 'PutItem'], on: ofDebugLogs });
    }

    tenants.allow(tellHealth, { actions: ['GetItem'], on: ofTenants });
    journal.allow(tellHealth, { actions: ['Query'] });

    for (const table of [entries, endpoints, journal]) {
      table.allow(moveTenants, { actions: ['Scan', 'GetItem', 'PutItem'] });
    }
    tenants.allow(moveTenants, { actions: ['Scan'] });
    tenants.allow(moveTenants, { actions: ['GetItem', 'PutItem'], on: [...ofTenants, ...ofCredentials] });
    tenants.allow(moveTenants, { actions: ['UpdateItem'], on: ofProvider, answering: 'nothing' });
    moveTenants.addEnvironment(variables.secretsKey, secretsKey.keyId); // told with what is exported, to open nothing

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
