import * as v from 'valibot';
import { event } from '../../shared/api/events.ts';
import {
  type Answered,
  type Api,
  count,
  instant,
  ip,
  listOf,
  pageParameters,
  type Parameter,
  word,
} from '../../shared/api/operation.ts';
import { formats } from '../../shared/edge/report.ts';
import { investigations } from '../../shared/endpoints/endpoint.ts';
import { hostEnforcements } from '../../shared/infected-hosts/host-view.ts';
import { feedNames, heldBys } from '../../shared/infected-hosts/host.ts';
import { hostStatuses } from '../../shared/infected-hosts/report.ts';
import { accessResults } from '../../shared/journal/access-line.ts';
import { debugParts } from '../../shared/journal/debug.ts';
import { eventStates } from '../../shared/journal/event-line.ts';
import { debugTime } from './body.ts';

const text = v.nullable(v.string());

const time = (says: string): Parameter => ({ says, schema: instant, example: '2026-03-01T09:30:00Z' });
const sender: Parameter = { says: 'A client, feed or operator by its name, or all of a kind.', schema: v.string() };
const mac: Parameter = { says: 'Of this MAC, in any of its forms.', schema: v.string(), example: '00:11:22:33:ca:fe' };
const user: Parameter = { says: 'Of this user, in any letters.', schema: v.string(), example: 'alice' };
const span = { from: time('Not before this instant.'), to: time('Not after this instant.') };

const reporting = {
  ...pageParameters,
  limit: {
    ...pageParameters.limit,
    says: 'How many a page may hold, 100 unless told; of a file how many at most, 10,000 unless told.',
  },
  format: {
    says: 'A page as JSON, or all of it as a file. Without it what `Accept` says counts.',
    schema: word(formats),
    example: 'csv',
  },
};

const description =
  'As JSON page by page; as CSV or NDJSON a file of up to 10,000 rows, 4 MB and what can be read in time. Where there is more, `Link` says where it goes on.';

const report = (says: string, schema: v.GenericSchema): Answered => ({
  says,
  schema,
  type: ['application/json', 'text/csv', 'application/x-ndjson'],
  headers: ['Content-Disposition', 'Link'],
});

const access = v.strictObject({
  id: v.string(),
  at: instant,
  result: word(accessResults),
  code: v.pipe(v.string(), v.description('Why, more exactly. Stable, as the codes of errors are.')),
  message: v.string(),
  user: text,
  realm: text,
  roles: v.array(v.string()),
  quarantineRole: v.pipe(text, v.description('The role that it was put into, where that is a quarantine role.')),
  mac: text,
  ip: text,
  nas: v.pipe(text, v.description('The address of the switch.')),
  port: text,
  returnAttributes: v.pipe(text, v.description('The policy that said what the switch was told.')),
});

const host = v.strictObject({
  mac: v.pipe(text, v.description('Of a host of a feed: of the device that has its address now, where it is known.')),
  randomised: v.pipe(v.boolean(), v.description('The device made its MAC up, and may make up another one.')),
  ip: v.pipe(text, v.description('The address that it has now, where one is known.')),
  eventIp: v.pipe(text, v.description('The address that the message named.')),
  status: word([...hostStatuses, 'free']),
  role: v.pipe(text, v.description('The quarantine role.')),
  user: v.pipe(text, v.description('Who is logged in; where nobody is, who was last.')),
  sender: v.nullable(v.strictObject({ kind: word(['client', 'feed', 'operator']), name: v.string() })),
  event: text,
  severity: text,
  threatName: text,
  policy: text,
  reasons: v.pipe(count, v.description('How many stand. What is told is of the newest that counts.')),
  since: v.nullable(instant),
  lastChangeAt: instant,
  investigation: word(investigations),
  enforcement: v.strictObject({ state: word(hostEnforcements), reason: v.string() }),
  connector: v.pipe(text, v.description('That was told; `unmanaged` where no connector has the address. Of an endpoint null: its switches are told.')), // prettier-ignore
  feed: v.pipe(text, v.description('That lists it; null for an endpoint that is held.')),
  level: v.pipe(v.nullable(v.number()), v.description('1 to 10, as the feed says.')),
  heldBy: v.pipe(v.nullable(word(heldBys)), v.description('The guard that keeps it from being done.')),
  silencedAt: v.pipe(v.nullable(instant), v.description('When an operator let it go, so that nothing is done until it has left its feed and returned.')), // prettier-ignore
});

