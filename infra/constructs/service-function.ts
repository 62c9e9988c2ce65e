import { Duration } from 'aws-cdk-lib';
import type { ISecurityGroup, IVpc } from 'aws-cdk-lib/aws-ec2';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import {
  Architecture,
  Function as LambdaFunction,
  RecursiveLoop,
  Runtime,
  Tracing,
  type Code,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { NagSuppressions } from 'cdk-nag';
import type { Construct } from 'constructs';

import type { Stage } from '../stage.ts';
import { FunctionRole } from './function-role.ts';

export interface Size {
  /** Lambda gives CPU by memory: 1,769 MB is one whole processor. */
  readonly memoryMegabytes: number;
  readonly timeoutSeconds: number;
}

/** Where a function is that is to be seen under fixed addresses. */
export interface Network {
  readonly vpc: IVpc;
  readonly securityGroup: ISecurityGroup;
}

export interface ServiceFunctionProps extends Size {
  /** Its bundle: a folder with `index.mjs`. */
  readonly code: Code;
  readonly stage: Stage;
  /** Lambda ends what looks like a circle after 16 rounds. One that is meant must say so. */
  readonly loops?: 'sends-itself-messages';
  /** Left out, the function connects from whatever address of AWS it has at the time. */
  readonly network?: Network | undefined;
}

/** One of the folders under `functions/` on Lambda. It may write its own log and traces, and nothing else until told. */
export class ServiceFunction extends LambdaFunction {
  constructor(scope: Construct, id: string, props: ServiceFunctionProps) {
    const { code, stage, loops, network, memoryMegabytes, timeoutSeconds } = props;
    const logGroup = new LogGroup(scope, `${id}Log`, {
      retention: stage.logRetention,
      removalPolicy: stage.removalPolicy,
    });
    // Without a role of ours, CDK attaches a managed policy that may write to every log group of the account.
    const role = new FunctionRole(scope, `${id}Role`);
    if (network) role.addToPrincipalPolicy(joining());
    super(scope, id, {
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      handler: 'index.handler',
      code,
      role,
      logGroup,
      memorySize: memoryMegabytes,
      timeout: Duration.seconds(timeoutSeconds),
      tracing: Tracing.ACTIVE,
      ...(network && { vpc: network.vpc, securityGroups: [network.securityGroup] }),
      ...(loops && { recursiveLoop: RecursiveLoop.ALLOW }),
      // Costs 6 ms of a cold start, and stack traces name our own lines.
      environment: { NODE_OPTIONS: '--enable-source-maps' },
    });
    logGroup.grantWrite(role);
    NagSuppressions.addResourceSuppressions(
      role,
      [
        {
          id: 'AwsSolutions-IAM5',
          reason:
            'X-Ray has no resources that a grant could name; network interfaces have no names before they are made.',
          appliesTo: ['Resource::*'],
        },
      ],
      true,
    );
  }
}

/** Lambda makes a function's network interfaces in the function's name. */
const joining = () =>
  new PolicyStatement({
    actions: [
      'ec2:CreateNetworkInterface',
      'ec2:DeleteNetworkInterface',
      'ec2:DescribeNetworkInterfaces',
      'ec2:DescribeSubnets',
      'ec2:AssignPrivateIpAddresses',
      'ec2:UnassignPrivateIpAddresses',
    ],
    resources: ['*'],
  });
