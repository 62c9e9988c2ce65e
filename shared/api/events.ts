/** Lines of the event log as our API describes them. */
import * as v from 'valibot';
import { eventStates } from '../journal/event-line.ts';
import { instant, word } from './operation.ts';

const text = v.nullable(v.string());

export const event = v.strictObject({
  id: v.string(),
  at: instant,
  state: word(eventStates),
  code: v.pipe(v.string(), v.description('What became of it, more exactly. Stable, as the codes of errors are.')),
  message: v.string(),
  event: v.pipe(text, v.description('As the message called it; of an operator’s act `operator-block` and the like.')),
  sender: v.strictObject({ kind: word(['client', 'feed', 'operator', 'postern']), name: text }),
  credentialName: text,
  clientAddress: text,
  template: text,
  eventId: text,
  occurredAt: v.pipe(v.nullable(instant), v.description('By the clock of the sender.')),
  mac: text,
  ip: text,
  user: text,
  severity: text,
  threatName: text,
  policy: v.pipe(text, v.description('The admission policy that matched.')),
  action: text,
  role: text,
  flags: v.pipe(v.array(v.string()), v.description('What held it, or is worth a look.')),
  changes: v.pipe(v.array(v.string()), v.description('Ids of the changes of authorization that it made necessary.')),
  requestId: text,
  cause: v.pipe(
    text,
    v.description('The bulk act, poll or push that it is a part of; all of it is undone by this id.'),
  ),
  undo: v.pipe(text, v.description('Of an undo: the id of the event that is taken back.')),
});

/** What goes out on the bus: the line, and whose it is. */
export const publishedDetail = v.strictObject({
  version: v.pipe(
    v.string(),
    v.regex(/^1\.\d+$/u),
    v.description('Within 1.x members are added, and never taken away.'),
  ),
  tenant: v.string(),
  ...event.entries,
});