const debugLine = v.strictObject({
  id: v.string(),
  at: instant,
  part: word(debugParts),
  message: v.string(),
  mac: text,
  ip: text,
  user: text,
  requestId: text,
  details: v.pipe(text, v.description('What was looked at, as JSON, cut where it is long. No secrets stand in it.')),
});

const until = v.pipe(v.nullable(instant), v.description('When it goes off; null where it is off.'));

export const api: Api<'find-events'> = {
  'GET /v1/events': {
    summary: 'The event log: every threat action that came, whatever became of it; the newest first',
    description,
    query: {
      ...span,
      mac,
      ip: { ...ip, says: 'That name this address.' },
      user,
      state: { says: 'What became of it.', schema: word(eventStates), example: 'refused' },
      event: { says: 'As the message called it.', schema: v.string(), example: 'quarantine-endpoint' },
      sender,
      ...reporting,
    },
    answers: { 200: report('Lines of the event log.', listOf(event)) },
    errors: ['mac-invalid', 'address-invalid'],
  },
  'GET /v1/user-access': {
    summary: 'The user access log: every login, let in or not; the newest first',
    description,
    query: {
      ...span,
      mac,
      ip: { ...ip, says: 'With this address.' },
      user,
      realm: { says: 'To this realm.', schema: v.string(), example: 'wired' },
      result: { says: 'Let in or not.', schema: word(accessResults), example: 'rejected' },
      ...reporting,
    },
    answers: { 200: report('Logins.', listOf(access)) },
    errors: ['mac-invalid', 'address-invalid'],
  },
  'GET /v1/infected-hosts': {
    summary:
      'Every endpoint that is held and every host that a feed lists: why, since when, and whether it has been enforced',
    description,
    query: {
      status: { says: 'How it is held.', schema: word(hostStatuses), example: 'blocked' },
      user,
      ip: { ...ip, says: 'That it has now, or that a message named.' },
      mac,
      sender,
      severity: { says: 'Of this severity, in the words of the template.', schema: v.string(), example: 'high' },
      enforcement: { says: 'How far the switch is.', schema: word(hostEnforcements), example: 'failed' },
      investigation: { says: 'In this state of investigation.', schema: word(investigations), example: 'open' },
      connector: {
        says: 'Told by this connector, or `unmanaged`. Hosts of feeds alone.',
        schema: v.string(),
        example: 'unmanaged',
      },
      feed: { says: 'That this feed lists.', schema: word(feedNames), example: 'atp-cloud' },
      ...reporting,
    },
    answers: {
      200: report(
        'Endpoints in the order of their MACs, then hosts of feeds in the order of their addresses.',
        listOf(host),
      ),
    },
    errors: ['mac-invalid', 'address-invalid'],
  },
  'GET /v1/debug-log': {
    summary: 'What was seen and done while the debug log was on; the newest first',
    description,
    query: {
      ...span,
      part: { says: 'Which machinery tells.', schema: word(debugParts), example: 'radius' },
      mac,
      ip: { ...ip, says: 'That name this address.' },
      ...reporting,
    },
    answers: {
      200: report(
        'Lines of the debug log, kept seven days.',
        v.strictObject({ items: v.array(debugLine), next: v.nullable(v.string()), until }),
      ),
    },
    errors: ['mac-invalid', 'address-invalid'],
  },
  'PUT /v1/debug-log': {
    summary: 'Have the debug log on for so many minutes; 0 ends it',
    query: {},
    body: { says: 'Up to a day.', schema: debugTime, needed: 'required', example: { minutes: 30 } },
    answers: {
      200: { says: 'Until when it is on. Every function knows within ten seconds.', schema: v.strictObject({ until }) },
    },
    errors: ['body-invalid'],
  },
};
