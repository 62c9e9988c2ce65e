import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import { Key } from 'aws-cdk-lib/aws-kms';
import { NagSuppressions } from 'cdk-nag';
import type { Construct } from 'constructs';

import { variables } from '../shared/contract.ts';
import { ServiceBus } from './constructs/service-bus.ts';
import { ServiceTable } from './constructs/service-table.ts';
import type { Stage } from './stage.ts';

interface DataStackProps extends StackProps {
  readonly stage: Stage;
}

/** What is remembered. It is kept when all else is replaced, so nothing here depends on what uses it. */
export class DataStack extends Stack {
  /** The authentication table: who is behind every address. */
  readonly entries: ServiceTable;
  /** Endpoints, their sessions, and why each is held. */
  readonly endpoints: ServiceTable;
  /** Tenants, their credentials, configurations and encrypted secrets. */
  readonly tenants: ServiceTable;
  /** What came and what became of it. */
  readonly journal: ServiceTable;
  /** Encrypts what tenants entrust to us: passwords and client secrets of their own systems. */
  readonly secretsKey: Key;
  /** It holds nothing; it is here because rules of others hang on it, whatever else is replaced. */
  readonly bus: ServiceBus;

  constructor(scope: Construct, id: string, { stage, ...props }: DataStackProps) {
    super(scope, id, { ...props, terminationProtection: stage.deletionProtection });
    const encryption = stage.tableEncryption === 'own-key' && { encryptionKey: this.#keyOfTables(stage) };

    this.entries = new ServiceTable(this, 'Entries', {
      variable: variables.entriesTable,
      stage,
      recovery: 'none',
      ...encryption,
      ...(stage.entriesWarmThroughput && { warmThroughput: stage.entriesWarmThroughput }),
    });
    this.endpoints = new ServiceTable(this, 'Endpoints', {
      variable: variables.endpointsTable,
      stage,
      recovery: 'point-in-time',
      ...encryption,
    });
    this.tenants = new ServiceTable(this, 'Tenants', {
      variable: variables.tenantsTable,
      stage,
      recovery: 'point-in-time',
      ...encryption,
    });
    this.journal = new ServiceTable(this, 'Journal', {
      variable: variables.journalTable,
      stage,
      recovery: 'point-in-time',
      ...encryption,
    });
    this.secretsKey = new Key(this, 'SecretsKey', {
      description: 'Postern: the secrets that tenants entrust to it',
      enableKeyRotation: true,
      removalPolicy: stage.removalPolicy,
    });

    this.bus = new ServiceBus(this, 'Events');
    new CfnOutput(this, 'EventBusName', { value: this.bus.eventBusName });

    NagSuppressions.addResourceSuppressions(this.entries, [
      {
        id: 'AwsSolutions-DDB3',
        reason: 'A restore would bring users back who have logged off. Posts and queries fill the table again.',
      },
    ]);
  }

  /** One for all tables: who may open one of them is said table by table, by the grants on the tables. */
  #keyOfTables({ removalPolicy }: Stage) {
    return new Key(this, 'TablesKey', {
      description: 'Postern: the tables at rest',
      enableKeyRotation: true,
      removalPolicy,
    });
  }
}
