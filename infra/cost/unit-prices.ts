/**
 * What AWS asks, in US dollars, in us-east-1, beyond any free tier, as its public price pages had it in the middle of 2025.
 * docs/unverified.md says how to ask whether they still hold.
 */
export const pricesAsOf = '2025-06';

const million = 1_000_000;

export const price = {
  'API Gateway': { request: 3.5 / million },
  Lambda: { request: 0.2 / million, gigabyteSecond: 0.000_013_333_4 }, // arm64
  DynamoDB: { write: 0.625 / million, read: 0.125 / million, gigabyteMonth: 0.25, recoveryGigabyteMonth: 0.2 },
  EventBridge: { event: 1 / million },
  SQS: { request: 0.4 / million, orderedRequest: 0.5 / million },
  KMS: { key: 1, request: 0.03 / 10_000 },
  'Secrets Manager': { secret: 0.4 },
  CloudWatch: { gigabyteWritten: 0.5, gigabyteMonth: 0.03, series: 0.3, alarm: 0.1, dashboard: 3 },
  'X-Ray': { trace: 5 / million },
  WAF: { acl: 5, rule: 1, request: 0.6 / million },
  CloudFront: { request: 1 / million, gigabyteOut: 0.085 },
  'Fixed egress': { gatewayHour: 0.045, addressHour: 0.005, gigabyte: 0.045 },
} as const;

export type Service = keyof typeof price;
