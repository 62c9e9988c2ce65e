/**
 * What a firewall's relay sends: many lines at once, of which those that tell of a threat go on to ClearPass, at no more
 * than the tenant's limit. A line that cannot be read is counted with its reason, and its neighbours go on.
 */
import type { ThreatLogs } from '../configuration/configuration.ts';
import type { Measure, Measured } from '../journal/measure.ts';
import { ServiceError } from '../service-error.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import { framesOf } from '../wire/syslog/frames.ts';
import { readStructured } from '../wire/syslog/structured-line.ts';
import {
  type CountByFirewall,
  countByFirewall,
  countMalformed,
  firewallAt,
  groupedByFirewall,
} from './count-by-firewall.ts';
import type { LineFault, LogBatch, LogCount, LogCounts, LogGrants, LogQueue } from './log-table.ts';
import { linesOf, sameThreats, tellThreats, type TellThreats, type ThreatArrival } from './tell-threats.ts';
import { type ThreatLine, threatLineOf } from './threat-line.ts';
import { tagged } from './threat-tag.ts';

export interface ReceiveLogs extends TellThreats {
  readonly settingsOf: (tenant: TenantId) => Promise<ThreatLogs>;
  readonly grants: LogGrants;
  readonly queue: LogQueue;
  readonly counts: LogCounts;
  readonly measure: Measure;
  readonly now: () => number;
  /** Waits no longer than until then, and rejects where the work is not done. */
  readonly within: (untilAt: number, work: Promise<void>) => Promise<void>;
  /** Hears of what could not be written about lines that are on their way. */
  readonly unwritten: (tenant: TenantId, what: 'counts' | 'events', error: unknown) => void;
}

export interface ReceivedLogs {
  readonly received: number;
  readonly accepted: number;
  readonly filtered: number;
  readonly rateLimited: number;
  readonly malformed: number;
  /** The first of them; lines are counted from 1. */
  readonly errors: readonly { readonly line: number; readonly reason: LineFault }[];
}

const mostErrors = 10;

/** Throws `threat-logs-off` where the tenant has switched them off, and `tenant-limit` where requests come too fast. */
export async function receiveLogs(
  deps: ReceiveLogs,
  tenant: TenantId,
  arrival: ThreatArrival,
  body: Uint8Array,
): Promise<ReceivedLogs> {
  const settings = await deps.settingsOf(tenant);
  if (!settings.enabled) {
    throw new ServiceError('threat-logs-off', 'Threat logs are switched off. Set "threatLogs.enabled" in the configuration.'); // prettier-ignore
  }
  const { received, filtered, threats, faults, malformed, errors } = linesIn(body);
  const kinds = sameThreats(threats);
  // Before anything goes on: what has to be sent again for this is then sent once, and has used up no second.
  const acted = settings.threatActions ? await deps.act(tenant, arrival, kinds.map(({ bytes }) => bytes)) : kinds.length; // prettier-ignore
  const at = deps.now();
  const wanted = { second: Math.floor(at / 1_000), lines: threats.length, limit: settings.rateLimit };
  const granted = threats.length === 0 ? 0 : await granting(deps, tenant, wanted);
  const accepted = threats.slice(0, granted);
  const isSent = settings.destination.address !== '';
  if (isSent) await sendAll(deps, accepted, { tenant, id: arrival.actId, receivedAt: at });
  const counts = countsOf({ accepted, isSent, limited: threats.slice(granted), filtered: filtered.counts(), malformed: malformed.counts() }); // prettier-ignore
  const unacted = kinds.slice(acted);
  const unwritten = await written(deps, tenant, arrival, {
    counts: async () => (counts.length > 0 ? deps.counts.add(tenant, counts, at) : undefined),
    events: async () =>
      kinds.length > 0 ? tellThreats(deps, tenant, arrival, { kinds, accepted: accepted.length, unacted }) : undefined,
  });
  deps.measure(
    tenant,
    at,
    some({
      ThreatLogsAccepted: accepted.length,
      ThreatLogsDropped: threats.length - accepted.length,
      ThreatLogsMalformed: faults,
      ThreatLogsUnacted: linesOf(unacted),
      ThreatLogsUnwritten: unwritten,
    }),
  );
  return {
    received,
    accepted: accepted.length,
    filtered: received - threats.length - faults,
    rateLimited: threats.length - accepted.length,
    malformed: faults,
    errors,
  };
}

/** Each is a message in a queue that all tenants share, and one worker sends a tenant's: faster than this it would only grow. */
const mostRequests = 25;

