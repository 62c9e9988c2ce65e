/** Endpoints as our API describes them. */
import * as v from 'valibot';
import { enforcementStates } from '../endpoints/enforcement.ts';
import { holds, investigations } from '../endpoints/endpoint.ts';
import { addressUnknown, statuses } from '../endpoints/endpoint-view.ts';
import { count, instant, type Parameter, word } from './operation.ts';

const text = v.nullable(v.string());
const at = v.nullable(instant);

export const mac: Parameter = {
  says: 'A MAC address: twelve hex digits with `-`, `:`, `.` or nothing between, in any case.',
  schema: v.string(),
  example: '00:11:22:33:ca:fe',
};

const access = v.strictObject({ access: word(['full', 'quarantined', 'blocked']), role: text });

const reason = v.strictObject({
  hold: word(holds),
  sender: v.strictObject({ kind: word(['client', 'feed', 'operator']), name: v.string() }),
  threatName: text,
  since: instant,
  until: v.pipe(at, v.description('When it ends by itself; null: never.')),
  role: v.pipe(text, v.description('Of a quarantine: the role.')),
  session: v.pipe(text, v.description('The session that it is for; null: whatever network the endpoint joins.')),
  ip: v.pipe(text, v.description('The address through which it was opened.')),
  event: v.pipe(v.string(), v.description('As the message called it; `operator` of what was done by hand.')),
  eventId: text,
  severity: text,
  policy: v.pipe(text, v.description('The admission policy that acted.')),
  note: text,
});

const address = v.strictObject({
  ip: v.string(),
  source: word(['accounting', 'post', 'query', 'operator']),
  session: v.pipe(text, v.description('The session that has it; null where it was told without one.')),
  from: instant,
  confirmedAt: instant,
  until: at,
});

const session = v.strictObject({
  key: v.string(),
  user: text,
  realm: text,
  roles: v.pipe(v.array(v.string()), v.description('As mapped at the login; never the quarantine role.')),
  nas: v.string(),
  port: text,
  ssid: text,
  acctSessionId: text,
  granted: v.pipe(access, v.description('What the login was let in with.')),
  since: instant,
  heardAt: instant,
  open: v.boolean(),
  endedAt: at,
  endedBy: v.pipe(text, v.description('`lost` where nothing was heard of it for a day.')),
});

const change = v.strictObject({
  id: v.string(),
  session: v.string(),
  wanted: v.pipe(access, v.description('What the session is to have from then on.')),
  state: word(['pending', 'sent', 'acknowledged', 'refused', 'timed-out', 'superseded', 'session-over']),
  attempts: count,
  requestedAt: instant,
  sentAt: at,
  nextAt: v.pipe(at, v.description('When it is sent, or sent again; null where it is settled.')),
  answeredAt: at,
  errorCause: v.pipe(v.nullable(v.number()), v.description('Of a NAK, as RFC 5176 numbers them.')),
  roundTripMs: v.nullable(v.number()),
  detail: text,
});

const waiting = v.strictObject({
  event: v.string(),
  eventId: v.string(),
  client: v.string(),
  template: v.string(),
  ip: v.string(),
  user: text,
  severity: text,
  threatName: text,
  occurredAt: at,
  receivedAt: instant,
});

export const endpoint = v.strictObject({
  mac: v.string(),
  randomised: v.pipe(v.boolean(), v.description('The device made it up, and may make up another one.')),
  status: word(statuses),
  role: v.pipe(text, v.description('The quarantine role that it is in.')),
  address: v.pipe(v.string(), v.description(`The newest of \`addresses\`, or \`${addressUnknown}\`.`)),
  reasons: v.pipe(v.array(reason), v.description('Those that stand, the oldest first.')),
  addresses: v.array(address),
  formerAddresses: v.array(address),
  sessions: v.pipe(v.array(session), v.description('The newest first; ended ones for a day.')),
  changes: v.pipe(v.array(change), v.description('Changes of authorization, the newest first.')),
  enforcement: v.strictObject({ state: word(enforcementStates), reason: v.string() }),
  waiting: v.pipe(v.array(waiting), v.description('Messages that wait for a login, as their policy depends on roles.')),
  investigation: word(investigations),
  firstSeenAt: instant,
  changedAt: instant,
});
