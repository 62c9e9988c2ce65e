/** Decisions: what an enforcement point is to do with a flow. The first policy that matches decides, else the default. */
import type { PolicyAction } from '../configuration/configuration.ts';
import type { Origin } from '../identity/observation.ts';
import { type CompiledPolicies, firstOf, holding } from './compiled-policies.ts';
import type { Flow } from './flow.ts';
import type { Who } from './who.ts';

export interface Decision {
  readonly action: PolicyAction;
  /** Its name; `default-policy` where none decided, `endpoint-hold` where the endpoint is blocked. */
  readonly policy: string;
  readonly state: Who['state'];
  readonly user: string | null;
  readonly domain: string | null;
  /** The user's groups that some policy names: what enforcement points know of an entry. */
  readonly groups: readonly string[];
  /** Whose word the user is, as priorities name it. */
  readonly source: Origin | null;
  readonly reason: Reason;
}

/**
 * `identity-not-matched`: some policy matches all of the flow but its user. `device-not-matched`: some policy matches
 * the user too, but not the device. `no-policy-matched`: whoever the user were,
 * none would. `too-many-queries`: ClearPass would have to be asked, and too much is being asked for the tenant already.
 * `endpoint-blocked`: whatever policies say, as the endpoint at the source is blocked. `holds-unreadable`: whether it is
 * could not be found out. `entries-unreadable`: it matters who is there, and that could not be found out.
 */
export type Reason =
  | 'policy-matched'
  | 'identity-not-matched'
  | 'device-not-matched'
  | 'no-policy-matched'
  | 'too-many-queries'
  | 'endpoint-blocked'
  | 'holds-unreadable'
  | 'entries-unreadable';

export function decide(compiled: CompiledPolicies, flow: Flow, who: Who): Decision {
  const held = holding(compiled, flow);
  const first = firstOf(compiled, held);
  if (first === undefined) return decideByDefault(compiled, who, 'no-policy-matched');
  const policy = compiled.forEverybody.has(first) ? first : firstOf(compiled, held, who);
  if (policy === undefined) return decideByDefault(compiled, who, unmatched(compiled, held, who));
  return decision(compiled, who, { action: policy.action, policy: policy.name, reason: 'policy-matched' });
}

const unmatched = (compiled: CompiledPolicies, held: ReturnType<typeof holding>, who: Who): Reason =>
  compiled.profilesOf && firstOf(compiled, held, who, 'disregarded') ? 'device-not-matched' : 'identity-not-matched';

export const decideByDefault = (compiled: CompiledPolicies, who: Who, reason: Reason): Decision =>
  decision(compiled, who, { action: compiled.defaultAction, policy: 'default-policy', reason });

/** Before all policies: the endpoint at the source is blocked. */
export const decideHeld = (compiled: CompiledPolicies, who: Who): Decision =>
  decision(compiled, who, { action: 'deny', policy: 'endpoint-hold', reason: 'endpoint-blocked' });

type Verdict = Pick<Decision, 'action' | 'policy' | 'reason'>;

function decision({ namedIn }: CompiledPolicies, who: Who, { action, policy, reason }: Verdict): Decision {
  if (who.state !== 'valid') return { action, policy, ...unknown, state: who.state, reason };
  const { state, user, domain, origin } = who;
  const named = namedIn(domain);
  const groups = who.groups.filter((group) => named.some((names) => names.has(group)));
  return { action, policy, state, user, domain, groups, source: origin, reason };
}

const unknown = { user: null, domain: null, groups: [], source: null };

/**
 * Whether it matters who is there: the first policy that matches all else of the flow does not take everybody. So a
 * user query starts for a source that nobody knows, even where that policy takes unauthenticated users.
 */
export function reachesIdentity(compiled: CompiledPolicies, flow: Flow): 'reached' | 'not-reached' {
  const first = firstOf(compiled, holding(compiled, flow));
  return first === undefined || compiled.forEverybody.has(first) ? 'not-reached' : 'reached';
}
