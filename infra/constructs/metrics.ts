/** Metrics by their names: those that our functions write into their logs, and those of the API and the tables. */
import { Duration } from 'aws-cdk-lib';
import { MathExpression, Metric } from 'aws-cdk-lib/aws-cloudwatch';

import { stageName } from '../../shared/contract.ts';

/** As `shared/edge/embedded-format.ts` writes them; a test holds the two together. */
export const ownNamespace = 'Postern';
const dimensionsMap = { service: 'postern' };

/** One series a name, all tenants together, over so many minutes. */
export const ownMetric = (metricName: string, statistic: string, minutes = 5): Metric =>
  new Metric({
    namespace: ownNamespace,
    metricName,
    dimensionsMap,
    statistic,
    period: Duration.minutes(minutes),
  });

/** How many of a hundred, where there were enough to say so; else none. */
export const shareOf = (label: string, part: string, all: readonly string[], fewest: number): MathExpression => {
  const total = all.map((_, index) => `FILL(all${index}, 0)`).join(' + ');
  return new MathExpression({
    label,
    expression: `IF(${total} >= ${fewest}, 100 * FILL(part, 0) / (${total}), 0)`,
    usingMetrics: {
      part: ownMetric(part, 'Sum'),
      ...Object.fromEntries(all.map((name, index) => [`all${index}`, ownMetric(name, 'Sum')])),
    },
    period: Duration.minutes(5),
  });
};

export const ofApi = (metricName: string, statistic: string, apiName: string) =>
  new Metric({
    namespace: 'AWS/ApiGateway',
    metricName,
    dimensionsMap: { ApiName: apiName, Stage: stageName },
    statistic,
    period: Duration.minutes(5),
  });

/** What API Gateway answers 5XX, but for the tenants that are at a limit of their own: to it a 503 is a 503. */
export const failuresOf = (apiName: string): MathExpression =>
  new MathExpression({
    label: '5XX beside limits',
    expression: 'FILL(answered, 0) - FILL(limited, 0)',
    usingMetrics: { answered: ofApi('5XXError', 'Sum', apiName), limited: ownMetric('RequestsLimited', 'Sum') },
    period: Duration.minutes(5),
  });

export const ofTable = (metricName: string, TableName: string) =>
  new Metric({
    namespace: 'AWS/DynamoDB',
    metricName,
    dimensionsMap: { TableName },
    statistic: 'Sum',
    period: Duration.minutes(5),
  });
