/** What a deployment to production costs a month, by AWS's services: the model of a tenant, times prices. */
import type { FunctionName } from '../functions.ts';
import { sizes } from '../functions.ts';
import { stageNamed } from '../stage.ts';
import {
  authorizationsPerDay,
  gigabytesStored,
  kilobytesLogged,
  operations,
  scheduledReadsPerDay,
  waitingSecondsPerDay,
} from './tenant-model.ts';
import { price, type Service } from './unit-prices.ts';

const daysPerMonth = 30;
const hoursPerMonth = 24 * daysPerMonth;
const production = stageNamed('production');

/** Of production with one cell: what is paid whether anybody calls or not. An alarm is paid for each metric that it looks at. */
export const fixed = {
  series: 66,
  alarmMetrics: 132,
  dashboards: 1,
  keys: 3,
  secrets: 1,
  firewallRules: 4,
  tracedShare: 0.05,
};

export type Cost = Readonly<Record<Service, number>>;

export function monthlyCost(tenants: number): Cost {
  const times = daysPerMonth * tenants;
  const sum = (of: (operation: (typeof operations)[number]) => number) =>
    operations.reduce((total, each) => total + of(each) * each.perDay, 0) * times;

  const invocations = sum(() => 1) + authorizationsPerDay * times;
  const requests = sum(({ by }) => (by === 'caller' ? 1 : 0));
  const gigabyteSeconds =
    sum((each) => gigabyteSecondsOf(each.function, each.milliseconds)) +
    authorizationsPerDay * times * gigabyteSecondsOf('authorize', 10);
  const reads = sum((each) => each.reads) + (authorizationsPerDay + scheduledReadsPerDay) * times;
  const writes = sum((each) => each.writes);
  const stored = gigabytesStored * tenants;
  const logged = (invocations * kilobytesLogged + requests * 0.5) / 1e6; // and a line of the gateway's for each request
  const kept = Math.min(production.logRetention / daysPerMonth, 12);
  const out = sum((each) => each.kilobytesOut) / 1e6;
  const toTenants = sum(({ by, kilobytesOut }) => (by === 'queue' ? kilobytesOut * 2 : 0)) / 1e6;

  return {
    'API Gateway': requests * price['API Gateway'].request,
    Lambda: invocations * price.Lambda.request + gigabyteSeconds * price.Lambda.gigabyteSecond,
    DynamoDB:
      writes * price.DynamoDB.write +
      reads * price.DynamoDB.read +
      stored * (price.DynamoDB.gigabyteMonth + price.DynamoDB.recoveryGigabyteMonth),
    EventBridge: sum(({ events = 0 }) => events) * price.EventBridge.event,
    SQS:
      sum(({ messages = 0 }) => messages) * price.SQS.request +
      sum(({ orderedMessages = 0 }) => orderedMessages) * price.SQS.orderedRequest,
    KMS: fixed.keys * price.KMS.key + sum(({ decryptions = 0 }) => decryptions) * price.KMS.request,
    'Secrets Manager': fixed.secrets * price['Secrets Manager'].secret,
    CloudWatch:
      logged * (price.CloudWatch.gigabyteWritten + kept * price.CloudWatch.gigabyteMonth) +
      fixed.series * price.CloudWatch.series +
      fixed.alarmMetrics * price.CloudWatch.alarm +
      fixed.dashboards * price.CloudWatch.dashboard,
    'X-Ray': requests * fixed.tracedShare * price['X-Ray'].trace,
    WAF: price.WAF.acl + fixed.firewallRules * price.WAF.rule + requests * price.WAF.request,
    CloudFront: requests * price.CloudFront.request + out * price.CloudFront.gigabyteOut,
    'Fixed egress':
      production.egressAddresses *
        hoursPerMonth *
        (price['Fixed egress'].gatewayHour + price['Fixed egress'].addressHour) +
      toTenants * price['Fixed egress'].gigabyte,
  };
}

export const totalOf = (cost: Cost) => Object.values(cost).reduce((total, each) => total + each, 0);

/** What one site costs more that always waits for its changes of authorization. */
export const monthlyCostOfWaiting = () =>
  waitingSecondsPerDay * daysPerMonth * gigabyteSecondsOf('hand-over-changes', 1_000) * price.Lambda.gigabyteSecond;

function gigabyteSecondsOf(name: FunctionName, milliseconds: number): number {
  return (sizes[name].memoryMegabytes / 1_024) * (milliseconds / 1_000);
}
