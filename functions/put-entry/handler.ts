/** PUT /v1/entries/{ip}: a source that does not post tells who is at an address, or that nobody is any more. */
import { http, type HttpRequest, json, readJson } from '../../shared/edge/http.ts';
import { onceByKey } from '../../shared/edge/once.ts';
import { readQuery } from '../../shared/edge/query.ts';
import { ipAddress } from '../../shared/identity/address.ts';
import { entryViews } from '../../shared/identity/entry-view.ts';
import { tellEntry } from '../../shared/identity/tell-entry.ts';
import { readWord } from './body.ts';
import { type Dependencies, dependencies } from './dependencies.ts';

export const doors = {
  'PUT /v1/entries/{ip}': async (deps: Dependencies, request: HttpRequest) => {
    readQuery(request, []);
    const ip = ipAddress(request.parameters.ip ?? '');
    const word = readWord(readJson(request));
    const settings = deps.settingsOf(request.tenant);
    const heard = await tellEntry({ ...deps, settingsOf: async () => settings }, { ...request, ip }, word);
    const { interested } = await settings;
    const { outcome, entry, remarks } = heard;
    return json(200, { outcome, entry: entry ? entryViews.authentication(entry, interested) : null, remarks });
  },
};

export const handler = http(dependencies, doors, onceByKey);
