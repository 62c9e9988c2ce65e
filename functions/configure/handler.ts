/** /v1/configuration: what a tenant has set, read and replaced whole. */
import type { Versioned } from '../../shared/configuration/configuration.ts';
import { shown } from '../../shared/configuration/configuration-secrets.ts';
import { replaceConfiguration, type ReplaceConfiguration } from '../../shared/configuration/replace-configuration.ts';
import { etagOf, readIfMatch } from '../../shared/edge/etag.ts';
import { http, type HttpRequest, json } from '../../shared/edge/http.ts';
import { onceByKey } from '../../shared/edge/once.ts';
import { readQuery } from '../../shared/edge/query.ts';
import { readConfigurationBody } from './body.ts';
import { dependencies } from './dependencies.ts';

export const doors = {
  'GET /v1/configuration': async ({ configurations }: ReplaceConfiguration, request: HttpRequest) => {
    readQuery(request, []);
    return answerOf(await configurations.current(request.tenant));
  },

  'PUT /v1/configuration': async (deps: ReplaceConfiguration, request: HttpRequest) => {
    readQuery(request, []);
    const onlyOver = readIfMatch(request);
    return answerOf(
      await replaceConfiguration(deps, request.tenant, {
        document: readConfigurationBody(request),
        ...(onlyOver && { onlyOver }),
        credentialId: request.credentialId,
      }),
    );
  },
};

const answerOf = ({ version, configuration }: Versioned) => json(200, shown(configuration), etagOf(version));

export const handler = http(dependencies, doors, onceByKey);
