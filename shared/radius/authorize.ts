/**
 * Before anybody is authenticated: a blocked device goes no further, and a local user's password is held against its hash.
 * Of a delegated realm, and of whoever sends no password here (the outer packets of a tunnel), nothing is said.
 */
import { accessForLogin } from '../endpoints/holds.ts';
import { foldCase } from '../identity/fold-case.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import { first, type RadiusAttributes } from '../wire/radius/rest.ts';
import { readTold, type Told } from './access-request.ts';
import { localUsersOf, type Login, type LoginSettings, rejectedBlocked, said, type Verdict } from './login.ts';
import type { PasswordHash } from './password.ts';

export interface Authorize extends Login {
  readonly provePassword: (password: string, hash: PasswordHash) => Promise<'right' | 'wrong'>;
  /** Held against where there is no such user, so that the time that it takes tells nothing. */
  readonly nobodysHash: PasswordHash;
}

export async function authorize(deps: Authorize, tenant: TenantId, attributes: RadiusAttributes): Promise<Verdict> {
  const settings = await deps.settingsOf(tenant);
  const read = readTold(attributes, settings);
  const verdict: Verdict = read.told
    ? await verdictOn(deps, tenant, settings, read.told)
    : { result: 'rejected', rejection: read.refusal };
  if (verdict.result === 'rejected') {
    const nothing = { roles: [], quarantineRole: null, returnAttributes: null };
    const about = { ...verdict.rejection, ...said(attributes, read), ...nothing };
    await deps.accessLog.tell(tenant, [{ id: deps.newId(), at: deps.now(), result: 'rejected', ...about }]);
  }
  return verdict;
}

async function verdictOn(deps: Authorize, tenant: TenantId, settings: LoginSettings, told: Told): Promise<Verdict> {
  const [stored] = await deps.endpoints.read(tenant, [told.mac]);
  if (stored && accessForLogin(stored.endpoint, told, deps.now()).access === 'blocked') {
    return { result: 'rejected', rejection: rejectedBlocked(told) };
  }
  const users = localUsersOf(settings, told);
  const password = first(told.attributes, 'User-Password');
  if (users === undefined || password === undefined) return { result: 'undecided' };
  const name = foldCase(told.userName ?? '');
  const hash = users.find((each) => foldCase(each.name) === name)?.password ?? undefined;
  const proof = await deps.provePassword(password, hash ?? deps.nobodysHash);
  if (hash !== undefined && proof === 'right') {
    return { result: 'accepted', attributes: [{ list: 'control', name: 'Auth-Type', values: ['Accept'] }] };
  }
  const server = told.realm.authenticationServer;
  const message = `User name or password is wrong for the server "${server}". Try again, or set the password anew.`;
  return { result: 'rejected', rejection: { code: 'credentials-wrong', message } };
}
