/** GET /v1/entries, /v1/entries/{ip}, /v1/entries/counters: who is where, who is at this address, and how many. */
import { http, type HttpRequest, json } from '../../shared/edge/http.ts';
import { pageAnswer } from '../../shared/edge/page.ts';
import { readPage, readQuery } from '../../shared/edge/query.ts';
import { ipAddress } from '../../shared/identity/address.ts';
import { positionOf } from '../../shared/identity/authentication-table.ts';
import { entryFilter, filterNames } from '../../shared/identity/entry-filter.ts';
import { entryViews, viewOf } from '../../shared/identity/entry-view.ts';
import { countEntries, findEntry, listEntries } from '../../shared/identity/find-entries.ts';
import { silenceView } from '../../shared/identity/reading.ts';
import { type Dependencies, dependencies } from './dependencies.ts';

/** So much of the time is left for writing the answer. */
const answerMs = 3_000;

export const doors = {
  'GET /v1/entries': async (deps: Dependencies, request: HttpRequest) => {
    const { limit, cursor, view, ...query } = readQuery(request, [...filterNames, 'view', 'limit', 'cursor']);
    const show = entryViews[viewOf(view)];
    const untilAt = request.deadlineAt - answerMs;
    const page = { filter: entryFilter(query), ...readPage({ limit, cursor }, isPosition), untilAt };
    const { interested, readingAt } = await deps.settingsOf(request.tenant);
    const found = await listEntries(deps, request.tenant, { ...page, readingAt });
    const reading = readingAt(deps.now());
    const silences = reading.silences.map(silenceView);
    return pageAnswer(found, (each) => show(each, interested, reading), positionOf, { silences });
  },

  'GET /v1/entries/{ip}': async (deps: Dependencies, request: HttpRequest) => {
    const { view } = readQuery(request, ['view']);
    const show = entryViews[viewOf(view)];
    const ip = ipAddress(request.parameters.ip ?? '');
    const settings = deps.settingsOf(request.tenant);
    const how = settings.then(({ readingAt }) => readingAt);
    const [{ interested }, found] = await Promise.all([settings, findEntry(deps, request.tenant, ip, how)]);
    const { entry, slots, silence, reading } = found;
    return json(200, {
      entry: entry && show(entry, interested, reading),
      slots: slots.map((each) => ({ slot: each.slot, ...show(each, interested, reading) })),
      silence: silenceView(silence),
    });
  },

  'GET /v1/entries/counters': async (deps: Dependencies, request: HttpRequest) => {
    readQuery(request, []);
    const { readingAt } = await deps.settingsOf(request.tenant);
    const counted = await countEntries(deps, request.tenant, readingAt);
    return json(200, { ...counted, silences: readingAt(deps.now()).silences.map(silenceView) });
  },
};

const isPosition = (value: unknown): value is string => typeof value === 'string';

export const handler = http(dependencies, doors);
