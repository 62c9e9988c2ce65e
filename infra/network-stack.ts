import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import {
  CfnEIP,
  GatewayVpcEndpointAwsService,
  IpAddresses,
  type IVpc,
  NatProvider,
  SecurityGroup,
  SubnetType,
  Vpc,
} from 'aws-cdk-lib/aws-ec2';
import { NagSuppressions } from 'cdk-nag';
import type { Construct } from 'constructs';

import type { Network } from './constructs/service-function.ts';
import type { Stage } from './stage.ts';

interface NetworkStackProps extends StackProps {
  readonly stage: Stage;
}

/**
 * Where the functions are that connect to tenants' systems, so that all of them are seen under a few fixed addresses,
 * which tenants allow in. Nothing can be reached here from outside.
 */
export class NetworkStack extends Stack {
  readonly network: Network;

  constructor(scope: Construct, id: string, { stage, ...props }: NetworkStackProps) {
    super(scope, id, { ...props, terminationProtection: stage.deletionProtection });
    const { egressAddresses } = stage;

    const addresses = Array.from({ length: egressAddresses }, (_, index) => {
      const address = new CfnEIP(this, `EgressAddress${index + 1}`, { domain: 'vpc' });
      address.applyRemovalPolicy(stage.removalPolicy); // tenants' firewalls name it, and it could not be had again
      new CfnOutput(this, `EgressAddress${index + 1}Ip`, { value: address.ref });
      return address;
    });

    const vpc = new Vpc(this, 'Vpc', {
      ipAddresses: IpAddresses.cidr('192.168.255.0/24'),
      maxAzs: 2,
      natGateways: egressAddresses,
      natGatewayProvider: NatProvider.gateway({
        eipAllocationIds: addresses.map(({ attrAllocationId }) => attrAllocationId),
      }),
      subnetConfiguration: [
        { name: 'Outside', subnetType: SubnetType.PUBLIC, cidrMask: 28, mapPublicIpOnLaunch: false },
        { name: 'Functions', subnetType: SubnetType.PRIVATE_WITH_EGRESS, cidrMask: 26 },
      ],
      // Most of what these functions say is said to DynamoDB: it costs nothing on this way, and is not seen by the NAT.
      gatewayEndpoints: { Tables: { service: GatewayVpcEndpointAwsService.DYNAMODB } },
    });
    // One of its optional properties is typed more narrowly in the interface than in the class.
    const network = vpc as IVpc;
    const securityGroup = new SecurityGroup(this, 'Functions', {
      vpc: network,
      description: 'Postern: functions that connect to systems of tenants, on whatever port these have',
      allowAllOutbound: true, // and nothing inbound: an answer comes back to who asked
    });
    this.network = { vpc: network, securityGroup };

    NagSuppressions.addResourceSuppressions(vpc, [
      {
        id: 'AwsSolutions-VPC7',
        reason: 'Only the functions that connect to systems of tenants are in it, and their logs say what came of it.',
      },
    ]);
  }
}
