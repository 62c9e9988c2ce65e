import { referred, resources, templates } from '../support/stacks.ts';

const production = templates({ stage: 'production' });
const { network = production.data } = production;

/** The two functions that connect to systems of tenants. */
const connecting = ['QueryClearPass', 'SendChanges', 'ActOnHosts', 'ForwardLogs'];

test('production is seen under two fixed addresses, which the outputs name', () => {
  const outputs = Object.entries(network.findOutputs('*') as Record<string, { Value: unknown }>)
    .filter(([name]) => name.startsWith('EgressAddress'))
    .map(([name, { Value }]) => [name, referred(Value)]);

  expect(outputs).toEqual([
    ['EgressAddress1Ip', 'EgressAddress1'],
    ['EgressAddress2Ip', 'EgressAddress2'],
  ]);
});

test('each zone goes out by a gateway of its own, with one of these addresses', () => {
  const gateways = resources(network, 'AWS::EC2::NatGateway');
  const ways = [...resources(network, 'AWS::EC2::Route').values()].flatMap(({ Properties }) =>
    Properties.NatGatewayId === undefined ? [] : [referred(Properties.NatGatewayId)],
  );

  expect([...gateways.values()].map(({ Properties }) => referred(Properties.AllocationId))).toEqual([
    'EgressAddress1',
    'EgressAddress2',
  ]);
  expect(ways.sort()).toEqual([...gateways.keys()].sort());
});

test('who connects to systems of tenants is in the network, and nobody else', () => {
  const placed = [...resources(production.workers, 'AWS::Lambda::Function')].filter(
    ([, { Properties }]) => Properties.VpcConfig !== undefined,
  );

  expect(placed.map(([name]) => name)).toEqual(connecting);
  expect(JSON.stringify(production.service.toJSON())).not.toContain('VpcConfig');
  for (const [, { Properties }] of placed) {
    const { SubnetIds, SecurityGroupIds } = Properties.VpcConfig as Record<'SubnetIds' | 'SecurityGroupIds', unknown[]>;
    expect(SubnetIds.map(referred)).toEqual(['VpcFunctionsSubnet1Subnet', 'VpcFunctionsSubnet2Subnet']);
    expect(SecurityGroupIds.map(referred)).toEqual(['Functions']);
  }
});

test('nothing comes in: no group of rules lets anybody, and no function has an address of its own', () => {
  for (const { Properties } of resources(network, 'AWS::EC2::SecurityGroup').values()) {
    expect(Properties.SecurityGroupIngress).toBeUndefined();
  }
  expect(resources(network, 'AWS::EC2::SecurityGroupIngress').size).toBe(0);
  for (const { Properties } of resources(network, 'AWS::EC2::Subnet').values()) {
    expect(Properties.MapPublicIpOnLaunch).toBe(false);
  }
});

test('the tables are reached without a NAT gateway, which would be paid by the gigabyte', () => {
  const [endpoint] = resources(network, 'AWS::EC2::VPCEndpoint').values();

  expect(endpoint?.Properties).toMatchObject({ VpcEndpointType: 'Gateway' });
  expect(JSON.stringify(endpoint?.Properties.ServiceName)).toContain('.dynamodb');
});

test('a sandbox has no network, unless it asks for one, and that has one address', () => {
  const asked = templates({ egress: 'fixed' });

  expect(templates().network).toBeUndefined();
  expect(resources(asked.network ?? asked.data, 'AWS::EC2::EIP').size).toBe(1);
  expect(templates({ stage: 'production', egress: 'any' }).network).toBeUndefined();
});

test('an egress that is none is refused with those that are', () => {
  expect(() => templates({ egress: 'nat' })).toThrow('egress is "nat". Say one of: fixed, any.');
});
