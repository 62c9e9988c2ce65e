/** The form of what goes out on the bus: what is published of it is what is sent. */
import { readFileSync } from 'node:fs';
import * as v from 'valibot';
import { eventsOut } from '../../functions/describe-api/openapi/events-out.ts';
import { placeOfEvents, textOf } from '../../functions/describe-api/openapi/written.ts';
import { publishedDetail } from '../../shared/api/events.ts';
import { eventStates } from '../../shared/journal/event-line.ts';
import { detailTypes, publishedEvent } from '../../shared/journal/published-event.ts';
import { faultsOf, type Schema } from '../support/json-schema.ts';
import { anEventLine } from '../support/log-lines.ts';
import { acme, globex } from '../support/observations.ts';

const page = readFileSync(new URL('../../docs/events-out.md', import.meta.url), 'utf8');
const written = readFileSync(placeOfEvents, 'utf8');
const published = JSON.parse(written) as Schema;

const bare = {
  event: null,
  eventId: null,
  occurredAt: null,
  mac: null,
  ip: null,
  user: null,
  policy: null,
  role: null,
};
const details = eventStates.flatMap((state) => [
  publishedEvent(acme, anEventLine({ state })).detail,
  publishedEvent(globex, anEventLine({ state, ...bare, sender: { kind: 'postern', name: null } })).detail,
]);

test('docs/events-out.schema.json is what the schema makes: where it is not, run `npm run openapi` and commit it', async () => {
  expect(await textOf(eventsOut)).toBe(written);
});

test('every detail holds to it, and has no member that it does not name', () => {
  for (const detail of details) {
    const sent = JSON.parse(JSON.stringify(detail)) as object;
    expect(faultsOf(published, sent)).toEqual([]);
    expect(v.safeParse(publishedDetail, sent).success).toBe(true);
  }
});

/** What was promised with version 1.0. A line that is taken away here breaks somebody's rule: it would be a version 2. */
const promised = [
  ['version', 'tenant', 'id', 'at', 'state', 'code', 'message', 'event', 'sender', 'credentialName', 'clientAddress'],
  ['template', 'eventId', 'occurredAt', 'mac', 'ip', 'user', 'severity', 'threatName', 'policy', 'action', 'role'],
  ['flags', 'changes', 'requestId'],
].flat();

test('what version 1.0 has, every 1.x has', () => {
  expect(promised.filter((name) => !(published.required as string[]).includes(name))).toEqual([]);
  expect(faultsOf(published, { ...details[0], version: '1.7', state: 'a-word-of-1.7', more: [] })).toEqual([]);
  expect(faultsOf(published, { ...details[0], version: '2.0' })).not.toEqual([]);
});

test('the page has every word that an event may be called by', () => {
  expect([...page.matchAll(/^\| `([A-Z][A-Za-z ]+)`/gm)].map(([, word]) => word)).toEqual(detailTypes);
});