async function granting({ grants }: ReceiveLogs, tenant: TenantId, wanted: Parameters<LogGrants['take']>[1]) {
  const { lines, request } = await grants.take(tenant, wanted);
  if (request > mostRequests) {
    throw new ServiceError('tenant-limit', `More than ${mostRequests} requests of the tenant had threats in them in this second. Send these logs again in a second or two; have the relays send more lines at once.`, { retryAfterSeconds: 2 }); // prettier-ignore
  }
  return lines;
}

const some = (measured: Measured): Measured =>
  Object.fromEntries(Object.entries(measured).filter(([, value]) => value > 0));

/** So much of the time is left for the answer. */
const answerMs = 2_000;

type Writing = Readonly<Record<'counts' | 'events', () => Promise<void>>>;

/** The lines are on their way by now, and would go twice if the answer failed. How much of this did. */
async function written(deps: ReceiveLogs, tenant: TenantId, { deadlineAt }: ThreatArrival, writing: Writing) {
  const attempts = (['counts', 'events'] as const).map(async (what) => {
    try {
      await deps.within(deadlineAt - answerMs, writing[what]());
      return 0;
    } catch (error) {
      deps.unwritten(tenant, what, error);
      return 1;
    }
  });
  return (await Promise.all(attempts)).reduce<number>((sum, each) => sum + each, 0);
}

interface Threat {
  readonly bytes: Uint8Array;
  readonly told: ThreatLine;
}

/** What is wrong with a line, and of whom it is where that could be read. */
interface Malformed {
  readonly fault: LineFault;
  readonly of?: Pick<LogCount, 'firewall' | 'tag'>;
}

function linesIn(body: Uint8Array) {
  const threats: Threat[] = [];
  const errors: { line: number; reason: LineFault }[] = [];
  const [filtered, malformed] = [countByFirewall(), countMalformed()];
  let [received, faults] = [0, 0];
  for (const { line, fault } of framesOf(body)) {
    received += 1;
    const read = line ? lineIn(line, filtered) : { fault };
    if (read === 'filtered') continue;
    if ('told' in read) {
      threats.push(read);
      continue;
    }
    faults += 1;
    malformed.count(read.fault, read.of);
    if (faults <= mostErrors) errors.push({ line: received, reason: read.fault });
  }
  return { received, filtered, threats, faults, malformed, errors };
}

function lineIn(bytes: Uint8Array, filtered: CountByFirewall): Threat | 'filtered' | Malformed {
  const found = tagged(bytes);
  if (found === undefined) return { fault: 'no-header' };
  const { tag, place } = found;
  if (tag === undefined) {
    filtered.count(bytes, place);
    return 'filtered';
  }
  const { read, fault } = readStructured(bytes, place);
  return read ? { bytes, told: threatLineOf(tag, read) } : { fault, of: { firewall: firewallAt(bytes, place), tag } };
}

/** What goes on together: some seconds of work, and compressed what a message of a queue holds. */
const mostBytesOfBatch = 1_000_000;
const mostLinesOfBatch = 5_000;

async function sendAll({ queue }: ReceiveLogs, threats: readonly Threat[], batch: Omit<LogBatch, 'lines'>) {
  for (const each of batchesOf(threats, batch)) await queue.send(each);
}

/** Named by the lines that they have: what a repeat is granted may be more or less, and that is another batch. */
function* batchesOf(threats: readonly Threat[], { id, ...rest }: Omit<LogBatch, 'lines'>): Generator<LogBatch> {
  let lines: Uint8Array[] = [];
  let bytes = 0;
  for (const [place, threat] of threats.entries()) {
    if (lines.length > 0 && (bytes + threat.bytes.length > mostBytesOfBatch || lines.length === mostLinesOfBatch)) {
      yield { ...rest, id: `${id}-${place - lines.length}-${place}`, lines };
      [lines, bytes] = [[], 0];
    }
    lines.push(threat.bytes);
    bytes += threat.bytes.length;
  }
  if (lines.length > 0) yield { ...rest, id: `${id}-${threats.length - lines.length}-${threats.length}`, lines };
}

interface Counted {
  readonly isSent: boolean;
  readonly accepted: readonly Threat[];
  readonly limited: readonly Threat[];
  readonly filtered: readonly LogCount[];
  readonly malformed: readonly LogCount[];
}

/** What went on comes first: where there are too many names, it has its own. */
function countsOf({ accepted, isSent, limited, filtered, malformed }: Counted): readonly LogCount[] {
  const counts = groupedByFirewall([
    ...accepted.map(counted('accepted')),
    ...(isSent ? [] : accepted.map(counted('undeliverable'))),
    ...limited.map(counted('rate-limited')),
    ...filtered,
    ...malformed,
  ]);
  return [...counts.values()].flat();
}

const counted =
  (became: LogCount['became']) =>
  ({ told: { firewall, tag } }: Threat): LogCount => ({ firewall, tag, became, lines: 1 });
