import * as v from 'valibot';
import { type Api, count, instant, word } from '../../shared/api/operation.ts';
import { lineFaults } from '../../shared/threat-logs/log-table.ts';

const reason = word(lineFaults);
const ofTag = {
  received: count,
  accepted: count,
  rateLimited: count,
  malformed: count,
  faults: v.array(v.strictObject({ reason, lines: count })),
  sent: count,
  undeliverable: count,
  givenUp: count,
  waiting: count,
};
const tally = { ...ofTag, filtered: count };

export const api: Api<'receive-threat-logs'> = {
  'POST /v1/threat-logs': {
    summary: 'Logs of firewalls come in; those that tell of a threat go on to ClearPass',
    description:
      'One line after another, or each with its length before it (octet counting). `Content-Encoding: gzip` is taken. Only screens, IDP, antivirus and antispam go on, at most `threatLogs.rateLimit` in a second of all senders together; what is beyond it is dropped and counted. A bad line is counted with its reason, and its neighbours go on.',
    query: {},
    body: {
      says: 'Lines of syslog (RFC 5424), at most 2 MB, each of at most 64 kB.',
      type: 'text/plain',
      needed: 'required',
      example:
        '<14>1 2026-03-01T12:00:00Z fw-1 RT_IDP - IDP_ATTACK_LOG_EVENT [junos@2636.1.1.1.2.86 source-address="192.0.2.50" attack-name="HTTP:MISC"]',
    },
    answers: {
      200: {
        says: 'What became of the lines; the first ten faults.',
        schema: v.strictObject({
          received: count,
          accepted: count,
          filtered: count,
          rateLimited: count,
          malformed: count,
          errors: v.array(v.strictObject({ line: count, reason })),
        }),
      },
    },
    errors: ['threat-logs-off', 'tenant-limit', 'body-too-large', 'encoding-unsupported', 'encoding-invalid', 'busy'],
  },
  'GET /v1/threat-logs/status': {
    summary: 'What came from each firewall, what went on to ClearPass, and what did not and why',
    query: {
      hours: {
        says: 'So many hours, this one included; 24 unless told.',
        schema: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(48)),
        example: '24',
      },
    },
    answers: {
      200: {
        says: 'By firewall and tag.',
        schema: v.strictObject({
          enabled: v.boolean(),
          filter: word(['threat-attack']),
          rateLimit: count,
          threatActions: v.boolean(),
          destination: v.nullable(
            v.strictObject({ address: v.string(), port: count, transport: word(['udp', 'tcp', 'tls']) }),
          ),
          failing: v.nullable(
            v.pipe(
              v.strictObject({ since: instant, lastTried: instant, reason: v.string() }),
              v.description('Why the receiver takes nothing; null: it took what was sent to it last.'),
            ),
          ),
          since: instant,
          total: v.strictObject(tally),
          firewalls: v.array(
            v.strictObject({
              firewall: v.nullable(v.string()),
              lastHeard: v.nullable(instant),
              silent: v.pipe(v.boolean(), v.description('Heard in these hours, and not for fifteen minutes.')),
              ...tally,
              tags: v.array(v.strictObject({ tag: v.string(), ...ofTag })),
            }),
          ),
          unlisted: v.pipe(
            count,
            v.description('So many more firewalls have no room in an answer; they are in the total.'),
          ),
        }),
      },
    },
    errors: ['parameter-invalid'],
  },
};
