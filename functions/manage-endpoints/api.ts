import * as v from 'valibot';
import { endpoint, mac } from '../../shared/api/endpoints.ts';
import { event } from '../../shared/api/events.ts';
import { infectedHost } from '../../shared/api/infected-hosts.ts';
import { approvalReasons, approvalStates } from '../../shared/admission/approval.ts';
import { eventStates } from '../../shared/journal/event-line.ts';
import { type Api, instant, ip, listOf, type Operation, pageParameters, word } from '../../shared/api/operation.ts';
import { statusFilters } from '../../shared/endpoints/find-endpoints.ts';
import {
  address,
  approval,
  block,
  bulk,
  clear,
  decisions,
  investigation,
  nothing,
  quarantine,
  terminate,
  undo,
} from './bodies.ts';

const acted = v.strictObject({
  outcome: v.pipe(v.string(), v.description('Stable, as the codes of errors are.')),
  message: v.pipe(v.string(), v.description('What was done, in one sentence.')),
  warnings: v.array(v.strictObject({ code: v.string(), message: v.string() })),
  eventId: v.pipe(v.string(), v.description('The id of its line in the event log.')),
  changes: v.pipe(v.array(v.string()), v.description('Ids of the changes of authorization that it made necessary.')),
  endpoint: v.pipe(v.nullable(endpoint), v.description('null where there is none to do it to.')),
});

const act = (told: Omit<Operation, 'path' | 'query' | 'answers'>): Operation => ({
  ...told,
  path: { mac },
  query: {},
  answers: { 200: { says: 'What became of it, and the endpoint as it is now.', schema: acted } },
});

const text = v.nullable(v.string());
const approvalShown = v.strictObject({
  id: v.string(),
  state: word(approvalStates),
  reason: v.pipe(word(approvalReasons), v.description('The guard that held it.')),
  openedAt: instant,
  macs: v.pipe(v.array(v.string()), v.description('Whom it may mean, the likeliest first.')),
  kind: v.pipe(word(['message', 'host', 'feed-loss']), v.description('What waits: a threat action, a host that a feed lists, or a poll that lost many.')), // prettier-ignore
  event: text,
  eventId: v.pipe(text, v.description('Of the threat action, or of the poll.')),
  client: text,
  template: text,
  feed: text,
  ip: text,
  user: text,
  severity: text,
  threatName: text,
  wanted: v.pipe(text, v.description('Of a host: what is to be done.')),
  level: v.nullable(v.number()),
  lost: v.pipe(v.nullable(v.number()), v.description('So many hosts the poll has no more.')),
  occurredAt: v.nullable(instant),
  mac: v.pipe(text, v.description('Whom it was approved for.')),
  decidedAt: v.nullable(instant),
  decidedBy: text,
});

const decided = v.strictObject({
  approval: approvalShown,
  state: word(eventStates),
  code: v.pipe(v.string(), v.description('What became of the message; stable, as the codes of errors are.')),
  message: v.string(),
  changes: v.pipe(v.array(v.string()), v.description('Ids of the changes of authorization that it made necessary.')),
});

const left = v.pipe(
  word(['none', 'some']),
  v.description('`some`: the same request once more, with the same key, goes on.'),
);
const counts = v.pipe(v.record(v.string(), v.number()), v.description('How many of each outcome.'));
const changes = v.pipe(
  v.array(v.string()),
  v.description('Ids of the changes of authorization that it made necessary.'),
);
const outcome = v.pipe(v.string(), v.description('Stable, as the codes of errors are.'));

const actedOnMany = v.strictObject({
  eventId: v.pipe(v.string(), v.description('Of all of it: POST /v1/events/{id}/undo takes it back.')),
  counts,
  results: v.array(
    v.strictObject({ mac: text, ip: text, outcome, code: text, message: v.string(), warnings: v.array(v.string()), changes }), // prettier-ignore
  ),
  left,
});

const decidedMany = v.strictObject({
  counts,
  results: v.array(
    v.strictObject({
      id: v.string(),
      outcome: word(['decided', 'decided-already', 'absent', 'refused', 'failed', 'left']),
      state: v.nullable(word(eventStates)),
      code: v.string(),
      message: v.string(),
      changes,
      approval: v.nullable(approvalShown),
    }),
  ),
  left,
});

