/** The one API Gateway client of a function's life. */
import { APIGatewayClient } from '@aws-sdk/client-api-gateway';

/** Waits little: what it is asked for only hastens what happens anyway. */
export const apiGateway = (): APIGatewayClient =>
  new APIGatewayClient({ maxAttempts: 2, requestHandler: { connectionTimeout: 1_000, requestTimeout: 3_000 } });
