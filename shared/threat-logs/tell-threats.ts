/**
 * Who is behind a threat log: who was at its address at that time, with groups and device, in the event log. A firewall
 * says the same thing many times a second, so what is the same within a request is one line with its count.
 */
import type { Arrival } from '../admission/event-lines.ts';
import { mostLines } from '../admission/receive.ts';
import type { IpAddress } from '../identity/address.ts';
import type { Listed } from '../identity/authentication-table.ts';
import type { Entry } from '../identity/entry.ts';
import type { Reading } from '../identity/reading.ts';
import { bareLine, type EventLine, type EventLog } from '../journal/event-line.ts';
import { tidied } from '../journal/shown-text.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import type { ThreatLine } from './threat-line.ts';
import { whoWasThere, type WhoWasThere } from './who-was-there.ts';

export interface TellThreats {
  /** What lies at these addresses, and how it is read now. */
  readonly slotsAt: (tenant: TenantId, ips: readonly IpAddress[]) => Promise<SlotsAt>;
  /** The event log, of which whoever listens hears too. */
  readonly events: Pick<EventLog, 'tell'>;
  /** The same log, for what is too much to be heard. */
  readonly log: Pick<EventLog, 'tell'>;
  /**
   * Has each line be a threat action, as if it had been sent as one, in their order, and says how many of them were: what
   * there is no room or time for is left. Throws `busy` where all of them must be sent again.
   */
  readonly act: (tenant: TenantId, arrival: ThreatArrival, lines: readonly Uint8Array[]) => Promise<number>;
}

export interface SlotsAt {
  readonly reading: Reading;
  readonly slots: ReadonlyMap<IpAddress, readonly Listed[]>;
}

export interface ThreatArrival extends Arrival {
  readonly deadlineAt: number;
  /** Of the request and of whatever repeats it with its key. */
  readonly actId: string;
}

/** Lines of a request that say the same of the same. */
export interface SameThreat {
  readonly first: ThreatLine;
  /** The first, as it came. */
  readonly bytes: Uint8Array;
  /** Where they stand among the threats of the request. */
  readonly places: readonly number[];
}

/** A request tells of so many apart; what goes beyond is told together. */
const mostTold = 100;
/** Of a request so many lines are heard on the bus: they go there in one call, before the answer. */
const mostHeard = 10;

/** In the order in which each kind came first. */
export function sameThreats(
  threats: readonly { readonly told: ThreatLine; readonly bytes: Uint8Array }[],
): readonly SameThreat[] {
  const places = Map.groupBy(threats.keys(), (place) => kindOf(threats[place]?.told));
  return [...places.values()].flatMap((ofKind) => {
    const first = threats[ofKind[0] ?? -1];
    return first ? [{ first: first.told, bytes: first.bytes, places: ofKind }] : [];
  });
}

/** Whom it meets matters where nobody else is named. */
const kindOf = (line: ThreatLine | undefined) =>
  line &&
  JSON.stringify([
    line.about,
    line.source === null ? line.destination : null,
    line.firewall,
    line.tag,
    line.threat,
    line.severity,
    line.action,
  ]);

/** What became of the threats of a request. */
export interface Became {
  readonly kinds: readonly SameThreat[];
  /** So many of the threats go on; those behind them were beyond the limit. */
  readonly accepted: number;
  /** Those that were to be threat actions, and were not. */
  readonly unacted: readonly SameThreat[];
}

/** The same request again tells nothing twice. */
export async function tellThreats(
  deps: TellThreats,
  tenant: TenantId,
  arrival: ThreatArrival,
  { kinds, accepted, unacted }: Became,
): Promise<void> {
  const told = kinds.slice(0, mostTold);
  const addresses = new Set(told.flatMap(({ first: { about } }) => (about === null ? [] : [about])));
  const read = await readAt(deps, tenant, [...addresses]);
  const whoIs = ({ first: { about, at } }: SameThreat) =>
    about === null
      ? undefined
      : read.found
        ? whoWasThere(read.found.slots.get(about) ?? [], read.found.reading, at)
        : unread;
  const untold = kinds.slice(mostTold);
  const lines = [
    ...(untold.length > 0 ? [untoldLine(untold, accepted, arrival)] : []),
    ...(unacted.length > 0 ? [unactedLine(unacted, arrival)] : []),
    ...told.map((kind, index) => lineOf(kind, { who: whoIs(kind), accepted, arrival, index })),
  ];
  await Promise.all([
    deps.events.tell(tenant, lines.slice(0, mostHeard)),
    deps.log.tell(tenant, lines.slice(mostHeard)),
  ]);
  // What was seen is told all the same, and then that it is not told whole.
  if (read.found === undefined) throw new Error('Who was there could not be read.', { cause: read.error });
}

type Read = { readonly found: SlotsAt; readonly error?: never } | { readonly found?: never; readonly error: unknown };