const found = v.array(
  v.strictObject({
    what: word(['endpoint', 'address', 'approval', 'cleared', 'terminated', 'let-go', 'hosts', 'host']),
    mac: text,
    ip: text,
    approval: text,
    outcome: word(['undone', 'gone', 'impossible', 'failed', 'left']),
    message: v.string(),
    changes,
  }),
);
const undone = v.strictObject({
  event: v.strictObject({ client: text, id: v.string() }),
  counts,
  undone: found,
  notUndone: v.pipe(found, v.description('With why: `gone`, nothing of it was left; `impossible`, it cannot be taken back.')), // prettier-ignore
  left,
});

const approvalPath = { id: { says: 'The `id` of the approval.', schema: v.string(), example: '5f1c0a9e4d1b4c0e' } };

export const api: Api<'manage-endpoints'> = {
  'GET /v1/endpoints': {
    summary: 'Which devices are known, and how each is held',
    query: {
      mac,
      ip: { ...ip, says: 'An address that it has now.' },
      user: { says: 'The user of an open session, in any letters.', schema: v.string(), example: 'alice' },
      status: { says: 'How it is held; `held` is blocked or quarantined.', schema: word(statusFilters) },
      role: { says: 'A role of an open session, or the quarantine role.', schema: v.string(), example: 'staff' },
      nas: { ...ip, says: 'The address of the switch of an open session.' },
      ...pageParameters,
    },
    answers: { 200: { says: 'A page of endpoints, in the order of their MACs.', schema: listOf(endpoint) } },
    errors: ['mac-invalid', 'address-invalid'],
  },
  'GET /v1/endpoints/{mac}': {
    summary: 'One endpoint: its holds, sessions, addresses, and what its switches were told',
    path: { mac },
    query: {},
    answers: { 200: { says: 'The endpoint.', schema: v.strictObject({ endpoint }) } },
    errors: ['mac-invalid', 'endpoint-absent'],
  },
  'PUT /v1/endpoints/{mac}': act({
    summary: 'Tell which address an endpoint has, where its switch does not',
    description: 'What waits for the address is applied.',
    body: { says: 'The address.', schema: address, needed: 'required', example: { ip: '192.0.2.50' } },
    errors: ['mac-invalid', 'body-invalid', 'address-invalid'],
  }),
  'GET /v1/endpoints/{mac}/why': {
    summary: 'Why an endpoint is held, or why it is not: one sentence, and all that it rests on',
    path: { mac },
    query: pageParameters,
    answers: {
      200: {
        says: 'The reason, also of an endpoint that nobody knows.',
        schema: v.strictObject({
          mac: v.string(),
          code: v.pipe(v.string(), v.description('Stable, as the codes of errors are.')),
          answer: v.pipe(v.string(), v.description('The reason in one sentence.')),
          because: v.pipe(v.array(v.string()), v.description('A sentence for each of its open reasons, in their order.')), // prettier-ignore
          infectedHosts: v.pipe(v.array(infectedHost), v.description('What feeds say of its addresses, and of those for which connectors were told of this device.')), // prettier-ignore
          endpoint: v.nullable(endpoint),
          events: v.pipe(v.array(event), v.description('The event log of this MAC, the newest first.')),
          next: v.nullable(v.string()),
        }),
      },
    },
    errors: ['mac-invalid'],
  },
  'GET /v1/approvals': {
    summary: 'What came and was not done by itself, as nobody can say whom it means',
    query: { state: { says: 'Only those in this state.', schema: word(approvalStates) }, ...pageParameters },
    answers: { 200: { says: 'A page; what was decided is listed for 30 days.', schema: listOf(approvalShown) } },
    errors: [],
  },
  'POST /v1/approvals': {
    summary: 'Approve or reject up to 1,000 in one call: those named, or all open ones that fit',
    description: 'Each has its own outcome. What is approved is asked no guard again.',
    query: {},
    body: {
      says: 'The decision, and `ids` or a `filter`, which names at least one thing.',
      schema: decisions,
      needed: 'required',
      example: { decision: 'reject', filter: { reason: 'blast-radius' } },
    },
    answers: { 200: { says: 'What came of each.', schema: decidedMany } },
    errors: ['body-invalid', 'parameter-invalid'],
  },
  'POST /v1/events/{id}/undo': {
    summary: 'Take back everything that one event did, and nothing else',
    description: 'A threat action of a client, an act of an operator on one or many, or a poll or push of a feed: its reasons, its messages that wait, its open approvals, its listings. A clear and the end of a session cannot be taken back, and are told.', // prettier-ignore
    path: { id: { says: 'The `eventId` of the event.', schema: v.string(), example: 'bulk-5f1c0a9e4d1b4c0e' } },
    query: {},
    body: {
      says: 'Of a client’s event: which client’s.',
      schema: undo,
      needed: 'optional',
      example: { client: 'policy-enforcer', note: 'false alarm' },
    },
    answers: { 200: { says: 'What was taken back, and what was not and why.', schema: undone } },
    errors: ['body-invalid', 'event-absent'],
  },
  'POST /v1/approvals/{id}/approve': {
    summary: 'Apply the message to one of the devices that it may mean',
    path: approvalPath,
    query: {},
    body: {
      says: 'One of its `macs`; without it the first.',
      schema: approval,
      needed: 'optional',
      example: { mac: '00:11:22:33:ca:fe' },
    },
    answers: { 200: { says: 'What became of the message.', schema: decided } },
    errors: ['body-invalid', 'mac-invalid', 'approval-absent', 'approval-decided'],
  },
  'POST /v1/approvals/{id}/reject': {
    summary: 'Let the message go: nothing is done',
    path: approvalPath,
    query: {},
    body: { says: 'Nothing.', schema: nothing, needed: 'optional', example: {} },
    answers: { 200: { says: 'That nothing was done.', schema: decided } },
    errors: ['body-invalid', 'approval-absent', 'approval-decided'],
  },
  'POST /v1/endpoints': {
    summary: 'Block, quarantine, clear or terminate up to 1,000 endpoints in one call',
    description: 'All of it is one event, by whose id it is undone. Each endpoint has its own outcome and its own line in the event log.', // prettier-ignore
    query: {},
    body: {
      says: 'The act as for one endpoint, and the `macs`, or the `ips` that endpoints have now.',
      schema: bulk,
      needed: 'required',
      example: { act: 'block', macs: ['00:11:22:33:ca:fe', '00:11:22:33:ca:ff'], note: 'ticket 4711' },
    },
    answers: { 200: { says: 'What came of each.', schema: actedOnMany } },
    errors: ['body-invalid'],
  },
  'POST /v1/endpoints/{mac}/block': act({
    summary: 'Block an endpoint, whatever network it joins, until it is cleared',
    description: 'An endpoint on the allow list too: then the answer warns.',
    body: {
      says: 'Why, and for how many minutes; all of it may be left out.',
      schema: block,
      needed: 'optional',
      example: { threatName: 'W32.Example', note: 'ticket 4711' },
    },
    errors: ['mac-invalid', 'body-invalid'],
  }),
  'POST /v1/endpoints/{mac}/quarantine': act({
    summary: 'Put an endpoint into a quarantine role, for good or for its session only',
    body: {
      says: 'The role, which the configuration has as a quarantine role, why, and for how many minutes.',
      schema: quarantine,
      needed: 'required',
      example: { role: 'quarantine', minutes: 240, session: 'permanent' },
    },
    errors: ['mac-invalid', 'body-invalid', 'session-absent'],
  }),
  'POST /v1/endpoints/{mac}/clear': act({
    summary: 'Clear a hold, or all of them, whoever opened them',
    description: 'Where there is nothing to clear the outcome is `nothing-to-clear`. A quarantine that stands stays where a block is cleared.', // prettier-ignore
    body: { says: 'Which hold.', schema: clear, needed: 'required', example: { hold: 'all', note: 'reinstalled' } },
    errors: ['mac-invalid', 'body-invalid'],
  }),
  'POST /v1/endpoints/{mac}/terminate': act({
    summary: 'Have its switches let go of its sessions, so that it logs in again',
    body: {
      says: 'One session by its `key`; without it all that are open.',
      schema: terminate,
      needed: 'optional',
      example: {},
    },
    errors: ['mac-invalid', 'body-invalid', 'endpoint-absent', 'session-absent'],
  }),
  'PUT /v1/endpoints/{mac}/investigation': act({
    summary: 'Say how the investigation of an infected host stands; a resolved one clears every hold',
    body: { says: 'The state.', schema: investigation, needed: 'required', example: { state: 'resolved-fixed' } },
    errors: ['mac-invalid', 'body-invalid', 'endpoint-absent'],
  }),
};
