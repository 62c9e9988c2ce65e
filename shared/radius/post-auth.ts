/**
 * Once somebody is authenticated: roles are mapped, what waits for this login is decided, and the endpoint says what it is
 * to be granted, in the same step that opens the session. A hold that comes meanwhile is not passed by.
 */
import type { ReturnAttributePolicy } from '../configuration/threat-response.ts';
import type { Access, Endpoint } from '../endpoints/endpoint.ts';
import { advanceEndpoint } from '../endpoints/endpoint-table.ts';
import { accessForLogin } from '../endpoints/holds.ts';
import type { Mac } from '../endpoints/mac.ts';
import { foldCase } from '../identity/fold-case.ts';
import { ServiceError } from '../service-error.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import type { RadiusAttributes, RestAttribute } from '../wire/radius/rest.ts';
import { classOf, framedAddresses, readTold, type Told } from './access-request.ts';
import { type AfterAdvance, afterAdvance } from './after-advance.ts';
import { localUsersOf, type Login, type LoginSettings, type Rejection, rejectedBlocked, said, type Verdict } from './login.ts'; // prettier-ignore
import { attributesOf, returnedInWords, returnPolicyFor } from './return-attributes.ts';
import { groupsTold, mappedRoles } from './role-mapping.ts';

export interface PostAuth extends Login, AfterAdvance {
  /** Decides what waits for a login of this device with these roles. */
  readonly settleWaiting: (tenant: TenantId, mac: Mac, roles: readonly string[], user: string | null) => Promise<void>;
  /** Decides what waits for the session itself. */
  readonly settleLoggedIn: (tenant: TenantId, mac: Mac) => Promise<void>;
}

/** A site gives up after 3 seconds: what is granted later than this might not reach its switch. */
const latestGrantMs = 2_500;

export interface PostAuthRequest {
  readonly tenant: TenantId;
  readonly receivedAt: number;
}

interface Decision {
  readonly rejection?: Rejection | undefined;
  readonly roles: readonly string[];
  readonly access: Access;
  readonly policy?: ReturnAttributePolicy | undefined;
}

const nothing: Decision = { roles: [], access: { access: 'full' } };

/** Throws `busy` where it would grant what the switch may not hear of any more. */
export async function postAuth(
  deps: PostAuth,
  request: PostAuthRequest,
  attributes: RadiusAttributes,
): Promise<Verdict> {
  const { tenant } = request;
  const settings = await deps.settingsOf(tenant);
  const read = readTold(attributes, settings);
  const loginId = deps.newId();
  const decision = read.told ? await decide(deps, request, settings, read.told, loginId) : { ...nothing, rejection: read.refusal }; // prettier-ignore
  const { rejection, roles, access, policy } = decision;
  const line = {
    ...(rejection ?? accepted(decision)),
    ...said(attributes, read),
    roles,
    quarantineRole: access.access === 'quarantined' ? access.role : null,
    returnAttributes: policy ? returnedInWords(policy.return) : null,
  };
  const result = rejection ? 'rejected' : 'accepted';
  await deps.accessLog.tell(tenant, [{ id: loginId, at: deps.now(), result, ...line }]);
  if (rejection) return { result: 'rejected', rejection };
  return { result: 'accepted', attributes: answer(read.told?.user ?? null, policy, loginId) };
}

async function decide(
  deps: PostAuth,
  { tenant, receivedAt }: PostAuthRequest,
  settings: LoginSettings,
  told: Told,
  loginId: string,
): Promise<Decision> {
  const mapped = rolesOf(settings, told);
  if ('rejection' in mapped) return { ...nothing, ...mapped };
  const { roles } = mapped;
  await deps.settleWaiting(tenant, told.mac, roles, told.user);
  let decision: Decision = nothing;
  const advanced = await advanceEndpoint(deps, tenant, told.mac, (endpoint) => {
    decision = decisionOn(endpoint, settings, told, roles, deps.now());
    if (decision.rejection) return undefined;
    if (deps.now() - receivedAt > latestGrantMs) throw tooLate(told);
    const { nas, acctSessionId, port, ssid, user, realm } = told;
    const [ip = null] = framedAddresses(told.attributes);
    const { name, domain } = realm;
    const login = { loginId, nas, acctSessionId, port, ssid, user, realm: name, domain, roles, granted: decision.access, ip }; // prettier-ignore
    return { kind: 'authenticated', login };
  });
  if (advanced) await afterAdvance(deps, tenant, { ...advanced, domain: told.realm.domain });
  if (advanced && advanced.endpoint.waiting.length > 0) await deps.settleLoggedIn(tenant, told.mac);
  return decision;
}

const tooLate = ({ mac }: Told) =>
  new ServiceError('busy', `The login of ${mac} was not decided in time for its switch, and nothing was granted. Repeat the request.`); // prettier-ignore

function rolesOf(settings: LoginSettings, told: Told): { roles: readonly string[] } | { rejection: Rejection } {
  const users = localUsersOf(settings, told);
  const name = foldCase(told.userName ?? '');
  const local = users?.find((each) => foldCase(each.name) === name);
  if (users && !local) {
    const server = told.realm.authenticationServer;
    const message = `The server "${server}" lists no user "${told.userName ?? ''}". Add it, or have the realm name a delegated server.`;
    return { rejection: { code: 'user-unknown', message: message.slice(0, 512) } };
  }
  const names = [told.userName ?? '', ...(told.user === null ? [told.mac] : [])];
  const groups = local ? local.groups : groupsTold(told.attributes);
  return { roles: mappedRoles(told.realm.roleMapping, { names, groups, attributes: told.attributes }) };
}

/** What a quarantined device is told has to keep it in: with nothing to tell, it would have full access. */
function decisionOn(
  endpoint: Endpoint | undefined,
  { returnAttributes }: LoginSettings,
  told: Told,
  roles: readonly string[],
  now: number,
): Decision {
  const access: Access = endpoint ? accessForLogin(endpoint, told, now) : { access: 'full' };
  if (access.access === 'blocked') return { roles, access, rejection: rejectedBlocked(told) };
  const { locationGroup } = told.client;
  if (access.access === 'full') {
    return { roles, access, policy: returnPolicyFor(returnAttributes, { locationGroup, roles }) };
  }
  const policy = returnPolicyFor(returnAttributes, { locationGroup, roles: [access.role] });
  if (policy && policy.return.type !== 'open-port') return { roles, access, policy };
  const message = `No return attributes keep the role "${access.role}" in at the location group "${locationGroup}". Add a policy with a VLAN or a filter.`;
  return { roles, access, rejection: { code: 'quarantine-without-attributes', message } };
}

function accepted({ access, roles }: Decision) {
  if (access.access === 'quarantined') {
    return { code: 'accepted-in-quarantine', message: `Let in as "${access.role}", as the endpoint is quarantined.` };
  }
  if (roles.length === 0) {
    return { code: 'accepted-without-roles', message: 'Let in, but no rule of the realm maps a role to this login.' };
  }
  return { code: 'accepted', message: `Let in as ${roles.map((role) => `"${role}"`).join(', ')}.` };
}

function answer(user: string | null, policy: ReturnAttributePolicy | undefined, loginId: string): RestAttribute[] {
  return [
    ...(policy ? attributesOf(policy.return) : []),
    // The name inside a tunnel, so that accounting carries it, and not the outer one.
    ...(user === null ? [] : [{ list: 'reply', name: 'User-Name', values: [user] } as const]),
    { list: 'reply', name: 'Class', values: [classOf(loginId)] },
  ];
}
