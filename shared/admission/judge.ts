/** What becomes of a message: which policy it is for, whom it means, and what is done to them. */
import type { AdmissionPolicy } from '../configuration/threat-response.ts';
import { allowedBy, meantBy } from '../endpoints/allow-list.ts';
import type { WaitingMessage } from '../endpoints/endpoint.ts';
import { isRandomised, type Mac } from '../endpoints/mac.ts';
import { addressSet } from '../identity/address-set.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import { type Admission, type Case, leaveTrace, occurredBy, type Verdict, verdict } from './admission.ts';
import { choosePolicy } from './choose-policy.ts';
import { clear } from './clear.ts';
import { ask, throughSharedAddress } from './guarded-act.ts';
import { hold, stale, type Target, terminate, waitForLogin } from './hold.ts';
import { isListedShared } from './shared-address.ts';
import { bare, holderOf, sessionMeant } from './who-is-meant.ts';

/** Somebody who is about to be let in, and has no session yet. */
export interface Login {
  readonly roles: readonly string[];
  readonly user: string | null;
}

/** Of a message that has come. */
export async function judge(at: Case): Promise<Verdict> {
  const { told, policy } = await withoutTarget(at, undefined);
  if (told) return flagged(at, told);
  const meant = await whoIsMeant(at);
  if (meant.who === 'target') return judgeFor(at, meant.target);
  const spared = sparing(at, {});
  if (spared) return flagged(at, { ...spared, policy });
  if (policy?.logOnly === true) return flagged(at, logged(policy));
  if (meant.who === 'ambiguous') return flagged(at, { ...(await holdForApproval(at, meant.macs)), policy });
  if (await isClearedSince(at, policy)) return flagged(at, stale({ policy }));
  return waitForAddress(at, policy);
}

/** Of a message whose endpoint is known. */
export async function judgeFor(at: Case, target: Target, login?: Login): Promise<Verdict> {
  const told = await judged(at, target, login);
  const user = told.user ?? login?.user ?? target.session?.user ?? null;
  return flagged(at, { ...told, mac: told.mac ?? target.mac, user });
}

async function judged(at: Case, target: Target, login: Login | undefined): Promise<Verdict> {
  const { told, policy } = await withoutTarget(at, login?.roles ?? target.session?.roles);
  if (told) return told;
  const spared = sparing(at, { target, ...(login && { login }) });
  if (spared) return { ...spared, policy };
  if (policy === null) return awaiting(at, target, null);
  if (policy.logOnly) return logged(policy);
  if (await isClearedSince(at, policy, target.mac)) return stale({ policy });
  if (isThroughShared(at)) return { ...(await throughSharedAddress(at, target.mac)), policy };
  if (policy.action === 'terminate-session') return terminate(at, policy, target);
  return (await hold(at, policy, target)) ?? (await awaiting(at, target, policy));
}

type Begun =
  | { readonly told: Verdict; readonly policy?: never }
  /** Null: which policy it is for depends on roles that nobody knows yet. */
  | { readonly told?: never; readonly policy: AdmissionPolicy | null };

/** What asks not for whom it is meant is done: nothing, and clears, which go where the reasons are. */
async function withoutTarget(at: Case, roles: readonly string[] | undefined): Promise<Begun> {
  const { received, settings } = at;
  const { event, severity } = received.message;
  const about = { template: received.template, event, severity };
  const choice = choosePolicy(settings.admissionPolicies, about, roles);
  if (choice === 'needs-roles') return { policy: null };
  if (choice === 'none') {
    const what = `${event}${severity === null ? '' : ` of severity ${severity}`}`;
    return { told: verdict('ignored', 'no-policy', `No admission policy is for ${what}: it is logged, and nothing is done.`) }; // prettier-ignore
  }
  const { policy } = choice;
  if (policy.action === 'ignore') {
    return { told: verdict('ignored', 'policy-ignores', `The policy "${policy.name}" says to log it only.`, { policy }) }; // prettier-ignore
  }
  if (policy.action !== 'clear-block' && policy.action !== 'clear-quarantine') return { policy };
  return { told: policy.logOnly ? logged(policy) : await clear(at, policy) };
}

const logged = (policy: AdmissionPolicy): Verdict =>
  verdict('ignored', 'log-only', `The policy "${policy.name}" is log-only: its action, ${policy.action}, is not done.`, { policy, flags: ['log-only'] }); // prettier-ignore

type WhoIsMeant =
  | { readonly who: 'target'; readonly target: Target }
  | { readonly who: 'ambiguous'; readonly macs: readonly Mac[] }
  | { readonly who: 'nobody' };

/** The MAC where one is named, whoever has the address; else who had the address when it occurred. */
export async function whoIsMeant({ deps, tenant, received }: Case): Promise<WhoIsMeant> {
  const { endpointIp: ip, endpointMac: mac, userName: user } = received.message;
  if (mac !== null) return { who: 'target', target: await targetOf(deps, tenant, mac, received) };
  const asked = { ip, user, at: occurredBy(received) };
  const { macs } = await deps.endpoints.at(tenant, ip);
  const candidates = (await deps.endpoints.read(tenant, macs)).flatMap((stored) => stored?.endpoint ?? []);
  const meant = holderOf(candidates, asked);
  return meant.who === 'endpoint' ? { who: 'target', target: { mac: meant.endpoint.mac, ...meant } } : meant;
}

