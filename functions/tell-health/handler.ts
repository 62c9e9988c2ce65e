/**
 * GET /v1/health: whether we answer, and as whom we know the caller: the first thing to try with a new credential. Who
 * may read receipts is also told how it is with the tenant's senders.
 */
import type { ConfigurationReader } from '../../shared/configuration/configuration.ts';
import { http, type HttpRequest, json } from '../../shared/edge/http.ts';
import { readQuery } from '../../shared/edge/query.ts';
import { tellSenders, type TellSenders } from '../../shared/journal/tell-senders.ts';
import { dependencies } from './dependencies.ts';

export interface TellHealth extends TellSenders {
  readonly configurations: ConfigurationReader;
}

export const doors = {
  'GET /v1/health': async (deps: TellHealth, request: HttpRequest) => {
    readQuery(request, []);
    const { tenant, role, credentialName: credential, receivedAt, clientAddress } = request;
    const [{ version }, senders] = await Promise.all([
      deps.configurations.current(tenant),
      tellSenders(deps, { tenant, role, now: receivedAt }),
    ]);
    return json(200, {
      status: 'ok',
      time: new Date(receivedAt).toISOString(),
      tenant,
      role,
      credential,
      clientAddress,
      configurationVersion: version,
      ...senders,
    });
  },
};

export const handler = http(dependencies, doors);
