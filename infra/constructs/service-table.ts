import { Stack } from 'aws-cdk-lib';
import { AttributeType, BillingMode, Table, TableEncryption, type TableProps } from 'aws-cdk-lib/aws-dynamodb';
import { Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';

import { keys } from '../../shared/contract.ts';
import type { Stage } from '../stage.ts';

export interface ServiceTableProps {
  /** The environment variable by which a function that may use the table learns its name. */
  readonly variable: string;
  readonly stage: Stage;
  /** Whether the table can be brought back to how it was at any second of the last 35 days. */
  readonly recovery: 'point-in-time' | 'none';
  /** Encrypts it at rest. Without one, a key of AWS's own does. */
  readonly encryptionKey?: IKey;
  readonly warmThroughput?: TableProps['warmThroughput'];
}

export interface Allowed {
  /** DynamoDB's own names of the calls. */
  readonly actions: readonly string[];
  /** Forms of the partition keys that they may name; any where it is left out. */
  readonly on?: readonly string[];
  /** Whether a write may hand back the item that it found or left, which is a read by another name. */
  readonly answering?: 'nothing';
}

/** A table on demand, keyed as all are, which lets in only those who are told to it by name. */
export class ServiceTable extends Table {
  readonly #variable: string;

  constructor(scope: Construct, id: string, props: ServiceTableProps) {
    const { variable, stage, recovery, encryptionKey, warmThroughput } = props;
    super(scope, id, {
      partitionKey: { name: keys.partition, type: AttributeType.STRING },
      sortKey: { name: keys.sort, type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: recovery === 'point-in-time' },
      deletionProtection: stage.deletionProtection,
      removalPolicy: stage.removalPolicy,
      timeToLiveAttribute: keys.timeToLive, // of items that end by themselves; others have none
      ...(encryptionKey && { encryption: TableEncryption.CUSTOMER_MANAGED, encryptionKey }),
      ...(warmThroughput && { warmThroughput }),
    });
    this.#variable = variable;
  }

  /** Tells a function the table's name and lets it make these calls and no other. */
  allow(user: LambdaFunction, { actions, on, answering }: Allowed) {
    user.addEnvironment(this.#variable, this.tableName);
    user.addToRolePolicy(
      new PolicyStatement({
        effect: Effect.ALLOW,
        actions: actions.map((action) => `dynamodb:${action}`),
        resources: [this.tableArn],
        conditions: {
          ...(on && { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': on } }),
          ...(answering && { StringEqualsIfExists: { 'dynamodb:ReturnValues': 'NONE' } }),
        },
      }),
    );
    if (this.encryptionKey) user.addToRolePolicy(this.#opening(this.encryptionKey));
  }

  /** DynamoDB opens the table in its caller's name, and the caller can do nothing with the key but that. */
  #opening({ keyArn }: IKey) {
    return new PolicyStatement({
      actions: ['kms:Decrypt', 'kms:DescribeKey'],
      resources: [keyArn],
      conditions: { StringEquals: { 'kms:ViaService': `dynamodb.${Stack.of(this).region}.amazonaws.com` } },
    });
  }
}
