/** The one DynamoDB client of a function's life. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';

/**
 * Fails fast rather than hang: a caller of ours waits no longer than API Gateway does. The SDK repeats a request that
 * failed or was throttled, so every write must stand being sent twice.
 */
export const dynamodb = (): DynamoDBClient =>
  new DynamoDBClient({
    maxAttempts: 4,
    requestHandler: {
      connectionTimeout: 1_000,
      requestTimeout: 5_000,
      httpAgent: { maxSockets: 64 },
      httpsAgent: { maxSockets: 64 },
    },
  });
