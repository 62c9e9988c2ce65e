/** EC2: networks decide under which addresses a function is seen from outside, and nothing here is seen from outside. */
import * as v from 'valibot';
import { immaterial, resourceType } from './template.ts';

const oneMachine = immaterial('functions here connect from the address of this machine, whatever network they are in');

const made = (name: string, properties: readonly string[], attributes: readonly string[] = []) =>
  resourceType(
    `AWS::EC2::${name}`,
    v.strictObject(Object.fromEntries([...properties, 'Tags'].map((property) => [property, oneMachine]))),
    {
      attributes: Object.fromEntries(attributes.map((attribute) => [attribute, (id: string) => `${id}-${attribute}`])),
    },
  );

export const ec2Types = [
  made('EIP', ['Domain'], ['AllocationId']),
  made('InternetGateway', []),
  made('NatGateway', ['AllocationId', 'SubnetId']),
  made('Route', ['DestinationCidrBlock', 'GatewayId', 'NatGatewayId', 'RouteTableId']),
  made('RouteTable', ['VpcId']),
  made('SecurityGroup', ['GroupDescription', 'SecurityGroupEgress', 'VpcId'], ['GroupId']),
  made('Subnet', ['AvailabilityZone', 'CidrBlock', 'MapPublicIpOnLaunch', 'VpcId']),
  made('SubnetRouteTableAssociation', ['RouteTableId', 'SubnetId']),
  made(
    'VPC',
    ['CidrBlock', 'EnableDnsHostnames', 'EnableDnsSupport', 'InstanceTenancy'],
    ['CidrBlock', 'DefaultSecurityGroup'],
  ),
  made('VPCEndpoint', ['RouteTableIds', 'ServiceName', 'VpcEndpointType', 'VpcId']),
  made('VPCGatewayAttachment', ['InternetGatewayId', 'VpcId']),
];
