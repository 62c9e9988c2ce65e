/** /v1/configuration: what a tenant has set, read and replaced whole, and the versions of it. */
import { restoreConfiguration } from '../../shared/configuration/change-configuration.ts';
import { compareVersion, findVersion, listVersions } from '../../shared/configuration/find-versions.ts';
import { readChange } from '../../shared/edge/change.ts';
import { http, type HttpRequest, json } from '../../shared/edge/http.ts';
import { onceByKey } from '../../shared/edge/once.ts';
import { cursorOf, readPage, readQuery } from '../../shared/edge/query.ts';
import { answerOf, versionView } from './answers.ts';
import { commit } from './commit.ts';
import { type Dependencies, dependencies } from './dependencies.ts';

export const doors = {
  'GET /v1/configuration': async ({ configurations }: Dependencies, request: HttpRequest) => {
    readQuery(request, []);
    return answerOf(await configurations.current(request.tenant));
  },

  'PUT /v1/configuration': commit,

  'GET /v1/configuration/versions': async (deps: Dependencies, request: HttpRequest) => {
    const { items, next } = await listVersions(
      deps,
      request.tenant,
      readPage(readQuery(request, ['limit', 'cursor']), isCount),
    );
    return json(200, { items: items.map(versionView), next: nextOf(next) });
  },

  'GET /v1/configuration/versions/{version}': async (deps: Dependencies, request: HttpRequest) => {
    readQuery(request, []);
    return answerOf(await findVersion(deps, request.tenant, named(request)));
  },

  'GET /v1/configuration/versions/{version}/diff': async (deps: Dependencies, request: HttpRequest) => {
    const { against, ...page } = readQuery(request, ['against', 'limit', 'cursor']);
    const { next, ...compared } = await compareVersion(deps, request.tenant, {
      version: named(request),
      ...(against !== undefined && { against }),
      ...readPage(page, isCount),
    });
    return json(200, { ...compared, next: nextOf(next) });
  },

  'POST /v1/configuration/versions/{version}/restore': async (deps: Dependencies, request: HttpRequest) => {
    const { message } = readQuery(request, ['message']);
    const change = { ...readChange(request, message), version: named(request) };
    return answerOf(await restoreConfiguration(deps, request.tenant, change));
  },
};

const named = ({ parameters }: HttpRequest) => parameters.version ?? '';
const nextOf = (position: number | undefined) => (position === undefined ? null : cursorOf(position));
const isCount = (value: unknown): value is number => Number.isInteger(value) && Number(value) > 0;

export const handler = http(dependencies, doors, onceByKey);
