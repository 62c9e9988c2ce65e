import { randomUUID } from 'node:crypto';
import { dynamodb } from '../../shared/aws/dynamodb.ts';
import { variables } from '../../shared/contract.ts';
import { required } from '../../shared/edge/environment.ts';
import { logger } from '../../shared/edge/log.ts';
import { embeddedMetrics } from '../../shared/edge/metrics.ts';
import { dynamoEndpointStore } from '../../shared/endpoints/endpoint-store.ts';
import { dynamoFeedOutStore } from '../../shared/infected-hosts/feed-out-store.ts';
import { dynamoHostStore } from '../../shared/infected-hosts/host-store.ts';
import type { ServeFeed } from '../../shared/infected-hosts/feed-out.ts';

export function dependencies(): ServeFeed {
  const client = dynamodb();
  const endpoints = required(variables.endpointsTable);
  const measure = embeddedMetrics();
  return {
    endpoints: dynamoEndpointStore(client, endpoints),
    hosts: dynamoHostStore(client, endpoints),
    feeds: dynamoFeedOutStore(client, endpoints),
    now: Date.now,
    newId: randomUUID,
    notMade: (tenant, error) => {
      logger.error('The feed of infected hosts could not be made: the last one is served.', { tenant, error });
      measure(tenant, Date.now(), { FeedsOutUnmade: 1 });
    },
  };
}
