/**
 * What an operator does to an endpoint by hand. Every act is one step of the endpoint and one line in the event log, also
 * where nothing came of it. The allow list stops automatic actions only: an operator's goes through and is flagged.
 */
import type { ThreatResponse } from '../configuration/threat-response.ts';
import type { IpAddress } from '../identity/address.ts';
import type { HostActs } from '../infected-hosts/host-acts.ts';
import type { EventLine, EventLog } from '../journal/event-line.ts';
import { ServiceError } from '../service-error.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import { broken } from '../violation.ts';
import type { Outcome } from './advance.ts';
import { allowedBy, meantBy } from './allow-list.ts';
import type { ChangeNotifier } from './change-notifier.ts';
import type { Endpoint, Hold, Investigation, Reason, Sender } from './endpoint.ts';
import { advanceEndpoint, type AdvancedEndpoint, type EndpointTable, type EventOrRule } from './endpoint-table.ts';
import type { EndpointEvent } from './events.ts';
import { endpointAbsent } from './find-endpoints.ts';
import { statusOf } from './endpoint-view.ts';
import { ipsOf } from './holds.ts';
import { isRandomised, type Mac } from './mac.ts';
import { sentenceOf } from './operator-sentences.ts';
import { isSelfGiven } from './self-given-address.ts';
import { addressesAt, openSessions } from './sessions.ts';
import type { Trace, TraceStore } from './traces.ts';

export interface OperatorActs extends EndpointTable {
  readonly notifier: ChangeNotifier;
  readonly hostActs: Pick<HostActs, 'letGo'>;
  /** What waits for an address of the endpoint is decided. */
  readonly settle: (tenant: TenantId, mac: Mac, ip: IpAddress) => Promise<unknown>;
  readonly events: Pick<EventLog, 'tell'>;
  readonly traces: Pick<TraceStore, 'leave'>;
  readonly settingsOf: (tenant: TenantId) => Promise<Pick<ThreatResponse<unknown, unknown>, 'allowList' | 'roles'>>;
}

/** Who acts, and on what. */
export interface Operator {
  readonly tenant: TenantId;
  readonly credentialName: string;
  readonly clientAddress: string;
  readonly requestId: string;
  readonly mac: Mac;
  /** Id of the bulk act that this is a part of. */
  readonly cause?: string;
}

export interface HoldWanted {
  readonly threatName: string | null;
  readonly note: string | null;
  /** After which it ends by itself; null: never. */
  readonly minutes: number | null;
}

export interface QuarantineWanted extends HoldWanted {
  readonly role: string;
  readonly session: 'permanent' | 'session';
}

export type ActOutcome = Outcome | 'no-open-session';

export interface Acted {
  readonly outcome: ActOutcome;
  /** One sentence. */
  readonly message: string;
  /** What is worth a look: `allow-list`, `mac-randomised`. */
  readonly flags: readonly string[];
  /** Id of the line in the event log. */
  readonly eventId: string;
  /** Ids of the changes of authorization that the act made necessary. */
  readonly changes: readonly string[];
  /** Null where there was nothing to do it to. */
  readonly endpoint: Endpoint | null;
}

export async function blockEndpoint(deps: OperatorActs, by: Operator, wanted: HoldWanted): Promise<Acted> {
  return act(deps, by, { ...untold(wanted), act: 'block', action: 'block' }, (read) =>
    holding(deps, by, { ...wanted, hold: 'blocked', role: null, session: null }, read),
  );
}

/** Throws `body-invalid` where the role is none that endpoints are quarantined into, `session-absent` without a session. */
export async function quarantineEndpoint(deps: OperatorActs, by: Operator, wanted: QuarantineWanted): Promise<Acted> {
  const { role, session, ...told } = wanted;
  const { roles } = await deps.settingsOf(by.tenant);
  mustBeQuarantineRole(role, roles);
  return act(deps, by, { ...untold(wanted), act: 'quarantine', action: 'quarantine', role }, (read) => {
    const key = session === 'session' ? newestSession(read, by.mac, deps.now()) : null;
    return holding(deps, by, { ...told, hold: 'quarantined', role, session: key }, read);
  });
}

/** Throws `body-invalid`. */
export function mustBeQuarantineRole(role: string, roles: ThreatResponse<unknown, unknown>['roles']): void {
  if (roles.some(({ name, quarantine }) => quarantine && name === role)) return;
  const known = roles.filter(({ quarantine }) => quarantine).map(({ name }) => `"${name}"`);
  const message = `The configuration has no quarantine role "${role.slice(0, 64)}".`;
  const mend =
    known.length === 0
      ? 'Add a role with "quarantine": true to threatResponse.roles first.'
      : `Name one of: ${known.slice(0, 20).join(', ')}.`;
  const violations = [broken('one-of', { keys: ['role'], value: role }, mend)];
  throw new ServiceError('body-invalid', `${message} ${mend}`, { violations });
}

