/**
 * Who is behind a threat log: the entry of its address at that time, with groups and device, in the event log. A firewall
 * says the same thing many times a second, so what is the same within a request is one line with its count.
 */
import type { Arrival } from '../admission/event-lines.ts';
import type { IpAddress } from '../identity/address.ts';
import type { Entry } from '../identity/entry.ts';
import type { EventLine, EventLog } from '../journal/event-line.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import type { ThreatLine } from './threat-line.ts';

export interface TellThreats {
  /** Whom a look-up finds at the address now; null: nobody. */
  readonly entryAt: (tenant: TenantId, ip: IpAddress) => Promise<Entry | null>;
  readonly events: Pick<EventLog, 'tell'>;
  /** Has each line be a threat action, as if it had been sent as one. Throws `busy` where some must be sent again. */
  readonly act: (tenant: TenantId, arrival: ThreatArrival, lines: readonly Uint8Array[]) => Promise<void>;
}

export interface ThreatArrival extends Arrival {
  readonly deadlineAt: number;
}

/** Lines of a request that say the same of the same. */
export interface SameThreat {
  readonly first: ThreatLine;
  /** The first, as it came. */
  readonly bytes: Uint8Array;
  readonly lines: number;
}

/** A request tells of so many apart; what goes beyond is told together. */
const mostTold = 100;

export function sameThreats(
  threats: readonly { readonly told: ThreatLine; readonly bytes: Uint8Array }[],
): readonly SameThreat[] {
  const groups = Map.groupBy(threats, ({ told: { about, firewall, tag, threat } }) => JSON.stringify([about, firewall, tag, threat])); // prettier-ignore
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    return first ? [{ first: first.told, bytes: first.bytes, lines: group.length }] : [];
  });
}

/** The same request again tells nothing twice. */
export async function tellThreats(
  deps: TellThreats,
  tenant: TenantId,
  arrival: ThreatArrival,
  threats: readonly SameThreat[],
): Promise<void> {
  const told = threats.slice(0, mostTold);
  const addresses = new Set(told.flatMap(({ first: { about } }) => (about === null ? [] : [about])));
  const entries = new Map(
    await Promise.all([...addresses].map(async (ip) => [ip, await deps.entryAt(tenant, ip)] as const)),
  );
  const lines = told.map((threat, index) =>
    lineOf(threat, entries.get(threat.first.about ?? ('' as IpAddress)) ?? null, arrival, index),
  );
  const left = threats.slice(mostTold);
  await deps.events.tell(tenant, left.length === 0 ? lines : [...lines, restOf(left, arrival)]);
}

function lineOf({ first, lines }: SameThreat, entry: Entry | null, arrival: ThreatArrival, index: number): EventLine {
  const { about, threat, severity, action, at } = first;
  const came = entry !== null && at !== null && entry.heldSince > at + clocksDifferMs ? 'later' : 'before';
  const known = came === 'before' ? entry : null;
  return {
    ...blank(arrival),
    id: `${arrival.requestId}-threat-${index}`,
    code: 'threat-log',
    message: [saidOf(first, lines), ...(about === null ? [] : [whoOf(known, came)])].join(' '),
    event: first.tag,
    sender: { kind: 'client', name: first.firewall },
    occurredAt: at,
    ip: about,
    user: known ? `${known.domain}\\${known.user}` : null,
    severity,
    threatName: threat,
    action,
  };
}

/** Clocks of firewalls and ours differ a little. */
const clocksDifferMs = 60_000;

const saidOf = ({ tag, threat, firewall }: ThreatLine, lines: number) =>
  `${firewall ?? 'A firewall'} tells of ${threat ?? 'a threat'} (${tag}${lines === 1 ? '' : `, ${lines} times`}).`;

function whoOf(entry: Entry | null, came: 'before' | 'later'): string {
  if (came === 'later') return 'Who is there now came later.';
  if (entry === null) return 'Nobody is known there.';
  const { groups, device } = entry;
  const identity = [device.identity, device.os].filter((each) => each !== undefined).join(', ');
  return `Groups: ${groups.length === 0 ? 'none' : groups.join(', ')}.${identity === '' ? '' : ` Device: ${identity}.`}`;
}

function restOf(threats: readonly SameThreat[], arrival: ThreatArrival): EventLine {
  const lines = threats.reduce((sum, each) => sum + each.lines, 0);
  return {
    ...blank(arrival),
    id: `${arrival.requestId}-threats`,
    code: 'threat-logs-untold',
    message: `${lines} more threat logs came with these, of ${threats.length} other kinds or addresses. They went the same way; ask ClearPass for them.`, // prettier-ignore
  };
}

const blank = ({ credentialName, clientAddress, requestId, receivedAt }: ThreatArrival): EventLine => ({
  id: requestId,
  at: receivedAt,
  state: 'noted',
  code: 'threat-log',
  message: '',
  event: null,
  sender: { kind: 'client', name: null },
  credentialName,
  clientAddress,
  template: null,
  eventId: null,
  occurredAt: null,
  mac: null,
  ip: null,
  user: null,
  severity: null,
  threatName: null,
  policy: null,
  action: null,
  role: null,
  flags: [],
  changes: [],
  requestId,
});
