/** Decisions: what an enforcement point is to do with a flow. The first policy that matches decides, else the default. */
import type { PolicyAction } from '../configuration/configuration.ts';
import { type CompiledPolicies, firstMatch, policyAt } from './compiled-policies.ts';
import type { Flow } from './flow.ts';
import { namesEverybody } from './source-identity.ts';
import type { Who } from './who.ts';

export interface Decision {
  readonly action: PolicyAction;
  /** Its name; `default-policy` where none decided. */
  readonly policy: string;
  readonly state: Who['state'];
  readonly user: string | null;
  readonly domain: string | null;
  /** The user's groups that some policy names: what enforcement points know of an entry. */
  readonly groups: readonly string[];
  readonly reason: Reason;
}

/**
 * `identity-not-matched`: some policy matches all of the flow but its user. `no-policy-matched`: whoever the user were,
 * none would. `too-many-queries`: ClearPass would have to be asked, and too much is being asked for the tenant already.
 */
export type Reason = 'policy-matched' | 'identity-not-matched' | 'no-policy-matched' | 'too-many-queries';

export function decide(compiled: CompiledPolicies, flow: Flow, who: Who): Decision {
  const policy = policyAt(compiled, firstMatch(compiled, flow, who));
  if (policy === undefined) {
    const reason = firstMatch(compiled, flow) === undefined ? 'no-policy-matched' : 'identity-not-matched';
    return decideByDefault(compiled, who, reason);
  }
  return { action: policy.action, policy: policy.name, ...shown(compiled, who), reason: 'policy-matched' };
}

export const decideByDefault = (compiled: CompiledPolicies, who: Who, reason: Reason): Decision => ({
  action: compiled.defaultAction,
  policy: 'default-policy',
  ...shown(compiled, who),
  reason,
});

/**
 * Whether it matters who is there: the first policy that matches all else of the flow does not take everybody. So a
 * user query starts for a source that nobody knows, even where that policy takes unauthenticated users.
 */
export function reachesIdentity(compiled: CompiledPolicies, flow: Flow): 'reached' | 'not-reached' {
  const policy = policyAt(compiled, firstMatch(compiled, flow));
  return policy === undefined || namesEverybody(policy) ? 'not-reached' : 'reached';
}

function shown({ namedIn }: CompiledPolicies, who: Who): Pick<Decision, 'state' | 'user' | 'domain' | 'groups'> {
  if (who.state !== 'valid') return { state: who.state, user: null, domain: null, groups: [] };
  const { state, user, domain, groups } = who;
  const named = namedIn(domain);
  return { state, user, domain, groups: groups.filter((group) => named.some((names) => names.has(group))) };
}
