/** Logging in as at a Pulse Policy Secure: Basic user and password for an API key. */
import { http, type HttpRequest, json, readJson } from '../../shared/edge/http.ts';
import { pulseEntrance } from '../../shared/edge/pulse.ts';
import { readQuery } from '../../shared/edge/query.ts';
import { readDocument } from '../../shared/json-schema.ts';
import { type LogIn, logIn } from '../../shared/tenancy/log-in.ts';
import { login } from './body.ts';
import { dependencies } from './dependencies.ts';

export const doors = {
  'GET /api/v1/auth': async (deps: LogIn, request: HttpRequest) => {
    readQuery(request, []);
    return json(200, { api_key: await logIn(deps, whoIn(request)) });
  },

  'POST /api/v1/realm_auth': async (deps: LogIn, request: HttpRequest) => {
    readQuery(request, []);
    const { realm } = readDocument(login, readJson(request), 'body-invalid');
    return json(200, { api_key: await logIn(deps, { ...whoIn(request), realm }) });
  },
};

const whoIn = ({ tenant, credentialId, credentialName, headers }: HttpRequest) => ({
  tenant,
  credentialId,
  credentialName,
  authorization: headers.get('authorization') ?? '',
});

export const handler = http(dependencies, doors, pulseEntrance);
