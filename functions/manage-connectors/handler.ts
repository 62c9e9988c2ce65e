/** Connectors: what they are and how they are, whether a draft would do, and the vendor's own API of them. */
import { http } from '../../shared/edge/http.ts';
import { reading, replacing } from '../../shared/edge/set-up-list.ts';
import { type Dependencies, dependencies } from './dependencies.ts';
import { entrance } from './entrance.ts';
import { addInstance, describeType, listInstances, showInstance, takeEnvironment } from './instances.ts';
import { withStatuses } from './list.ts';
import { testConnector } from './test-connector.ts';

export const doors = {
  'GET /v1/connectors': reading<Dependencies>('connectors', withStatuses),
  'PUT /v1/connectors': replacing<Dependencies>('connectors', withStatuses),
  'POST /v1/connectors/test': testConnector,
  'GET /api/v2/connector': describeType,
  'PUT /api/v2/connector/env': takeEnvironment,
  'GET /api/v2/connector/instances': listInstances,
  'POST /api/v2/connector/instances': addInstance,
  'GET /api/v2/connector/instances/{id}': showInstance,
};

export const handler = http(dependencies, doors, entrance);
