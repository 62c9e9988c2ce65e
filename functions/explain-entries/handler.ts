/** GET /v1/entries/{ip}/why, /v1/users/{user}/why: the whole story of an address, or of a user, known or not. */
import { http, type HttpRequest, json } from '../../shared/edge/http.ts';
import { cursorOf, readPage, readQuery } from '../../shared/edge/query.ts';
import { ipAddress } from '../../shared/identity/address.ts';
import { isPositionInTime } from '../../shared/journal/story.ts';
import { type Explain, explainAddress } from '../../shared/why/explain-address.ts';
import { explainUser } from '../../shared/why/explain-user.ts';
import { addressStoryView, userStoryView } from '../../shared/why/story-view.ts';
import { wantedUser } from '../../shared/why/wanted.ts';
import { dependencies } from './dependencies.ts';

/** So much of the time is left for what comes after the look through the table. */
const answerMs = 5_000;

export const doors = {
  'GET /v1/entries/{ip}/why': async (deps: Explain, request: HttpRequest) => {
    const part = readPage(readQuery(request, ['limit', 'cursor']), isPositionInTime);
    const story = await explainAddress(deps, request.tenant, ipAddress(request.parameters.ip ?? ''), part);
    return json(200, addressStoryView(story, nextOf(story)));
  },

  'GET /v1/users/{user}/why': async (deps: Explain, request: HttpRequest) => {
    const { domain, ...page } = readQuery(request, ['domain', 'limit', 'cursor']);
    const wanted = wantedUser({ user: request.parameters.user ?? '', ...(domain !== undefined && { domain }) });
    const untilAt = request.deadlineAt - answerMs;
    const question = { wanted, ...readPage(page, isPosition), untilAt };
    const story = await explainUser(deps, request.tenant, question);
    return json(200, userStoryView(story, nextOf(story)));
  },
};

const isPosition = (value: unknown): value is string => typeof value === 'string';

const nextOf = ({ next }: { readonly next?: string | undefined }) => (next === undefined ? null : cursorOf(next));

export const handler = http(dependencies, doors);
