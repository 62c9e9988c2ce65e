/** What an operator sees of an act, and of a list. */
import { approvalView, type findApprovals } from '../../shared/admission/approvals.ts';
import type { Endpoint } from '../../shared/endpoints/endpoint.ts';
import { endpointView } from '../../shared/endpoints/endpoint-view.ts';
import type { FoundEndpoints } from '../../shared/endpoints/find-endpoints.ts';
import type { Acted } from '../../shared/endpoints/operator-acts.ts';
import { flagMessages } from '../../shared/endpoints/operator-sentences.ts';
import { type Answer, json } from '../../shared/edge/http.ts';
import { pageAnswer } from '../../shared/edge/page.ts';
import { cursorOf } from '../../shared/edge/query.ts';
import { infectedHostView } from '../../shared/infected-hosts/host-view.ts';
import { eventView } from '../../shared/journal/event-view.ts';
import type { EndpointStory } from '../../shared/why/explain-endpoint.ts';

export const actedAnswer = ({ outcome, message, flags, eventId, changes, endpoint }: Acted, now: number): Answer =>
  json(200, {
    outcome,
    message,
    warnings: flags.map((code) => ({ code, message: flagMessages[code] ?? code })),
    eventId,
    changes,
    endpoint: endpoint === null ? null : endpointView(endpoint, now),
  });

export const endpointsAnswer = ({ endpoints, next }: FoundEndpoints, now: number): Answer =>
  pageAnswer(
    { items: endpoints, next },
    (endpoint: Endpoint) => endpointView(endpoint, now),
    ({ mac }) => mac,
  );

export const approvalsAnswer = ({ approvals, next }: Awaited<ReturnType<typeof findApprovals>>): Answer =>
  pageAnswer({ items: approvals, next }, approvalView, ({ id }) => id);

export const storyAnswer = (
  { mac, code, answer, because, infectedHosts, endpoint, events, next }: EndpointStory,
  now: number,
): Answer =>
  json(200, {
    mac,
    code,
    answer,
    because,
    infectedHosts: infectedHosts.map(infectedHostView),
    endpoint: endpoint ? endpointView(endpoint, now) : null,
    events: events.map(eventView),
    next: next === undefined ? null : cursorOf(next),
  });
