/** Decisions for flows, and the questions that they raise: who is asked about is not waited for. */
import type { ConfigurationReader } from '../configuration/configuration.ts';
import type { EndpointStore } from '../endpoints/endpoint-table.ts';
import { heldAddressView, type HeldAddresses, readHeldAddresses } from '../endpoints/held-addresses.ts';
import type { IpAddress } from '../identity/address.ts';
import type { AuthenticationTable, Listed, Slot } from '../identity/authentication-table.ts';
import { isThere, type Reading, silenceView } from '../identity/reading.ts';
import { plainReading, readingOf } from '../identity/silence.ts';
import { readSlots, slotsIn } from '../identity/slots.ts';
import { openSessions, type OpenSessions, readSessions } from '../sessions/open-sessions.ts';
import { namedView } from '../sessions/session-view.ts';
import type { SourceHeardStore } from '../identity/source-heard.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import { type AskAbout, askAboutAll } from '../user-query/ask-about.ts';
import { firstHop } from '../user-query/hops.ts';
import { type QuerySettings, querySettings } from '../user-query/query-settings.ts';
import type { CompiledPolicies } from './compiled-policies.ts';
import { decide, decideByDefault, decideHeld, type Decision, reachesIdentity } from './decide.ts';
import { explain, type Explanation } from './explain.ts';
import type { Flow, Question } from './flow.ts';
import { namingOf, sessionsIn } from './named-sessions.ts';
import { quarantinedIn, type Who, whoIs } from './who.ts';

export interface DecideFlows extends AskAbout, OpenSessions {
  readonly table: AuthenticationTable;
  readonly configurations: ConfigurationReader;
  readonly compiledOf: (
    tenant: TenantId,
    versioned: Awaited<ReturnType<ConfigurationReader['current']>>,
  ) => CompiledPolicies;
  /** The slots that each tenant's configuration last had us read: read again while the configuration is. */
  readonly sources: Pick<SourceHeardStore, 'read'>;
  readonly slotsBefore: Map<TenantId, readonly Slot[]>;
  /** Why addresses are held. */
  readonly endpoints: Pick<EndpointStore, 'at' | 'read'>;
  /** Tenants whose decisions last did not know of holds: for them these are not read until they do. */
  readonly holdless: Set<TenantId>;
  /** Hears of what could not be read: then flows for which it matters are decided by the default. */
  readonly unread: (what: Unread, tenant: TenantId, error: unknown) => void;
  /** Hears of a question that could not be sent: the decision does not wait for it, and the next miss asks again. */
  readonly unsent: (tenant: TenantId, error: unknown) => void;
}

/** `sources`: whether those who told of the entries are silent. The configuration is not among them: without it there is no default. */
export type Unread = 'entries' | 'sources' | 'holds';

export interface Decided extends Decision {
  /** The silence of a source without which another user might stand, or none. */
  readonly silence: ReturnType<typeof silenceView>;
  readonly explanation?: Explanation & { readonly hold: ReturnType<typeof heldAddressView> };
  /** Where the flow names a session. */
  readonly session?: ReturnType<typeof namedView>;
}

/** Steps that the explanations of one call show together: what they tell must fit into an answer. */
const mostSteps = 1_000;

/** With user query on; and where a tenant's flows have not been decided yet, the better guess. */
const commonSlot: readonly Slot[] = ['userid'];

/** Who asks: sessions are named by ids of the credential's own. */
interface Asker {
  readonly tenant: TenantId;
  readonly credentialId: string;
}

/** The decisions, in the order of the flows. One strongly consistent read an address, and at most one question. */
export async function decideFlows(
  deps: DecideFlows,
  { tenant, credentialId }: Asker,
  { flows, explain: wanted }: Question,
): Promise<readonly Decided[]> {
  const ips = [...new Set(flows.map(({ sourceIp }) => sourceIp))];
  const [{ current, slots, users, reading, held }, before] = await Promise.all([
    readTogether(deps, tenant, ips),
    readSessions(deps, tenant, sessionsIn(flows, credentialId)),
  ]);
  const compiled = deps.compiledOf(tenant, current);
  const settings = querySettings(current.configuration);
  const missed = missedIn(flows, { slots, users, compiled, settings, reading, held });
  const refused = await ask(deps, tenant, { missed, settings, slots });

  const decisionOf = (flow: Flow, who: Who): Decision => {
    if (held === 'unreadable') return decideByDefault(compiled, who, 'holds-unreadable');
    if (held.get(flow.sourceIp)?.access.access === 'blocked') return decideHeld(compiled, who);
    const isInDoubt = users === 'unreadable' || refused.has(flow.sourceIp);
    if (!isInDoubt || reachesIdentity(compiled, flow) === 'not-reached') return decide(compiled, flow, who);
    return decideByDefault(compiled, who, users === 'unreadable' ? 'entries-unreadable' : 'too-many-queries');
  };
  const decided = flows.map((flow): Decided => {
    const hold = held === 'unreadable' ? undefined : held.get(flow.sourceIp);
    const who = quarantinedIn(whoIs(slots.get(flow.sourceIp) ?? [], reading), hold?.access);
    const silence = silenceView(reading.silenceAt(slots.get(flow.sourceIp) ?? []));
    const decision = { ...decisionOf(flow, who), silence };
    if (wanted !== 'yes') return decision;
    const explanation = explain(compiled, flow, who, Math.floor(mostSteps / flows.length));
    return { ...decision, explanation: { ...explanation, hold: heldAddressView(hold) } };
  });
  const namings = decided.map((decision, index) => namingOf(flows[index], decision, { credentialId, slots, reading }));
  if (namings.every((naming) => naming === undefined)) return decided;
  const knownAt = (ip: IpAddress) => ({ slots: slots.get(ip) ?? [], reading });
  const named = await openSessions(deps, tenant, namings, { before, knownAt });
  return decided.map((decision, index) => {
    const session = named[index];
    return session ? { ...decision, session: namedView(session) } : decision;
  });
}

