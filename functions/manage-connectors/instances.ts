/** The vendor's Connector API, as far as it is public. Experimental. */
import { editConfiguration } from '../../shared/configuration/change-configuration.ts';
import { connectorKey } from '../../shared/connectors/connector-state.ts';
import { addedInstance, describedType, instanceOf } from '../../shared/connectors/vendor-instances.ts';
import { readChange, readConfigurationBody } from '../../shared/edge/change.ts';
import { type HttpRequest, json, readJson } from '../../shared/edge/http.ts';
import { readQuery } from '../../shared/edge/query.ts';
import { pointerOf } from '../../shared/violation.ts';
import { informed } from '../../shared/wire/pulse/envelope.ts';
import type { Dependencies } from './dependencies.ts';
import { connectorCalled } from './test-connector.ts';

export const describeType = async (_: Dependencies, request: HttpRequest) => {
  readQuery(request, []);
  return Promise.resolve(json(200, describedType('pulse-policy-secure')));
};

/**
 * What surrounds a connector is the tenant's configuration, so there is nothing here to keep. Which members an environment has
 * is not public: to refuse those of a real sender would end its set-up, and to be silent would have it think that they hold.
 */
export const takeEnvironment = async (_: Dependencies, request: HttpRequest) => {
  readQuery(request, []);
  const environment = readJson(request);
  const names = typeof environment === 'object' && environment !== null ? Object.keys(environment) : [];
  const unused = names
    .slice(0, mostNamed)
    .map((name) => `${pointerOf([name.slice(0, longestName)])}: Nothing is done with it. Set what is meant in the configuration, at PUT /v1/connectors.`); // prettier-ignore
  return Promise.resolve(json(200, informed(['The environment was read, and nothing of it is kept.'], unused)));
};

/** So much of an environment is named in the answer. */
const [mostNamed, longestName] = [10, 100];

export const listInstances = async ({ configurations, states }: Dependencies, request: HttpRequest) => {
  readQuery(request, []);
  const { configuration } = await configurations.current(request.tenant);
  const known = await states.all(request.tenant);
  const instances = configuration.threatResponse.connectors.map((connector) =>
    instanceOf(connector, known.get(connectorKey(connector.name))),
  );
  return json(200, { instances });
};

export const showInstance = async (deps: Dependencies, request: HttpRequest) => {
  readQuery(request, []);
  const { configuration } = await deps.configurations.current(request.tenant);
  return json(
    200,
    await shownInstance(deps, request, connectorCalled(configuration, request.parameters.id ?? '').name),
  );
};

export const addInstance = async (deps: Dependencies, request: HttpRequest) => {
  readQuery(request, []);
  const { name, ...edit } = addedInstance(readConfigurationBody(request));
  await editConfiguration(deps, request.tenant, { ...edit, ...readChange(request, undefined) });
  const instance = await shownInstance(deps, request, String(name));
  return json(201, instance, { Location: `/api/v2/connector/instances/${instance.id}` });
};

async function shownInstance({ configurations, states }: Dependencies, { tenant }: HttpRequest, name: string) {
  const { configuration } = await configurations.current(tenant);
  const { passwordSet: _, ...connector } = connectorCalled(configuration, name);
  return instanceOf({ ...connector, password: null }, await states.read(tenant, connectorKey(name)));
}
