/** The one EventBridge client of a function's life. */
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';

/** Waits little: what it is told has been done and written, and whoever did it waits for an answer. */
export const eventBridge = (): EventBridgeClient =>
  new EventBridgeClient({
    maxAttempts: 2,
    requestHandler: { connectionTimeout: 500, requestTimeout: 1_500, throwOnRequestTimeout: true },
  });
