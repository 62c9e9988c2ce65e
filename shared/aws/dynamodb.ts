/** The one DynamoDB client of a function's life. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { sendBatchesAsJson } from './batches-as-json.ts';

/**
 * Steps of every request whose work nobody sees, together a fifth of what a large post costs: a copy of all that is asked
 * and answered, for a log that is not kept; what the client and its parts are called; the trace by which queues find that
 * they run in a circle.
 */
const needless = ['loggerMiddleware', 'getUserAgentMiddleware', 'recursionDetectionMiddleware'];

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
  for (const step of needless) client.middlewareStack.remove(step);
  sendBatchesAsJson(client);
  return client;
}
