/** What became of what was pushed, and of an act. */
import { operationView } from '../../shared/connectors/any-operation.ts';
import { type FoundOperations, positionOf } from '../../shared/connectors/find-operations.ts';
import { type Answer, json } from '../../shared/edge/http.ts';
import { pageAnswer } from '../../shared/edge/page.ts';
import type { ActedOnHost } from '../../shared/infected-hosts/act-on-host.ts';
import { feedView, type FoundFeed } from '../../shared/infected-hosts/find-feeds.ts';
import { infectedHostView } from '../../shared/infected-hosts/host-view.ts';
import { wantedOf } from '../../shared/infected-hosts/host.ts';
import type { Pushed } from '../../shared/infected-hosts/push-hosts.ts';

export const pushedAnswer = (cause: string, pushed: readonly Pushed[]): Answer =>
  json(200, { eventId: cause, hosts: pushed.map(pushedView) });

const pushedView = ({ ip, host, outcome, connector, heldBy, operations }: Pushed) => ({
  ip,
  outcome,
  wanted: host ? wantedOf(host) : 'free',
  connector,
  heldBy,
  operations: operations.map(({ id }) => id),
});

export const investigatedAnswer = (cause: string, { outcome, host, operations }: ActedOnHost): Answer =>
  json(200, {
    outcome,
    eventId: cause,
    operations: operations.map(({ id }) => id),
    host: host ? infectedHostView(host) : null,
  });

export const feedsAnswer = (feeds: readonly FoundFeed[]): Answer => json(200, { items: feeds.map(feedView) });

export const operationsAnswer = ({ operations, next }: FoundOperations): Answer =>
  pageAnswer({ items: operations, next }, operationView, positionOf);
