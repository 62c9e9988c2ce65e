import * as v from 'valibot';
import { type Api, count, word } from '../../shared/api/operation.ts';

const messages = v.array(v.strictObject({ message: v.string() }));

const became = ['applied', 'pending', 'ignored', 'held-for-approval'] as const;

const taken = {
  result: v.strictObject({ info: messages }),
  eventId: v.pipe(v.string(), v.description("The sender's, or ours where it sent none.")),
  endpoint: v.strictObject({ mac: v.nullable(v.string()), ip: v.string() }),
  state: word([...became, 'replay']),
  was: v.exactOptional(v.pipe(word(became), v.description('Of a replay: what became of the first, when it came.'))),
  code: v.pipe(v.string(), v.description('What became of it, more exactly; stable, as the codes of errors are.')),
  operations: v.pipe(v.array(v.string()), v.description('Ids of the changes of authorization that it made necessary.')),
};

const refused = { result: v.strictObject({ warnings: messages }), code: v.string() };

const errors = [
  'admission-client-unknown',
  'message-unmatched',
  'message-field-invalid',
  'event-unknown',
  'endpoint-ip-invalid',
  'endpoint-mac-invalid',
  'severity-unknown',
  'occurred-at-invalid',
] as const;

export const api: Api<'receive-threat-action'> = {
  'POST /api/v1/admission-control/events': {
    summary: 'An endpoint is to be blocked, quarantined or cleared',
    description:
      'The message is read by the template of the client that the caller is, by its address; this one is for the template that is shipped. The same `eventId` again is answered as the first was, and has no second effect. Errors come in the envelope of the vendor, with their `code`.',
    query: {},
    body: {
      says: 'One message, in the JSON that the template reads.',
      needed: 'required',
      example: {
        event: 'quarantine-endpoint',
        endpointIp: '192.0.2.50',
        endpointMac: '00:11:22:33:ca:fe',
        userName: 'alice',
        severity: 'high',
        threatName: 'W32.Example',
        eventId: '4711',
        occurredAt: '2026-03-01T12:00:00Z',
      },
    },
    answers: { 200: { says: 'What became of it.', schema: v.strictObject(taken) } },
    errors: ['json-invalid', ...errors],
  },
  'POST /api/v1/admission-control/syslog': {
    summary: 'Lines of syslog that say the same',
    description:
      'One message a line, as it was sent, or as a JSON object with `fromhost-ip` and `rawmsg` by which a relay hands it on. The client is the one that the line names; the relay must be one of its `relays`. The status is 200 if any line was taken.',
    query: {},
    body: {
      says: 'At most 200 lines.',
      type: 'text/plain',
      needed: 'required',
      example: '<134>1 2026-03-01T12:00:00Z 198.51.100.7 ids - - - infected host=192.0.2.50',
    },
    answers: {
      200: {
        says: 'What became of each line, in their order.',
        schema: v.strictObject({
          received: count,
          results: v.array(
            v.union([v.strictObject({ status: count, ...taken }), v.strictObject({ status: count, ...refused })]),
          ),
        }),
      },
    },
    errors: ['json-invalid', ...errors],
  },
};
