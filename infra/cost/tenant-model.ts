/**
 * A tenant as the cost is reckoned for: a site of a thousand devices. What one operation takes is read off the code (which
 * items it reads and writes) and assumed where only an account could tell (milliseconds). All of it is stated in docs/scale.md.
 */
import type { FunctionName } from '../functions.ts';

/** What one of these takes, beside its request and its line in the log. */
export interface Operation {
  readonly says: string;
  readonly function: FunctionName;
  /** Of a whole day, weekends included. */
  readonly perDay: number;
  readonly milliseconds: number;
  /** Of 4 kB, strongly consistent. */
  readonly reads: number;
  /** Of 1 kB. */
  readonly writes: number;
  /** Sent, received and deleted. */
  readonly messages?: number;
  /** The same, of a queue that keeps their order. */
  readonly orderedMessages?: number;
  /** Put on the bus. */
  readonly events?: number;
  readonly decryptions?: number;
  /** By a caller of the API; what a queue or a schedule calls is not. */
  readonly by: 'caller' | 'queue';
  readonly kilobytesOut: number;
}

export const devices = 1_000;

export const operations: readonly Operation[] = [
  {
    says: 'a post of one entry that is news: entry, note of the change, receipt, sender and count written (measured)',
    function: 'post-entries',
    perDay: devices * 6,
    milliseconds: 30,
    reads: 2,
    writes: 5,
    by: 'caller',
    kilobytesOut: 0.5,
  },
  {
    says: 'a decision: configuration, slots of the address and holds read',
    function: 'decide',
    perDay: devices * 20,
    milliseconds: 15,
    reads: 4,
    writes: 0,
    by: 'caller',
    kilobytesOut: 0.5,
  },
  {
    says: 'a pull of the forwarding table by each of two firewalls, once a minute',
    function: 'pull-forwarding-table',
    perDay: 2 * 1_440,
    milliseconds: 40,
    reads: 20,
    writes: 0,
    by: 'caller',
    kilobytesOut: 5,
  },
  {
    says: 'a question to ClearPass: lease, answer, story; counted before and after',
    function: 'query-clearpass',
    perDay: devices,
    milliseconds: 400,
    reads: 4,
    writes: 6,
    messages: 3,
    decryptions: 1,
    by: 'queue',
    kilobytesOut: 3,
  },
  {
    says: 'a login by RADIUS: endpoint, its places and the access log',
    function: 'serve-radius',
    perDay: devices * 2,
    milliseconds: 80,
    reads: 4,
    writes: 6,
    by: 'caller',
    kilobytesOut: 0.5,
  },
  {
    says: 'an accounting record',
    function: 'serve-radius',
    perDay: devices * 10,
    milliseconds: 30,
    reads: 3,
    writes: 2,
    by: 'caller',
    kilobytesOut: 0.2,
  },
  {
    says: 'a threat action',
    function: 'receive-threat-action',
    perDay: 10,
    milliseconds: 60,
    reads: 6,
    writes: 6,
    messages: 3,
    events: 1,
    by: 'caller',
    kilobytesOut: 0.5,
  },
  {
    says: 'a post of logs by the relay of each of two firewalls, once a minute, with nothing but sessions in it: counted',
    function: 'receive-threat-logs',
    perDay: 2 * 1_440 - 240,
    milliseconds: 40,
    reads: 1,
    writes: 1,
    by: 'caller',
    kilobytesOut: 0.2,
  },
  {
    says: 'one with threats among them: granted, who it was, the event log, a message',
    function: 'receive-threat-logs',
    perDay: 240,
    milliseconds: 60,
    reads: 6,
    writes: 6,
    orderedMessages: 3,
    events: 1,
    by: 'caller',
    kilobytesOut: 0.2,
  },
  {
    says: 'threat logs sent to ClearPass: pace, counts',
    function: 'forward-logs',
    perDay: 240,
    milliseconds: 300,
    reads: 3,
    writes: 2,
    by: 'queue',
    kilobytesOut: 4,
  },
  {
    says: 'a change of authorization to a switch, and its answer',
    function: 'send-changes',
    perDay: 20,
    milliseconds: 300,
    reads: 4,
    writes: 6,
    messages: 3,
    decryptions: 1,
    by: 'queue',
    kilobytesOut: 0.5,
  },
  {
    says: 'a poll of the feed of infected hosts by each of two firewalls, every 30 seconds; it is made anew for most',
    function: 'serve-feed',
    perDay: 2 * 2_880,
    milliseconds: 20,
    reads: 4,
    writes: 1,
    by: 'caller',
    kilobytesOut: 0.2,
  },
  {
    says: 'a poll of ATP Cloud, every five minutes: lease, hosts that are known, what came of it',
    function: 'act-on-hosts',
    perDay: 288,
    milliseconds: 500,
    reads: 8,
    writes: 2,
    messages: 3,
    decryptions: 1,
    by: 'queue',
    kilobytesOut: 0.5,
  },
  {
    says: 'a check of a connector, every five minutes, with the hosts that are compared',
    function: 'act-on-hosts',
    perDay: 288,
    milliseconds: 600,
    reads: 8,
    writes: 2,
    messages: 3,
    decryptions: 1,
    by: 'queue',
    kilobytesOut: 1,
  },
  {
    says: 'a host that a connector is told of: host, operation and its places, lines of the event log',
    function: 'act-on-hosts',
    perDay: 20,
    milliseconds: 500,
    reads: 8,
    writes: 10,
    messages: 3,
    events: 2,
    decryptions: 1,
    by: 'queue',
    kilobytesOut: 1,
  },
  {
    says: 'a look by an operator or a script',
    function: 'find-entries',
    perDay: 500,
    milliseconds: 30,
    reads: 4,
    writes: 0,
    by: 'caller',
    kilobytesOut: 2,
  },
];

/** Callers whose authorization is asked for once a minute while they call: two firewalls, ClearPass, RADIUS, now and then others. */
export const authorizationsPerDay = 5 * 1_440;

/** What schedules look at of each tenant: two reads a minute of endpoints, four of feeds and connectors, one of JIMS's batch, one in five of senders and of firewalls. */
export const scheduledReadsPerDay = 1_440 * 7.4;

/** Entries, endpoints, receipts of 14 days, logs and stories. */
export const gigabytesStored = 0.25;

/** How much more the busiest hour of a day has than its average. */
export const busiest = 5;

/** What the schedules that walk through all tenants ask the tables of each, and how long a whole processor takes for one. */
export const walk = { requests: 3, processorMs: 0.4, wholeProcessorMegabytes: 1_769 };

/** One line an event. */
export const kilobytesLogged = 0.7;

/** Of a site that waits for changes of authorization over HTTPS, all day, where the service cannot reach its switches. */
export const waitingSecondsPerDay = 86_400;
