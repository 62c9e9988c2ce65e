import * as v from 'valibot';
import { mac } from '../../shared/api/endpoints.ts';
import { infectedHost as host } from '../../shared/api/infected-hosts.ts';
import { type Api, count, instant, ip, listOf, pageParameters, word } from '../../shared/api/operation.ts';
import { operationKinds, operationReasons } from '../../shared/connectors/any-operation.ts';
import { heldBys, operationStates, wantedStates } from '../../shared/infected-hosts/host.ts';
import { investigation, push } from './bodies.ts';

const text = v.nullable(v.string());
const eventId = v.pipe(v.string(), v.description('By which its operations and its lines in the event log are found.'));
const operations = v.pipe(v.array(v.string()), v.description('Ids of what connectors are told by it.'));

const pushed = v.strictObject({
  ip: v.string(),
  outcome: v.pipe(v.string(), v.description('Stable: `appeared`, `rose`, `held`, `repeated`, `silenced`, `freed`, `unchanged`.')), // prettier-ignore
  wanted: v.pipe(word(wantedStates), v.description('What it is to be from now on, for all feeds.')),
  connector: v.pipe(text, v.description('The one whose subnet has the address; null: nobody is told.')),
  heldBy: v.pipe(v.nullable(word(heldBys)), v.description('The guard that keeps it from being done.')),
  operations,
});

const operationShown = v.strictObject({
  id: v.string(),
  kind: word(operationKinds),
  state: v.pipe(word(operationStates), v.description('`failed` is sent again by itself; `superseded`: something newer was wanted before it was over.')), // prettier-ignore
  connector: v.pipe(text, v.description('null: a switch is told.')),
  ip: v.pipe(text, v.description('Of the host; null for a change of authorization.')),
  mac: v.pipe(text, v.description('Of the endpoint; null where a connector is told.')),
  session: v.pipe(text, v.description('The session that the switch is to let go of.')),
  wanted: word(wantedStates),
  role: text,
  why: word(operationReasons),
  cause: v.pipe(text, v.description('Id of the poll, push, act or check that made it necessary.')),
  requestedAt: instant,
  sentAt: v.nullable(instant),
  answeredAt: v.nullable(instant),
  nextAt: v.pipe(v.nullable(instant), v.description('When it is sent, or sent again; null: it is settled.')),
  attempts: v.number(),
  roundTripMs: v.nullable(v.number()),
  detail: v.pipe(text, v.description('What the other side said, or why it could not be asked.')),
  mend: v.pipe(text, v.description('What to do about it.')),
});

const feed = v.strictObject({
  feed: word(['atp-cloud']),
  enabled: v.boolean(),
  pollMinutes: v.pipe(
    count,
    v.description('How often it is asked. One that fails is asked every five minutes at least.'),
  ),
  lastPollAt: v.nullable(instant),
  lastGoodPollAt: v.nullable(instant),
  nextPollAt: v.pipe(v.nullable(instant), v.description('Not before; null: it is switched off, or was never asked.')),
  error: v.pipe(
    v.nullable(v.strictObject({ code: v.string(), message: v.string(), since: instant })),
    v.description('Why the last poll failed, or which hosts of it did, and since when; null: it was good.'),
  ),
  listed: v.pipe(count, v.description('Addresses that the last good poll had, of any level.')),
  acted: v.pipe(count, v.description('Those that a connector was told of.')),
  unmanaged: v.pipe(count, v.description('Those that no connector has in its subnets.')),
  held: v.pipe(count, v.description('Those that a guard holds back.')),
  silenced: v.pipe(count, v.description('Those that an operator has let go.')),
  known: v.pipe(count, v.description('All that stand in its name: listed by that poll, or not freed yet.')),
  lossHeld: v.pipe(
    v.nullable(v.strictObject({ since: instant, pollId: v.string(), lost: count, of: count, approvedAt: v.nullable(instant), rejectedAt: v.nullable(instant) })), // prettier-ignore
    v.description(
      'Hosts that a poll lost all at once: none of them is freed before somebody approves, or they are back.',
    ),
  ),
});

export const api: Api<'manage-hosts'> = {
  'GET /v1/feeds': {
    summary: 'How the feeds that Postern asks are: when they were asked, what they list, and why they fail',
    query: {},
    answers: { 200: { says: 'Every feed; one that is switched off too.', schema: v.strictObject({ items: v.array(feed) }) } }, // prettier-ignore
    errors: [],
  },
  'GET /v1/operations': {
    summary: 'What connectors and switches were told, and what they said',
    query: {
      id: { says: 'As answers name it in `operations` or `changes`.', schema: v.string(), example: 'b2f6c1d4' },
      kind: { says: 'Of connectors, or of switches.', schema: word(operationKinds) },
      state: { says: 'How far it has come.', schema: word(operationStates) },
      connector: { says: 'The name of a connector.', schema: v.string(), example: 'pps-1' },
      ip: { ...ip, says: 'Of a host; of endpoints, one that they have or had.' },
      mac: { ...mac, says: 'Of an endpoint; with it what is told of the addresses that it has now.' },
      ...pageParameters,
    },
    answers: { 200: { says: 'A page of operations: of hosts by their addresses, then of endpoints by their MACs, of each the newest first.', schema: listOf(operationShown) } }, // prettier-ignore
    errors: ['mac-invalid', 'address-invalid'],
  },
  'POST /v1/infected-hosts': {
    summary: 'Push infected hosts: they are held to the rules of the feed, and their connectors are told',
    description: 'What is done at which level is said by `threatResponse.feeds.atpCloud.rules`, for hosts that are pushed too. Level 0 says that the host is clean. One address or level that is wrong, and nothing is done.', // prettier-ignore
    query: {},
    body: {
      says: 'Up to 1,000 hosts with their levels.',
      schema: push,
      needed: 'required',
      example: { hosts: [{ ip: '192.0.2.50', level: 8, threatName: 'W32.Example' }] },
    },
    answers: {
      200: {
        says: 'What became of each, in the order of the push.',
        schema: v.strictObject({ eventId, hosts: v.array(pushed) }),
      },
    },
    errors: ['body-invalid'],
  },
  'PUT /v1/infected-hosts/{ip}': {
    summary: 'Say how the investigation of an infected host stands; a resolved one lets it go',
    description: 'What is let go is not held again until it has left its feed and returned.',
    path: { ip },
    query: {},
    body: { says: 'The state.', schema: investigation, needed: 'required', example: { investigation: 'resolved-fixed' } }, // prettier-ignore
    answers: {
      200: {
        says: 'What became of it, and the host as it is now.',
        schema: v.strictObject({ outcome: v.string(), eventId, operations, host: v.nullable(host) }),
      },
    },
    errors: ['body-invalid', 'address-invalid', 'host-absent'],
  },
};