async function readAt(deps: TellThreats, tenant: TenantId, ips: readonly IpAddress[]): Promise<Read> {
  try {
    return { found: await deps.slotsAt(tenant, ips) };
  } catch (error) {
    return { error };
  }
}

const unread = { was: 'unread' } as const;

interface Told {
  /** Absent where the line names nobody. */
  readonly who: WhoWasThere | typeof unread | undefined;
  readonly accepted: number;
  readonly arrival: ThreatArrival;
  readonly index: number;
}

function lineOf(kind: SameThreat, { who, accepted, arrival, index }: Told): EventLine {
  const { first } = kind;
  const user = who?.was === 'there' ? who.entry : who?.was === 'gone' ? who.former : undefined;
  return {
    ...blank(arrival),
    id: `${arrival.requestId}-threat-${index}`,
    message: [...saidOf(kind), ...droppedOf([kind], accepted), ...(who ? whoOf(who, first) : [])].join(' '),
    event: first.tag,
    sender: { kind: 'client', name: first.firewall === null ? null : tidied(first.firewall) },
    occurredAt: first.at,
    ip: first.about,
    user: user ? `${user.domain}\\${user.user}` : null,
    severity: first.severity,
    threatName: first.threat,
    action: first.action,
  };
}

function saidOf({ first, places }: SameThreat): readonly string[] {
  const { tag, threat, firewall, source, destination } = first;
  const times = places.length === 1 ? '' : `, ${places.length} times`;
  const against = source === null && destination !== null ? ` against ${destination}` : '';
  return [`${firewall === null ? 'A firewall' : tidied(firewall)} tells of ${threat ?? 'a threat'}${against} (${tag}${times}).`]; // prettier-ignore
}

function droppedOf(kinds: readonly SameThreat[], accepted: number): readonly string[] {
  const places = kinds.flatMap((kind) => kind.places);
  const dropped = places.filter((place) => place >= accepted).length;
  if (dropped === 0) return [];
  const which = places.length === 1 ? 'It was' : `${dropped} of them were`;
  return [`${which} beyond the limit and did not go on.`];
}

function whoOf(who: WhoWasThere | typeof unread, first: ThreatLine): readonly string[] {
  const { at } = first;
  switch (who.was) {
    case 'there':
      return [...(at === null ? ['When it was cannot be told: this is who is there now.'] : []), ...identityOf(who.entry)]; // prettier-ignore
    case 'gone':
      return who.entry ? identityOf(who.entry) : ['That is over by now: groups and device are not remembered.'];
    case 'later':
      return ['Who is there now came later.', ...namedBy(first)];
    case 'nobody':
      return ['Nobody is known there.', ...namedBy(first)];
    case 'unread':
      return ['Who was there could not be read.', ...namedBy(first)];
  }
}

/** What the firewall knows is a hint and no entry. */
const namedBy = ({ user, about, source }: ThreatLine): readonly string[] =>
  user === null || about !== source ? [] : [`The firewall names ${user}.`];

function identityOf({ groups, device }: Entry): readonly string[] {
  const identity = [device.identity, device.os].filter((each) => each !== undefined).join(', ');
  return [
    `Groups: ${groups.length === 0 ? 'none' : groups.join(', ')}.`,
    ...(identity === '' ? [] : [`Device: ${identity}.`]),
  ];
}

/** How many lines these are. */
export const linesOf = (kinds: readonly SameThreat[]): number =>
  kinds.reduce((sum, { places }) => sum + places.length, 0);

function untoldLine(kinds: readonly SameThreat[], accepted: number, arrival: ThreatArrival): EventLine {
  const sentence = `${linesOf(kinds)} more threat logs came with these, of ${kinds.length} other kinds or addresses. They are told apart nowhere here.`;
  return {
    ...blank(arrival),
    id: `${arrival.requestId}-threats`,
    code: 'threat-logs-untold',
    message: [sentence, ...droppedOf(kinds, accepted)].join(' '),
  };
}

function unactedLine(kinds: readonly SameThreat[], arrival: ThreatArrival): EventLine {
  return {
    ...blank(arrival),
    id: `${arrival.requestId}-unacted`,
    code: 'threat-logs-unacted',
    message: `${linesOf(kinds)} threat logs, of ${kinds.length} kinds or addresses, were not taken as threat actions: of a request the first ${mostLines} kinds are, for half of its time. Where it is no flood of made-up addresses, have the relay send fewer lines at once.`, // prettier-ignore
  };
}

const blank = ({ credentialName, clientAddress, requestId, receivedAt }: ThreatArrival): EventLine => ({
  ...bareLine,
  id: requestId,
  at: receivedAt,
  state: 'noted',
  code: 'threat-log',
  message: '',
  event: null,
  sender: { kind: 'client', name: null },
  credentialName,
  clientAddress,
  requestId,
});
