/** Messages that waited, for a login or for an address, and for whom the time has come. */
import type { PendingMessage } from '../endpoints/endpoint-table.ts';
import { advanceEndpoint } from '../endpoints/endpoint-table.ts';
import type { WaitingMessage } from '../endpoints/endpoint.ts';
import type { Mac } from '../endpoints/mac.ts';
import { openSessions } from '../endpoints/sessions.ts';
import type { IpAddress } from '../identity/address.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import type { Admission, Verdict } from './admission.ts';
import { settledLine } from './event-lines.ts';
import type { Target } from './hold.ts';
import { holdForApproval, judgeFor, type Login, whoIsMeant } from './judge.ts';

/**
 * Before a login is let in: what waited for its roles is decided, so that it is granted what it is to have. What is for
 * its session only waits until that is there (`settleLoggedIn`).
 */
export async function settleWaiting(
  deps: Admission,
  tenant: TenantId,
  mac: Mac,
  roles: readonly string[],
  user: string | null = null,
): Promise<void> {
  await settleOn(deps, tenant, mac, { roles, user });
}

/** After a login, when its session is there. */
export async function settleLoggedIn(deps: Admission, tenant: TenantId, mac: Mac): Promise<void> {
  await settleOn(deps, tenant, mac, undefined);
}

async function settleOn(deps: Admission, tenant: TenantId, mac: Mac, login: Login | undefined): Promise<void> {
  const [stored] = await deps.endpoints.read(tenant, [mac]);
  const endpoint = stored?.endpoint;
  if (endpoint === undefined || endpoint.waiting.length === 0) return;
  const [session] = login ? [] : openSessions(endpoint, deps.now());
  if (login === undefined && session === undefined) return;
  const settings = await deps.settingsOf(tenant);
  for (const received of endpoint.waiting) {
    const target: Target = { mac, endpoint, session };
    const told = await judgeFor({ deps, tenant, settings, received }, target, login);
    if (told.state === 'pending') continue;
    await tell(deps, tenant, received, told);
    await advanceEndpoint(deps, tenant, mac, { kind: 'settled', waiting: received });
  }
}

/** When an endpoint has an address that it was not known to have: only who had it when the event occurred is meant. */
export async function settlePending(deps: Admission, tenant: TenantId, mac: Mac, ip: IpAddress): Promise<void> {
  const { pending } = await deps.endpoints.at(tenant, ip);
  const open = pending.filter(({ until }) => deps.now() < until);
  const settings = open.length === 0 ? undefined : await deps.settingsOf(tenant);
  for (const each of open.toSorted((one, other) => one.receivedAt - other.receivedAt)) {
    if (settings === undefined) break;
    const at = { deps, tenant, settings, received: waitingOf(each) };
    const meant = await whoIsMeant(at);
    if (meant.who === 'nobody') continue;
    const told = meant.who === 'target' ? await judgeFor(at, meant.target) : await holdForApproval(at, meant.macs);
    await tell(deps, tenant, at.received, told);
    await deps.endpoints.removePending(tenant, each);
  }
  await settleLoggedIn(deps, tenant, mac);
}

const waitingOf = ({ message, client, template, receivedAt }: PendingMessage): WaitingMessage => ({
  message,
  client,
  template,
  receivedAt,
});

const tell = async ({ events, now }: Admission, tenant: TenantId, received: WaitingMessage, told: Verdict) =>
  events.tell(tenant, [settledLine(received, told, now())]);
