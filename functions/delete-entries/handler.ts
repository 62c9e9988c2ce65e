/** DELETE /v1/entries?..., /v1/entries/{ip}: an operator ends entries; who is meant must be said. */
import { http, type HttpRequest, json } from '../../shared/edge/http.ts';
import { onceByKey } from '../../shared/edge/once.ts';
import { readQuery } from '../../shared/edge/query.ts';
import { ipAddress } from '../../shared/identity/address.ts';
import { deleteEntries, deleteEntry } from '../../shared/identity/delete-entries.ts';
import { deletionFilter, filterNames } from '../../shared/identity/entry-filter.ts';
import { tellDeletes } from '../../shared/journal/tell-deletes.ts';
import { type Dependencies, dependencies } from './dependencies.ts';

/** So much of the time is left for finishing what was begun. */
const finishMs = 5_000;

export const doors = {
  'DELETE /v1/entries': async (deps: Dependencies, request: HttpRequest) => {
    const filter = deletionFilter(readQuery(request, filterNames));
    const { deleted, complete } = await deleteEntries(deps, request.tenant, {
      filter,
      tell: tellDeletes(deps, request),
      untilAt: request.deadlineAt - finishMs,
    });
    return json(200, { deleted, complete: complete === 'yes' });
  },

  'DELETE /v1/entries/{ip}': async (deps: Dependencies, request: HttpRequest) => {
    readQuery(request, []);
    const deleted = await deleteEntry(deps, request.tenant, {
      ip: ipAddress(request.parameters.ip ?? ''),
      tell: tellDeletes(deps, request),
    });
    return json(200, { deleted, complete: true });
  },
};

export const handler = http(dependencies, doors, onceByKey);
