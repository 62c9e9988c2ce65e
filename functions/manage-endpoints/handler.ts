/** /v1/endpoints, /v1/approvals: which devices are known, how each is held and why, and what an operator does by hand. */
import { approveFor, decidedView, findApprovals, rejectApproval } from '../../shared/admission/approvals.ts';
import type { Deciding } from '../../shared/admission/decide-approval.ts';
import { decideMany } from '../../shared/admission/decide-many.ts';
import { undoEvent, type Undoing } from '../../shared/admission/undo-event.ts';
import { actOnMany } from '../../shared/endpoints/bulk-acts.ts';
import { endpointView } from '../../shared/endpoints/endpoint-view.ts';
import { findEndpoint, findEndpoints, type FindEndpoints } from '../../shared/endpoints/find-endpoints.ts';
import { macAddress } from '../../shared/endpoints/mac.ts';
import {
  blockEndpoint,
  clearEndpoint,
  investigate,
  type Operator,
  type OperatorActs,
  quarantineEndpoint,
  teachAddress,
  terminateSessions,
} from '../../shared/endpoints/operator-acts.ts';
import { http, type HttpRequest, json, readJson, readJsonIfAny } from '../../shared/edge/http.ts';
import { onceByKey } from '../../shared/edge/once.ts';
import { readPage, readQuery } from '../../shared/edge/query.ts';
import { ipAddress } from '../../shared/identity/address.ts';
import { explainEndpoint, type ExplainEndpoint } from '../../shared/why/explain-endpoint.ts';
import { actedAnswer, approvalsAnswer, endpointsAnswer, storyAnswer } from './answers.ts';
import { address, approval, block, clear, investigation, nothing, quarantine, reading, terminate } from './bodies.ts';
import { dependencies } from './dependencies.ts';
import { bulkAnswer, decisionsAnswer, readBulk, readDecisions, readUndo, undoneAnswer } from './many.ts';
import { filterNames, isMac, readApprovalPage, readFilter, readLogPage } from './query.ts';

/** So much of the time is left for what comes after the look through the table. */
const answerMs = 5_000;

export const doors = {
  'GET /v1/endpoints': async (deps: FindEndpoints, request: HttpRequest) => {
    const { limit, cursor, ...filter } = readQuery(request, [...filterNames, 'limit', 'cursor']);
    const page = { filter: readFilter(filter), ...readPage({ limit, cursor }, isMac) };
    const untilAt = request.deadlineAt - answerMs;
    return endpointsAnswer(await findEndpoints(deps, request.tenant, { ...page, untilAt }), deps.now());
  },

  'GET /v1/endpoints/{mac}': async (deps: FindEndpoints, request: HttpRequest) => {
    readQuery(request, []);
    const endpoint = await findEndpoint(deps, request.tenant, macIn(request));
    return json(200, { endpoint: endpointView(endpoint, deps.now()) });
  },

  'PUT /v1/endpoints/{mac}': async (deps: OperatorActs, request: HttpRequest) => {
    const by = operatorOf(request);
    const ip = ipAddress(reading(address)(readJson(request)).ip);
    return actedAnswer(await teachAddress(deps, by, ip), deps.now());
  },

  'GET /v1/endpoints/{mac}/why': async (deps: ExplainEndpoint, request: HttpRequest) => {
    const page = readLogPage(readQuery(request, ['limit', 'cursor']));
    return storyAnswer(await explainEndpoint(deps, request.tenant, macIn(request), page), deps.now());
  },

  'POST /v1/endpoints': async (deps: OperatorActs, request: HttpRequest) => {
    const { bulk, wanted } = readBulk(request);
    return bulkAnswer(await actOnMany(deps, bulk, wanted));
  },

  'POST /v1/endpoints/{mac}/block': async (deps: OperatorActs, request: HttpRequest) => {
    const by = operatorOf(request);
    return actedAnswer(await blockEndpoint(deps, by, reading(block)(readJsonIfAny(request))), deps.now());
  },

  'POST /v1/endpoints/{mac}/quarantine': async (deps: OperatorActs, request: HttpRequest) => {
    const by = operatorOf(request);
    return actedAnswer(await quarantineEndpoint(deps, by, reading(quarantine)(readJson(request))), deps.now());
  },

  'POST /v1/endpoints/{mac}/clear': async (deps: OperatorActs, request: HttpRequest) => {
    const by = operatorOf(request);
    return actedAnswer(await clearEndpoint(deps, by, reading(clear)(readJson(request))), deps.now());
  },

  'POST /v1/endpoints/{mac}/terminate': async (deps: OperatorActs, request: HttpRequest) => {
    const by = operatorOf(request);
    return actedAnswer(await terminateSessions(deps, by, reading(terminate)(readJsonIfAny(request))), deps.now());
  },

  'PUT /v1/endpoints/{mac}/investigation': async (deps: OperatorActs, request: HttpRequest) => {
    const by = operatorOf(request);
    const { state } = reading(investigation)(readJson(request));
    return actedAnswer(await investigate(deps, by, state), deps.now());
  },

  'GET /v1/approvals': async (deps: Deciding, request: HttpRequest) => {
    const page = readApprovalPage(readQuery(request, ['state', 'limit', 'cursor']));
    const untilAt = request.deadlineAt - answerMs;
    return approvalsAnswer(await findApprovals(deps, request.tenant, { ...page, untilAt }));
  },

  'POST /v1/approvals': async (deps: Deciding, request: HttpRequest) =>
    decisionsAnswer(await decideMany(deps, request.tenant, request, readDecisions(request))),

  'POST /v1/events/{id}/undo': async (deps: Undoing, request: HttpRequest) =>
    undoneAnswer(await undoEvent(deps, request.tenant, request, readUndo(request))),

  'POST /v1/approvals/{id}/approve': async (deps: Deciding, request: HttpRequest) => {
    readQuery(request, []);
    const { mac } = reading(approval)(readJsonIfAny(request));
    return json(200, decidedView(await approveFor(deps, request.tenant, idIn(request), { by: request, mac })));
  },

  'POST /v1/approvals/{id}/reject': async (deps: Deciding, request: HttpRequest) => {
    readQuery(request, []);
    reading(nothing)(readJsonIfAny(request));
    return json(200, decidedView(await rejectApproval(deps, request.tenant, idIn(request), request)));
  },
};

const idIn = ({ parameters }: HttpRequest) => parameters.id ?? '';
const macIn = ({ parameters }: HttpRequest) => macAddress(parameters.mac ?? '');

/** Throws `parameter-unknown`, `mac-invalid`. */
function operatorOf(request: HttpRequest): Operator {
  readQuery(request, []);
  const { tenant, credentialName, clientAddress, requestId } = request;
  return { tenant, credentialName, clientAddress, requestId, mac: macIn(request) };
}

export const handler = http(dependencies, doors, onceByKey);
