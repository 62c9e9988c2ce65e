/** The one KMS client of a function's life. */
import { KMSClient } from '@aws-sdk/client-kms';

export const kms = (): KMSClient =>
  new KMSClient({ maxAttempts: 3, requestHandler: { connectionTimeout: 1_000, requestTimeout: 5_000 } });