function newestSession(read: Endpoint | undefined, mac: Mac, now: number): string {
  const [session] = read === undefined ? [] : openSessions(read, now);
  if (session) return session.key;
  throw new ServiceError(
    'session-absent',
    `${mac} has no open session that could be quarantined. Leave "session" out: the endpoint is then quarantined whatever network it joins.`,
  );
}

function holding(
  { now }: OperatorActs,
  by: Operator,
  { minutes, ...told }: HoldWanted & Pick<Reason, 'hold' | 'role' | 'session'>,
  read: Endpoint | undefined,
): EndpointEvent {
  const at = now();
  const reason = {
    ...told,
    sender: senderOf(by),
    until: minutes === null ? null : at + minutes * 60_000,
    ip: addressOf(read, at),
    eventId: eventIdOf(by),
    event: 'operator',
    severity: null,
    policy: null,
  };
  return { kind: 'held', reason, occurredAt: null };
}

/** Closes all reasons of the kind, whoever opened them; nothing to close is no error. */
export async function clearEndpoint(
  deps: OperatorActs,
  by: Operator,
  { hold, note }: { readonly hold: Hold | 'all'; readonly note: string | null },
): Promise<Acted> {
  const event: EndpointEvent = { kind: 'cleared', hold, sender: senderOf(by), occurredAt: null };
  return act(deps, by, { ...nothingTold, note, act: 'clear', action: `clear-${hold}` }, (read) => read && event);
}

/** Has its switches let go of its open sessions, or of one of them. Throws `endpoint-absent`, `session-absent`. */
export async function terminateSessions(
  deps: OperatorActs,
  by: Operator,
  { session, note }: { readonly session: string | null; readonly note: string | null },
): Promise<Acted> {
  return act(deps, by, { ...nothingTold, note, act: 'terminate', action: 'terminate-session' }, (read) => {
    if (read === undefined) return endpointAbsent(by.mac);
    if (session !== null && !openSessions(read, deps.now()).some(({ key }) => key === session)) {
      throw new ServiceError(
        'session-absent',
        `${by.mac} has no open session "${session.slice(0, 128)}". Take a "key" of its sessions, or leave "session" out to terminate all.`,
      );
    }
    return { kind: 'terminated', session };
  });
}

/** Throws `endpoint-absent`. */
export async function investigate(deps: OperatorActs, by: Operator, investigation: Investigation): Promise<Acted> {
  const event: EndpointEvent = { kind: 'investigated', investigation, sender: senderOf(by) };
  const told = { ...nothingTold, act: 'investigation', action: investigation } as const;
  return act(deps, by, told, (read) => (read ? event : endpointAbsent(by.mac)));
}

/** Tells which address the endpoint has, where its switch does not; what waits for it is decided. Throws `address-invalid`. */
export async function teachAddress(deps: OperatorActs, by: Operator, ip: IpAddress): Promise<Acted> {
  if (isSelfGiven(ip)) {
    const message = `${ip} is an address that a device gives itself while it has none. Send the one that it has since.`;
    throw new ServiceError('address-invalid', message);
  }
  const told = { ...nothingTold, ip, act: 'address', action: 'address' } as const;
  const acted = await act(deps, by, told, { kind: 'addressed', ip, source: 'operator' });
  await deps.settle(by.tenant, by.mac, ip);
  const [stored] = await deps.endpoints.read(by.tenant, [by.mac]);
  return { ...acted, endpoint: stored?.endpoint ?? null };
}

/** What of an act its line tells. */
interface Told {
  readonly act: 'block' | 'quarantine' | 'clear' | 'terminate' | 'investigation' | 'address';
  readonly action: string;
  readonly threatName: string | null;
  readonly note: string | null;
  readonly role: string | null;
  readonly ip: IpAddress | null;
}

const nothingTold = { threatName: null, note: null, role: null, ip: null };
const untold = ({ threatName, note }: HoldWanted) => ({ ...nothingTold, threatName, note });

async function act(deps: OperatorActs, by: Operator, told: Told, eventOrRule: EventOrRule): Promise<Acted> {
  if (isHolding(told)) await leaveTrace(deps, by, { kind: 'endpoint', mac: by.mac });
  await letGoOfHosts(deps, by, told);
  const advanced = await advanceEndpoint(deps, by.tenant, by.mac, eventOrRule);
  const at = deps.now();
  const { allowList } = await deps.settingsOf(by.tenant);
  const acted = actedBy(by, told, advanced, at);
  const lasting = lastingOf(acted.outcome, told);
  if (lasting !== undefined) await leaveTrace(deps, by, { kind: lasting, mac: by.mac });
  const flags = isHolding(told) ? flagsOf(by.mac, advanced, allowList, at) : [];
  if (acted.changes.length > 0) await deps.notifier.changed(by.tenant, by.mac);
  await deps.events.tell(by.tenant, [lineOf(by, told, { ...acted, flags }, at)]);
  return { ...acted, flags };
}

