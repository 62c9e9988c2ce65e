import { readFileSync } from 'node:fs';

import { busiestHour, walkSeconds } from '../../infra/cost/busiest-hour.ts';
import { costTable, loadTable, modelTable } from '../../infra/cost/cost.ts';
import { fixed, monthlyCost, monthlyCostOfWaiting, totalOf } from '../../infra/cost/monthly-cost.ts';
import { mostCells } from '../../infra/stage.ts';
import { everyTemplate, referred, resources } from '../support/stacks.ts';

const document = readFileSync(new URL('../../docs/scale.md', import.meta.url), 'utf8');

test.each([
  ['what a tenant does', modelTable],
  ['what a month costs', costTable],
  ['what the busiest hour asks', loadTable],
])('docs/scale.md says %s as the script reckons it', (_, table) => {
  expect(document).toContain(table());
});

test('what the document says of single figures is what is reckoned', () => {
  expect(document).toContain(`$${monthlyCostOfWaiting().toFixed(2)} a month more`);
  expect(document).toContain('some $13');
  expect(Math.round(totalOf(monthlyCost(10_000)) / 10_000)).toBe(13);
  expect(busiestHour(3_000).cells).toBeLessThanOrEqual(mostCells + 1);
  expect(busiestHour(3_600).requestsPerSecond).toBeGreaterThan(10_000);
});

test('a tenant costs less in company, and what depends on tenants alone doubles with them', () => {
  expect(totalOf(monthlyCost(10_000)) / 10_000).toBeLessThan(totalOf(monthlyCost(20)) / 20);
  expect(monthlyCost(2).DynamoDB).toBeCloseTo(2 * monthlyCost(1).DynamoDB, 6);
});

test('a walk through 10,000 tenants ends in the 35 seconds that it has, and with 512 MB it would not', () => {
  expect(busiestHour(10_000).walkSeconds).toBeLessThan(35);
  expect(walkSeconds(10_000, 512)).toBeGreaterThan(35);
});

test('so many tenants as 10,000 have in their busiest hour are sent threat logs at once, and twice as many', () => {
  const mappings = everyTemplate({}).flatMap(({ template }) => [
    ...resources(template, 'AWS::Lambda::EventSourceMapping').values(),
  ]);
  const ofLogs = mappings.find(({ Properties }) => referred(Properties.FunctionName) === 'ForwardLogs');
  const { MaximumConcurrency } = ofLogs?.Properties.ScalingConfig as { MaximumConcurrency: number };

  expect(2 * busiestHour(10_000).forwardersAtOnce).toBeLessThan(MaximumConcurrency);
});

test('what is paid whether anybody calls or not is what the template of production has', () => {
  const all = (type: string) => stacks.flatMap(({ template }) => [...resources(template, type).values()]);
  const stacks = everyTemplate({ stage: 'production' });
  const metricsOf = ({ Metrics }: { readonly Metrics?: readonly { readonly MetricStat?: unknown }[] }) =>
    Metrics === undefined ? 1 : Metrics.filter(({ MetricStat }) => MetricStat !== undefined).length;

  expect({
    alarmMetrics: all('AWS::CloudWatch::Alarm').reduce((sum, { Properties }) => sum + metricsOf(Properties), 0),
    dashboards: all('AWS::CloudWatch::Dashboard').length,
    keys: all('AWS::KMS::Key').length,
    secrets: all('AWS::SecretsManager::Secret').length,
  }).toEqual({
    alarmMetrics: fixed.alarmMetrics,
    dashboards: fixed.dashboards,
    keys: fixed.keys,
    secrets: fixed.secrets,
  });
});
