/** Infected hosts: others push them, and an operator says how the investigation of one stands. */
import { findOperations, type FindOperations, isPosition } from '../../shared/connectors/find-operations.ts';
import { http, type HttpRequest, readJson } from '../../shared/edge/http.ts';
import { actId, onceByKey } from '../../shared/edge/once.ts';
import { readPage, readQuery } from '../../shared/edge/query.ts';
import { ipAddress } from '../../shared/identity/address.ts';
import type { HostSender } from '../../shared/infected-hosts/act-on-host.ts';
import { findFeeds, type FindFeeds } from '../../shared/infected-hosts/find-feeds.ts';
import { investigateHost } from '../../shared/infected-hosts/investigate-host.ts';
import { type PushHosts, pushHosts } from '../../shared/infected-hosts/push-hosts.ts';
import { readDocument } from '../../shared/json-schema.ts';
import { feedsAnswer, investigatedAnswer, operationsAnswer, pushedAnswer } from './answers.ts';
import { investigation, push } from './bodies.ts';
import { dependencies } from './dependencies.ts';
import { operationFilter, operationNames } from './operation-query.ts';

/** So much of the time is left for the hosts that were begun, and for the answer. */
const finishMs = 5_000;

export const doors = {
  'GET /v1/feeds': async (deps: FindFeeds, request: HttpRequest) => {
    readQuery(request, []);
    return feedsAnswer(await findFeeds(deps, request.tenant));
  },

  'GET /v1/operations': async (deps: FindOperations, request: HttpRequest) => {
    const { limit, cursor, ...asked } = readQuery(request, [...operationNames, 'limit', 'cursor']);
    const page = { ...readPage({ limit, cursor }, isPosition), untilAt: request.deadlineAt - finishMs };
    return operationsAnswer(await findOperations(deps, request.tenant, operationFilter(asked), page));
  },

  'POST /v1/infected-hosts': async (deps: PushHosts, request: HttpRequest) => {
    readQuery(request, []);
    const { hosts } = readDocument(push, readJson(request), 'body-invalid');
    const by = senderOf(request, { kind: 'feed', name: 'api', act: 'push' });
    const untilAt = request.deadlineAt - finishMs;
    return pushedAnswer(by.cause, await pushHosts(deps, request.tenant, { hosts, by, untilAt }));
  },

  'PUT /v1/infected-hosts/{ip}': async (deps: PushHosts, request: HttpRequest) => {
    readQuery(request, []);
    const ip = ipAddress(request.parameters.ip ?? '');
    const told = readDocument(investigation, readJson(request), 'body-invalid');
    const by = senderOf(request, { kind: 'operator', name: request.credentialName, act: 'operator' });
    return investigatedAnswer(by.cause, await investigateHost(deps, request.tenant, ip, { ...told, by }));
  },
};

interface Acting {
  readonly kind: HostSender['sender']['kind'];
  readonly name: string;
  readonly act: 'push' | 'operator';
}

const senderOf = (request: HttpRequest, { kind, name, act }: Acting): HostSender => ({
  sender: { kind, name },
  credentialName: request.credentialName,
  clientAddress: request.clientAddress,
  requestId: request.requestId,
  cause: actId(act, request),
});

export const handler = http(dependencies, doors, onceByKey);
