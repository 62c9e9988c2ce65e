/** Decisions open sessions, or hear of them again. Whatever becomes of a session, the decision stands. */
import type { IpAddress } from '../identity/address.ts';
import type { AuthenticationTable } from '../identity/authentication-table.ts';
import type { Reading } from '../identity/reading.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import { type Places, takePlaces } from './places.ts';
import {
  type ClosedSession,
  endingOf,
  type EndingReason,
  type Known,
  type Session,
  type SessionPlace,
  type Tenure,
} from './session.ts';

export interface OpenSessions extends Places {
  readonly table: AuthenticationTable;
  /** Hears of sessions that could not be kept. */
  readonly unkept: (tenant: TenantId, error: unknown) => void;
}

/** A flow that names a session. `tenure`: whose it is, where the flow was permitted for somebody who is known. */
export interface Naming extends SessionPlace {
  readonly tenure?: Tenure;
  readonly refusal?: 'flow-not-permitted' | 'user-not-known';
}

/** What became of the session that a flow names. */
export interface Named {
  readonly id: string;
  readonly managed: 'managed' | 'not-managed';
  /** Why it is not managed. Only one of `too-many-sessions` is there to be closed. */
  readonly reason?: 'flow-not-permitted' | 'user-not-known' | 'too-many-sessions' | 'not-written';
}

export const nameOf = ({ ip, credentialId, id }: SessionPlace): string => JSON.stringify([ip, credentialId, id]);

/** The sessions that these flows name, as far as they are open already; `unreadable` where that cannot be told. */
export async function readSessions(
  { sessions, unkept }: Pick<OpenSessions, 'sessions' | 'unkept'>,
  tenant: TenantId,
  places: readonly SessionPlace[],
): Promise<ReadonlyMap<string, Session> | 'unreadable'> {
  if (places.length === 0) return new Map();
  try {
    const found = await sessions.read(tenant, places);
    return new Map(found.flatMap((session) => (session ? [[nameOf(session), session] as const] : [])));
  } catch (error) {
    unkept(tenant, error);
    return 'unreadable';
  }
}

type Outcome = 'managed' | 'too-many-sessions' | 'not-written';

interface Moment {
  readonly before: ReadonlyMap<string, Session> | 'unreadable';
  readonly knownAt: (ip: IpAddress) => Known;
}

/** What becomes of each, in the order of the namings. Never fails. */
export async function openSessions(
  deps: OpenSessions,
  tenant: TenantId,
  namings: readonly (Naming | undefined)[],
  { before, knownAt }: Moment,
): Promise<readonly (Named | undefined)[]> {
  const outcomes = new Map<string, Outcome>();
  if (before !== 'unreadable') {
    const permitted = namings.flatMap((each) => (each?.tenure ? [{ ...each, tenure: each.tenure }] : []));
    const wanted = new Map(permitted.map((each) => [nameOf(each), { ...each, found: before.get(nameOf(each)) }]));
    const keep = async (ip: IpAddress, all: readonly Wanted[]) => {
      for (const [name, outcome] of await keepAll(deps, tenant, all, knownAt(ip))) outcomes.set(name, outcome);
    };
    await Promise.all([...Map.groupBy(wanted.values(), ({ ip }) => ip)].map(async ([ip, all]) => keep(ip, all)));
  }
  return namings.map((each) => each && named(each, outcomes.get(nameOf(each))));
}

function named({ id, refusal }: Naming, outcome: Outcome | undefined): Named {
  if (outcome === 'managed') return { id, managed: 'managed' };
  return { id, managed: 'not-managed', reason: outcome ?? refusal ?? 'not-written' };
}

interface Wanted extends SessionPlace {
  readonly tenure: Tenure;
  /** What was there when the decision was made. */
  readonly found: Session | undefined;
}

interface Fresh extends Wanted {
  /** What was there and is over. */
  readonly over?: ClosedSession;
}

/** Sessions of one address, which all have the same tenure: those that are open are heard of, the others opened. */
async function keepAll(deps: OpenSessions, tenant: TenantId, all: readonly Wanted[], known: Known) {
  const [open, fresh]: [Session[], Fresh[]] = [[], []];
  for (const one of all) {
    const ending = one.found && endingOf(one.found, known);
    if (one.found && !ending) open.push(one.found);
    else fresh.push({ ...one, ...(one.found && ending && { over: { ...one.found, ending } }) });
  }
  const outcomes = await Promise.all([
    ...open.map(async (session) => told(deps, tenant, [session], [hear(deps, tenant, session, known.reading.now)])),
    openAll(deps, tenant, fresh, known),
  ]);
  return outcomes.flat();
}

/** Outcomes by name; what failed was not written. */
async function told(
  { unkept }: OpenSessions,
  tenant: TenantId,
  places: readonly SessionPlace[],
  outcomes: readonly Promise<Outcome>[],
): Promise<readonly (readonly [name: string, outcome: Outcome])[]> {
  const settled = await Promise.allSettled(outcomes);
  return places.map((place, index) => {
    const one = settled[index];
    if (one?.status === 'rejected') unkept(tenant, one.reason);
    return [nameOf(place), one?.status === 'fulfilled' ? one.value : 'not-written'];
  });
}

const wordFor = ({ tenure }: Session): Outcome => (tenure ? 'managed' : 'too-many-sessions');

async function hear({ sessions }: OpenSessions, tenant: TenantId, session: Session, now: number): Promise<Outcome> {
  const outcome = await sessions.hear(tenant, session, now);
  return outcome === 'heard' ? wordFor(session) : 'not-written';
}

async function openAll(deps: OpenSessions, tenant: TenantId, fresh: readonly Fresh[], { reading }: Known) {
  const [first] = fresh;
  if (!first) return [];
  const { now } = reading;
  const places = takePlaces(deps, tenant, { entry: first, wanted: fresh.length, now });
  const opening = fresh.map(async ({ ip, credentialId, id, tenure, over }, index) => {
    const isManaged = index < (await places);
    const session = { ip, credentialId, id, ...(isManaged && { tenure }), openedAt: now, heardAt: now };
    return open(deps, tenant, { session, over, reading });
  });
  return told(deps, tenant, fresh, opening);
}

interface Opening {
  readonly session: Session;
  readonly over: ClosedSession | undefined;
  readonly reading: Reading;
}

async function open(deps: OpenSessions, tenant: TenantId, { session, over, reading }: Opening): Promise<Outcome> {
  const { sessions, table } = deps;
  const { outcome, movedFrom } = await sessions.open(tenant, session, over);
  if (outcome === 'opened') {
    if (movedFrom !== undefined) await endMoved(deps, tenant, { ...session, ip: movedFrom }, reading);
    return wordFor(session);
  }
  // Somebody else opened it at the same time: that is the session, unless it is another user's.
  const [there] = await sessions.read(tenant, [session]);
  const known = { slots: await table.entries.at(tenant, session.ip), reading };
  return there && !endingOf(there, known) ? wordFor(there) : 'not-written';
}

/** An id that is used at another address names another session: what it named until now is over. */
async function endMoved({ sessions, table }: OpenSessions, tenant: TenantId, place: SessionPlace, reading: Reading) {
  const [left] = await sessions.read(tenant, [place]);
  if (!left) return;
  const ended = endingOf(left, { slots: await table.entries.at(tenant, place.ip), reading });
  const ending = ended ?? { at: Math.max(reading.now, left.openedAt), reason: 'moved' satisfies EndingReason };
  await sessions.close(tenant, { ...left, ending }, { ...(!ended && { place: 'free' }), id: 'elsewhere' });
}
