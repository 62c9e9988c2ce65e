/** Decisions for flows, and the questions that they raise: who is asked about is not waited for. */
import type { ConfigurationReader } from '../configuration/configuration.ts';
import type { IpAddress } from '../identity/address.ts';
import type { AuthenticationTable } from '../identity/authentication-table.ts';
import type { Item } from '../identity/entry.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import { type AskAbout, askAboutAll } from '../user-query/ask-about.ts';
import { mayAsk, type QuerySettings, querySettings } from '../user-query/query-settings.ts';
import type { CompiledPolicies } from './compiled-policies.ts';
import { decide, decideByDefault, type Decision, reachesIdentity } from './decide.ts';
import { explain, type Explanation } from './explain.ts';
import type { Flow, Question } from './flow.ts';
import { whoIs } from './who.ts';

export interface DecideFlows extends AskAbout {
  readonly table: AuthenticationTable;
  readonly configurations: ConfigurationReader;
  readonly compiledOf: (
    tenant: TenantId,
    versioned: Awaited<ReturnType<ConfigurationReader['current']>>,
  ) => CompiledPolicies;
  /** Hears of a question that could not be sent: the decision does not wait for it, and the next miss asks again. */
  readonly unsent: (tenant: TenantId, error: unknown) => void;
}

export interface Decided extends Decision {
  readonly explanation?: Explanation;
}

/** Steps that the explanations of one call show together: what they tell must fit into an answer. */
const mostSteps = 1_000;

/** The decisions, in the order of the flows. One strongly consistent read an address, and at most one question. */
export async function decideFlows(
  deps: DecideFlows,
  tenant: TenantId,
  { flows, explain: wanted }: Question,
): Promise<readonly Decided[]> {
  const ips = [...new Set(flows.map(({ sourceIp }) => sourceIp))];
  const [current, stored] = await Promise.all([
    deps.configurations.current(tenant),
    deps.table.entries.read(
      tenant,
      ips.map((ip) => ({ ip, slot: 'userid' as const })),
    ),
  ]);
  const compiled = deps.compiledOf(tenant, current);
  const settings = querySettings(current.configuration);
  const now = deps.table.now();
  const items = new Map(ips.map((ip, index) => [ip, stored[index]?.item]));
  const missed = missedIn(flows, { items, compiled, settings, now });
  const refused = await ask(deps, tenant, { missed, settings, items });

  return flows.map((flow) => {
    const who = whoIs(items.get(flow.sourceIp), now);
    const isRefused = refused.has(flow.sourceIp) && reachesIdentity(compiled, flow) === 'reached';
    const decision = isRefused ? decideByDefault(compiled, who, 'too-many-queries') : decide(compiled, flow, who);
    return wanted === 'yes'
      ? { ...decision, explanation: explain(compiled, flow, who, Math.floor(mostSteps / flows.length)) }
      : decision;
  });
}

interface Known {
  readonly items: Map<IpAddress, Item | undefined>;
  readonly compiled: CompiledPolicies;
  readonly settings: QuerySettings;
  readonly now: number;
}

/** The addresses of which nobody told us, where it matters who is there, and where ClearPass may be asked. */
function missedIn(
  flows: readonly Flow[],
  { items, compiled, settings: { userQuery }, now }: Known,
): readonly IpAddress[] {
  const missed = flows.filter(
    (flow) =>
      whoIs(items.get(flow.sourceIp), now).state === 'none' &&
      mayAsk(userQuery, flow.sourceIp) === 'yes' &&
      reachesIdentity(compiled, flow) === 'reached',
  );
  return [...new Set(missed.map(({ sourceIp }) => sourceIp))];
}

/** Asks about each, and notes in `items` what is there by then. Answers those that were too many to ask about. */
async function ask(
  deps: DecideFlows,
  tenant: TenantId,
  { missed, settings, items }: Pick<Known, 'settings' | 'items'> & { missed: readonly IpAddress[] },
): Promise<ReadonlySet<IpAddress>> {
  const refused = new Set<IpAddress>();
  if (missed.length === 0) return refused;
  try {
    const asked = await askAboutAll(deps, tenant, missed, { settings, kind: 'missed' });
    for (const [index, ip] of missed.entries()) {
      if (asked[index]?.outcome === 'too-many-queries') refused.add(ip);
      else items.set(ip, asked[index]?.item);
    }
  } catch (error) {
    deps.unsent(tenant, error);
  }
  return refused;
}
