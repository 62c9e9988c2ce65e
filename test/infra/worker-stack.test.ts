import { askingBy } from '../../infra/stage.ts';
import { referred, resources, templates } from '../support/stacks.ts';

const { workers, service } = templates();
const functions = resources(workers, 'AWS::Lambda::Function');

test('a question has half a minute: connection, token, answer, and then some for what must be written', () => {
  expect(functions.get('QueryClearPass')?.Properties.Timeout).toBe(30);
});

test('the service grows by cells, and every asker knows all of them in their order', () => {
  const larger = templates({ queryCells: '3' });
  const cells = ['QueryCell1Queue', 'QueryCell2Queue', 'QueryCell3Queue'];

  const functions = [larger.workers, larger.service].flatMap((stack) => [...resources(stack, 'AWS::Lambda::Function')]);
  const told = functions.filter(([, { Properties }]) => JSON.stringify(Properties).includes('"QUERY_CELLS"'));

  expect(told.map(([name]) => name)).toEqual([
    'QueryClearPass',
    'WakeBatchQueries',
    'ActOnHosts',
    'WakeConnectors',
    'Decide',
    'QueryUsers',
    'ManageConnectors',
  ]);
  for (const [, { Properties }] of told) {
    const { Environment } = Properties;
    const { QUERY_CELLS } = (Environment as { Variables: Record<string, { 'Fn::Join': [string, unknown[]] }> })
      .Variables;
    const [, parts] = QUERY_CELLS?.['Fn::Join'] ?? [];
    expect(parts?.filter((part) => part !== ' ').map(referred)).toEqual(cells);
  }
  larger.workers.resourceCountIs('AWS::Lambda::EventSourceMapping', 9);
});

test.each(['0', 'many', '1.5'])('%s is no number of cells', (queryCells) => {
  expect(() => askingBy(queryCells)).toThrow(`queryCells is "${queryCells}". Say how many cells there are, at least 1`);
});

test('only who connects to other systems is told which private addresses it may connect to, where there are any', () => {
  const onThisMachine = templates({ outboundAllow: '127.0.0.0/8' });
  const told = [...resources(onThisMachine.workers, 'AWS::Lambda::Function')].filter(([, { Properties }]) =>
    JSON.stringify(Properties).includes('"OUTBOUND_ALLOW":"127.0.0.0/8"'),
  );

  expect(told.map(([name]) => name)).toEqual(['QueryClearPass', 'SendChanges', 'ActOnHosts', 'ForwardLogs']);
  expect(JSON.stringify(onThisMachine.service.toJSON())).not.toContain('OUTBOUND_ALLOW');
});

test('lost batch queries are woken, endpoints tended and tenants erased every minute, senders are watched every five', () => {
  const rules = [...resources(workers, 'AWS::Events::Rule').values()].map(({ Properties }) => ({
    every: Properties.ScheduleExpression,
    state: Properties.State,
    calls: (Properties.Targets as { Arn: unknown }[]).map(({ Arn }) => referred(Arn)),
  }));

  expect(rules).toEqual([
    {
      every: 'rate(1 minute)',
      state: 'ENABLED',
      calls: ['WakeBatchQueries', 'TendEndpoints', 'EraseTenants', 'WakeConnectors'],
    },
    { every: 'rate(5 minutes)', state: 'ENABLED', calls: ['WatchSenders'] },
  ]);
});

test('the functions that send themselves messages may go round, and no other', () => {
  const loops = [...functions].filter(([, { Properties }]) => Properties.RecursiveLoop !== undefined);

  expect(loops.map(([name, { Properties }]) => [name, Properties.RecursiveLoop])).toEqual([
    ['QueryClearPass', 'Allow'],
    ['SendChanges', 'Allow'],
    ['ActOnHosts', 'Allow'],
  ]);
  expect(JSON.stringify(service.toJSON())).not.toContain('RecursiveLoop');
});
