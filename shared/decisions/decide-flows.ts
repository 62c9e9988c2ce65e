/** Decisions for flows, and the questions that they raise: who is asked about is not waited for. */
import type { ConfigurationReader } from '../configuration/configuration.ts';
import type { IpAddress } from '../identity/address.ts';
import type { AuthenticationTable, Listed, Slot } from '../identity/authentication-table.ts';
import { isThere, type Reading, silenceView } from '../identity/reading.ts';
import { readingOf } from '../identity/silence.ts';
import { readSlots, slotsIn } from '../identity/slots.ts';
import { openSessions, type OpenSessions, readSessions } from '../sessions/open-sessions.ts';
import { namedView } from '../sessions/session-view.ts';
import type { SourceHeardStore } from '../identity/source-heard.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import { type AskAbout, askAboutAll } from '../user-query/ask-about.ts';
import { firstHop } from '../user-query/hops.ts';
import { type QuerySettings, querySettings } from '../user-query/query-settings.ts';
import type { CompiledPolicies } from './compiled-policies.ts';
import { decide, decideByDefault, type Decision, reachesIdentity } from './decide.ts';
import { explain, type Explanation } from './explain.ts';
import type { Flow, Question } from './flow.ts';
import { namingOf, sessionsIn } from './named-sessions.ts';
import { whoIs } from './who.ts';

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
  /** Hears of a question that could not be sent: the decision does not wait for it, and the next miss asks again. */
  readonly unsent: (tenant: TenantId, error: unknown) => void;
}

export interface Decided extends Decision {
  /** The silence of a source without which another user might stand, or none. */
  readonly silence: ReturnType<typeof silenceView>;
  readonly explanation?: Explanation;
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
  const [{ current, slots, reading }, before] = await Promise.all([
    readTogether(deps, tenant, ips),
    readSessions(deps, tenant, sessionsIn(flows, credentialId)),
  ]);
  const compiled = deps.compiledOf(tenant, current);
  const settings = querySettings(current.configuration);
  const missed = missedIn(flows, { slots, compiled, settings, reading });
  const refused = await ask(deps, tenant, { missed, settings, slots });

  const decided = flows.map((flow): Decided => {
    const who = whoIs(slots.get(flow.sourceIp) ?? [], reading);
    const isRefused = refused.has(flow.sourceIp) && reachesIdentity(compiled, flow) === 'reached';
    const decision = isRefused ? decideByDefault(compiled, who, 'too-many-queries') : decide(compiled, flow, who);
    const silence = silenceView(reading.silenceAt(slots.get(flow.sourceIp) ?? []));
    return wanted === 'yes'
      ? { ...decision, silence, explanation: explain(compiled, flow, who, Math.floor(mostSteps / flows.length)) }
      : { ...decision, silence };
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

/** The configuration, and at the same time the slots that it had us read before; what it wants beyond them after that. */
async function readTogether(
  { configurations, sources, table, slotsBefore }: DecideFlows,
  tenant: TenantId,
  ips: readonly IpAddress[],
) {
  const before = slotsBefore.get(tenant) ?? commonSlot;
  const [current, slots] = await Promise.all([
    configurations.current(tenant),
    readSlots(table.entries, tenant, ips, before),
  ]);
  const reading = (await readingOf(sources, tenant, current.configuration))(table.now());
  const wanted = slotsIn(reading.order);
  slotsBefore.set(tenant, wanted);
  const isEnough = wanted.every((slot) => before.includes(slot));
  return { current, reading, slots: isEnough ? slots : await readSlots(table.entries, tenant, ips, wanted) };
}

interface Known {
  readonly slots: Map<IpAddress, readonly Listed[]>;
  readonly compiled: CompiledPolicies;
  readonly settings: QuerySettings;
  readonly reading: Reading;
}

/** The addresses of which nobody told us, where it matters who is there, and where somebody may be asked. */
function missedIn(flows: readonly Flow[], { slots, compiled, settings, reading }: Known): readonly IpAddress[] {
  const missed = flows.filter(
    (flow) =>
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
