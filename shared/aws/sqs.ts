/** The one SQS client of a function's life. */
import { SQSClient } from '@aws-sdk/client-sqs';

export const sqs = (): SQSClient =>
  new SQSClient({ maxAttempts: 3, requestHandler: { connectionTimeout: 1_000, requestTimeout: 5_000 } });
