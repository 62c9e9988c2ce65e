/** What API Gateway remembers of the authorizer's answers, for a minute each. */
import { type APIGatewayClient, FlushStageAuthorizersCacheCommand } from '@aws-sdk/client-api-gateway';
import { stageName } from '../contract.ts';
import type { LoginCache } from './manage-credentials.ts';

export function gatewayLoginCache(client: APIGatewayClient, restApiId: string): LoginCache {
  return {
    async flush() {
      try {
        await client.send(new FlushStageAuthorizersCacheCommand({ restApiId, stageName }));
        return 'flushed';
      } catch {
        // The answer says so, and the cache forgets by itself. AWS allows few such calls a second.
        return 'failed';
      }
    },
  };
}