/** The endpoint of a message that is known to mean this MAC. */
export async function targetOf(deps: Admission, tenant: TenantId, mac: Mac, received: WaitingMessage): Promise<Target> {
  const [stored] = await deps.endpoints.read(tenant, [mac]);
  const endpoint = stored?.endpoint;
  const asked = { ip: received.message.endpointIp, user: null, at: occurredBy(received) };
  return { mac, endpoint, session: endpoint && sessionMeant(endpoint, asked, deps.now()) };
}

/** No automatic action passes the allow list, by whatever of the endpoint it names. */
function sparing(at: Case, known: { readonly target?: Target; readonly login?: Login }): Verdict | undefined {
  const { endpointIp, endpointMac, userName } = at.received.message;
  const { target, login } = known;
  const now = target?.endpoint && meantBy(target.endpoint, at.deps.now());
  const user = login?.user ?? target?.session?.user ?? userName;
  const found = allowedBy(at.settings.allowList, {
    mac: target?.mac ?? endpointMac,
    ips: [endpointIp, ...(now?.ips ?? [])],
    users: [user, ...(now?.users ?? [])].flatMap((each) =>
      each === null ? [] : namesOf(each, target?.session?.domain),
    ),
    roles: [...(login?.roles ?? target?.session?.roles ?? []), ...(now?.roles ?? [])],
  });
  if (found === undefined) return undefined;
  const message = `The allow list names the ${found.by} ${found.word}: nothing automatic is done. An operator may act.`;
  return verdict('ignored', 'allow-list', message, { flags: ['allow-list'] });
}

/** An event that names a MAC means that one, whatever address it has. */
const isThroughShared = ({ settings, received: { message }, decidedBy }: Case): boolean =>
  decidedBy !== 'operator' && message.endpointMac === null && isListedShared(settings.guards, message.endpointIp);

/** The list may name a user with the domain or without. */
const namesOf = (user: string, domain = '') => [
  user,
  bare(user),
  ...(domain === '' ? [] : [`${domain}\\${bare(user)}`]),
];

/** Whether a clear has come that is newer than this message, wherever it found something to clear. */
async function isClearedSince({ deps, tenant, received }: Case, policy: AdmissionPolicy | null, mac?: Mac) {
  const { endpointIp: ip, occurredAt } = received.message;
  const action = policy?.action;
  if (occurredAt === null || (action !== 'block' && action !== 'quarantine')) return false;
  const kind = action === 'block' ? ('blocked' as const) : ('quarantined' as const);
  const targets = mac === undefined ? [ip] : [ip, mac];
  const clearings = targets.map((target) => ({ client: received.client, hold: kind, target }));
  return occurredAt < ((await deps.memory.clearedAt(tenant, clearings, deps.now())) ?? -Infinity);
}

/** Waits for a login, unless somebody has logged in meanwhile. */
async function awaiting(at: Case, target: Target, policy: AdmissionPolicy | null): Promise<Verdict> {
  const waits = await waitForLogin(at, target, policy);
  if (waits !== undefined) return waits;
  return judged(at, await targetOf(at.deps, at.tenant, target.mac, at.received), undefined);
}

async function waitForAddress(at: Case, policy: AdmissionPolicy | null): Promise<Verdict> {
  const { deps, tenant, settings, received } = at;
  const pending = { ...received, until: received.receivedAt + settings.pendingMinutes * 60_000 };
  await leaveTrace(at, { kind: 'address', ip: received.message.endpointIp });
  await deps.endpoints.putPending(tenant, pending);
  // Who has learnt the address while this was written did not see that something waits for it.
  const meant = await whoIsMeant(at);
  if (meant.who === 'target' && (await deps.endpoints.removePending(tenant, pending)) === 'removed') {
    return judgeFor(at, meant.target);
  }
  const { endpointIp } = received.message;
  const message = `Nobody is known to have had ${endpointIp} then: it waits ${settings.pendingMinutes} minutes for whoever had it.`; // prettier-ignore
  return flagged(at, verdict('pending', 'waiting-for-address', message, { policy }));
}

export async function holdForApproval(at: Case, macs: readonly Mac[]): Promise<Verdict> {
  await ask(at, macs, 'ambiguous-address');
  const { received } = at;
  const message = `${macs.join(' and ')} had ${received.message.endpointIp} at one time: an operator has to say who is meant.`; // prettier-ignore
  return verdict('held-for-approval', 'ambiguous-address', message, { flags: ['ambiguous-address'] });
}

/** What is worth a look, whatever became of it. */
function flagged({ settings, received }: Case, told: Verdict): Verdict {
  const { endpointIp } = received.message;
  const isOutside = settings.networks.length > 0 && !addressSet(settings.networks)(endpointIp);
  const isMadeUp = told.mac !== null && isRandomised(told.mac);
  const flags = [...told.flags, ...(isOutside ? ['outside-networks'] : []), ...(isMadeUp ? ['mac-randomised'] : [])];
  const warning = isMadeUp && told.state === 'applied' ? ' The device made its MAC address up: a hold on it does not follow the device.' : ''; // prettier-ignore
  return { ...told, flags: [...new Set(flags)], message: `${told.message}${warning}` };
}
