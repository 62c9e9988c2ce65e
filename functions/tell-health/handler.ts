/** GET /v1/health: whether we answer, and as whom we know the caller: the first thing to try with a new credential. */
import type { ConfigurationReader } from '../../shared/configuration/configuration.ts';
import { http, type HttpRequest, json } from '../../shared/edge/http.ts';
import { readQuery } from '../../shared/edge/query.ts';
import { dependencies } from './dependencies.ts';

export const doors = {
  'GET /v1/health': async ({ configurations }: { configurations: ConfigurationReader }, request: HttpRequest) => {
    readQuery(request, []);
    const { tenant, role, credentialName: credential, receivedAt, clientAddress } = request;
    const { version } = await configurations.current(tenant);
    return json(200, {
      status: 'ok',
      time: new Date(receivedAt).toISOString(),
      tenant,
      role,
      credential,
      clientAddress,
      configurationVersion: version,
    });
  },
};

export const handler = http(dependencies, doors);
