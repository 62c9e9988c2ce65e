/** The one DynamoDB client of a function's life. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { sendBatchesAsJson } from './batches-as-json.ts';

/**
 * Fails fast rather than hang: a caller of ours waits no longer than API Gateway does. The SDK repeats a request that
 * failed or was throttled, so every write must stand being sent twice.
 */
export function dynamodb(): DynamoDBClient {
  const client = new DynamoDBClient({
    maxAttempts: 4,
    cacheMiddleware: true, // the steps of a command are put in order once, and not at every request
    requestHandler: {
      connectionTimeout: 1_000,
      requestTimeout: 5_000,
      throwOnRequestTimeout: true, // or the SDK would only say that it waits
      httpAgent: { maxSockets: 64 },
      httpsAgent: { maxSockets: 64 },
    },
  });
  // It copies all that is asked and answered for a log that nobody keeps: a fifth of what a large post costs.
  client.middlewareStack.remove('loggerMiddleware');
  sendBatchesAsJson(client);
  return client;
}
