import * as v from 'valibot';
import { instant, type Api, ip, word } from '../../shared/api/operation.ts';
import { investigations } from '../../shared/endpoints/endpoint.ts';
import { hostEnforcements } from '../../shared/infected-hosts/host-view.ts';
import { feedNames, heldBys, wantedStates } from '../../shared/infected-hosts/host.ts';
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

const host = v.strictObject({
  ip: v.string(),
  wanted: word(wantedStates),
  investigation: word(investigations),
  listings: v.array(
    v.strictObject({
      feed: word(feedNames),
      level: v.number(),
      threatName: text,
      wanted: v.pipe(word(wantedStates), v.description('What the rules call for.')),
      listedAt: instant,
      missedAt: v.pipe(v.nullable(instant), v.description('When the first good poll did not have it any more.')),
      silencedAt: v.pipe(v.nullable(instant), v.description('When an operator let it go.')),
      heldBy: v.nullable(word(heldBys)),
      cause: v.pipe(v.string(), v.description('Id of the poll or push that made it so.')),
    }),
  ),
  enforcement: v.strictObject({ state: word(hostEnforcements), reason: v.string() }),
  lastChangeAt: instant,
});

export const api: Api<'manage-hosts'> = {
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