/** The configuration, and at the same time what it had us read before; what it wants beyond that after it. */
async function readTogether(deps: DecideFlows, tenant: TenantId, ips: readonly IpAddress[]) {
  const { configurations, sources, table, slotsBefore, holdless } = deps;
  const before = slotsBefore.get(tenant) ?? commonSlot;
  const wasHoldless = holdless.has(tenant);
  const readable = async <Found>(what: Unread, read: Promise<Found>) =>
    read.catch((error: unknown) => {
      deps.unread(what, tenant, error);
      return 'unreadable' as const;
    });
  const entries = async (slots: readonly Slot[]) => readable('entries', readSlots(table.entries, tenant, ips, slots));
  // Who cannot be told to be free is not taken for free.
  const holds = async () =>
    readable(
      'holds',
      readHeldAddresses(deps.endpoints, tenant, ips, () => table.now()),
    );
  const [current, early, earlyHolds] = await Promise.all([
    configurations.current(tenant),
    entries(before),
    wasHoldless ? nothingHeld : holds(),
  ]);
  const heard = await readable('sources', readingOf(sources, tenant, current.configuration));
  const reading = (heard === 'unreadable' ? plainReading(current.configuration) : heard)(table.now());
  const wanted = slotsIn(reading.order);
  slotsBefore.set(tenant, wanted);
  const isEnough = wanted.every((slot) => before.includes(slot));
  const isHoldless = !current.configuration.threatResponse.applyHoldsToDecisions;
  if (isHoldless) holdless.add(tenant);
  else holdless.delete(tenant);
  const slots = isEnough ? early : await entries(wanted);
  const held = isHoldless ? nothingHeld : wasHoldless ? await holds() : earlyHolds;
  return slots === 'unreadable' || heard === 'unreadable'
    ? { current, reading, held, slots: nobody(), users: 'unreadable' as const }
    : { current, reading, held, slots, users: 'read' as const };
}

const nobody = () => new Map<IpAddress, readonly Listed[]>();

const nothingHeld: HeldAddresses = new Map();

interface Known {
  readonly slots: Map<IpAddress, readonly Listed[]>;
  readonly users: 'read' | 'unreadable';
  readonly compiled: CompiledPolicies;
  readonly settings: QuerySettings;
  readonly reading: Reading;
  readonly held: HeldAddresses | 'unreadable';
}

/** The addresses of which nobody told us, where it matters who is there, and where somebody may be asked. */
function missedIn(
  flows: readonly Flow[],
  { slots, users, compiled, settings, reading, held }: Known,
): readonly IpAddress[] {
  // prettier-ignore
  if (held === 'unreadable' || users === 'unreadable') return [];
  const missed = flows.filter(
    (flow) =>
      held.get(flow.sourceIp)?.access.access !== 'blocked' &&
      whoIs(slots.get(flow.sourceIp) ?? [], reading).state === 'none' &&
      firstHop(settings, flow.sourceIp) !== undefined &&
      !isPassedOver(slots.get(flow.sourceIp) ?? [], reading) &&
      reachesIdentity(compiled, flow) === 'reached',
  );
  return [...new Set(missed.map(({ sourceIp }) => sourceIp))];
}

/** Whether somebody whom a question would be about is known, but by a source whose word is not taken while it is silent. */
const isPassedOver = (slots: readonly Listed[], reading: Reading) =>
  reading.silences.some(({ action }) => action === 'fall-back') &&
  slots.some(({ slot, item }) => slot === 'userid' && isThere(item, reading) && reading.silenceOf(item));

/** Asks about each, and notes in `slots` what is there by then. Answers those that were too many to ask about. */
async function ask(
  deps: DecideFlows,
  tenant: TenantId,
  { missed, settings, slots }: Pick<Known, 'settings' | 'slots'> & { missed: readonly IpAddress[] },
): Promise<ReadonlySet<IpAddress>> {
  const refused = new Set<IpAddress>();
  if (missed.length === 0) return refused;
  try {
    const asked = await askAboutAll(deps, tenant, missed, { settings, kind: 'missed' });
    for (const [index, ip] of missed.entries()) {
      const { outcome, item } = asked[index] ?? {};
      if (outcome === 'too-many-queries') refused.add(ip);
      else if (item) slots.set(ip, withCommon(slots.get(ip) ?? [], { ip, slot: 'userid', item }));
    }
  } catch (error) {
    deps.unsent(tenant, error);
  }
  return refused;
}

const withCommon = (slots: readonly Listed[], common: Listed): readonly Listed[] => [
  ...slots.filter(({ slot }) => slot !== common.slot),
  common,
];
