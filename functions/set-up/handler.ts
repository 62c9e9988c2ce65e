/** The set-up of threat response, list by list. */
import { tryTemplate } from '../../shared/configuration/try-template.ts';
import { http, type HttpRequest, json, readJson } from '../../shared/edge/http.ts';
import { onceByKey } from '../../shared/edge/once.ts';
import { readQuery } from '../../shared/edge/query.ts';
import { reading, replacing } from '../../shared/edge/set-up-list.ts';
import { type Dependencies, dependencies } from './dependencies.ts';

export const doors = {
  'GET /v1/authentication-servers': reading('authenticationServers'),
  'PUT /v1/authentication-servers': replacing('authenticationServers'),
  'GET /v1/realms': reading('realms'),
  'PUT /v1/realms': replacing('realms'),
  'GET /v1/roles': reading('roles'),
  'PUT /v1/roles': replacing('roles'),
  'GET /v1/templates': reading('templates'),
  'PUT /v1/templates': replacing('templates'),
  'GET /v1/clients': reading('clients'),
  'PUT /v1/clients': replacing('clients'),
  'GET /v1/admission-policies': reading('admissionPolicies'),
  'PUT /v1/admission-policies': replacing('admissionPolicies'),
  'GET /v1/radius-clients': reading('radiusClients'),
  'PUT /v1/radius-clients': replacing('radiusClients'),
  'GET /v1/return-attributes': reading('returnAttributes'),
  'PUT /v1/return-attributes': replacing('returnAttributes'),

  'POST /v1/templates/try': async ({ configurations }: Dependencies, request: HttpRequest) => {
    readQuery(request, []);
    const { configuration } = await configurations.current(request.tenant);
    return json(200, tryTemplate(readJson(request), configuration.threatResponse.templates));
  },
};

export const handler = http(dependencies, doors, onceByKey);