/**
 * Feeds that accuse the endpoint are not to open again what is let go. First, and at every repeat: whoever is killed in
 * between leaves reasons that still say through which addresses they had been opened.
 */
async function letGoOfHosts(deps: OperatorActs, by: Operator, told: Told): Promise<void> {
  const hold = letGoBy(told);
  if (hold === undefined) return;
  const [stored] = await deps.endpoints.read(by.tenant, [by.mac]);
  const closed = stored?.endpoint.reasons.filter((each) => hold === 'all' || each.hold === hold) ?? [];
  const has = stored ? addressesAt(stored.endpoint, deps.now()).map(({ ip }) => ip) : [];
  const letGo = { mac: by.mac, hold, through: closed.flatMap(ipsOf), has };
  await deps.hostActs.letGo(by.tenant, letGo, { name: by.credentialName, cause: lineIdOf(by) });
}

function letGoBy({ act: what, action }: Told): Hold | 'all' | undefined {
  if (what === 'investigation') return action.startsWith('resolved-') ? 'all' : undefined;
  if (what !== 'clear') return undefined;
  return action === 'clear-blocked' ? 'blocked' : action === 'clear-quarantined' ? 'quarantined' : 'all';
}

const isHolding = ({ act: what }: Told) => what === 'block' || what === 'quarantine';

const leaveTrace = async ({ traces, now }: OperatorActs, by: Operator, trace: Trace) =>
  traces.leave(by.tenant, { client: null, id: eventIdOf(by) }, trace, now());

/** What no undo takes back, and is told by it. */
function lastingOf(outcome: ActOutcome, { act: what }: Told): 'cleared' | 'terminated' | undefined {
  if (outcome === 'cleared') return 'cleared';
  return what === 'terminate' && outcome === 'applied' ? 'terminated' : undefined;
}

function actedBy(by: Operator, told: Told, advanced: AdvancedEndpoint | undefined, now: number): Acted {
  const known = new Set(advanced?.before?.changes.map(({ id }) => id));
  const changes = (advanced?.endpoint.changes ?? []).map(({ id }) => id).filter((id) => !known.has(id));
  const outcome = outcomeOf(told, advanced, changes.length);
  const stays = advanced === undefined ? 'free' : statusOf(advanced.endpoint, now);
  const message = sentenceOf({ ...told, mac: by.mac, outcome, stays, changes: changes.length });
  return { outcome, message, flags: [], eventId: eventIdOf(by), changes, endpoint: advanced?.endpoint ?? null };
}

function outcomeOf(told: Told, advanced: AdvancedEndpoint | undefined, changes: number): ActOutcome {
  if (advanced === undefined) return 'nothing-to-clear';
  return told.act === 'terminate' && changes === 0 ? 'no-open-session' : advanced.outcome;
}

function flagsOf(
  mac: Mac,
  advanced: AdvancedEndpoint | undefined,
  allowList: ThreatResponse<unknown, unknown>['allowList'],
  now: number,
): readonly string[] {
  const meant = advanced ? meantBy(advanced.endpoint, now) : { mac, ips: [], users: [], roles: [] };
  return [...(allowedBy(allowList, meant) ? ['allow-list'] : []), ...(isRandomised(mac) ? ['mac-randomised'] : [])];
}

const senderOf = ({ credentialName }: Operator): Sender => ({ kind: 'operator', name: credentialName });
/** By which it is undone. */
const eventIdOf = ({ requestId, cause }: Operator) => cause ?? `operator-${requestId}`;
const lineIdOf = ({ requestId, cause, mac }: Operator) =>
  cause === undefined ? `operator-${requestId}` : `${cause}.${mac}`;
const addressOf = (endpoint: Endpoint | undefined, now: number): IpAddress | null =>
  (endpoint && addressesAt(endpoint, now)[0]?.ip) ?? null;

const ignored: readonly ActOutcome[] = ['repeated', 'nothing-to-clear', 'no-open-session', 'unchanged'];

function lineOf(
  by: Operator,
  told: Told,
  { outcome, message, flags, changes, endpoint }: Acted,
  at: number,
): EventLine {
  // prettier-ignore
  const [session] = endpoint ? openSessions(endpoint, at) : [];
  return {
    id: lineIdOf(by),
    at,
    state: ignored.includes(outcome) ? 'ignored' : 'applied',
    code: outcome,
    message: told.note === null ? message : `${message} ${by.credentialName} notes: ${told.note}`,
    event: `operator-${told.act}`,
    sender: senderOf(by),
    credentialName: by.credentialName,
    clientAddress: by.clientAddress,
    template: null,
    eventId: null,
    occurredAt: null,
    mac: by.mac,
    ip: told.ip ?? addressOf(endpoint ?? undefined, at),
    user: session?.user ?? null,
    severity: null,
    threatName: told.threatName,
    policy: null,
    action: told.action,
    role: told.role,
    flags,
    changes,
    requestId: by.requestId,
    ...(by.cause !== undefined && { cause: by.cause }),
  };
}
