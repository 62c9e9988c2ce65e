/** Infected hosts that others push, one call with many of them: the feed `api`, held to the rules of the polled one. */
import type { ThreatResponse } from '../configuration/threat-response.ts';
import type { TraceStore } from '../endpoints/traces.ts';
import type { IpAddress } from '../identity/address.ts';
import { ServiceError } from '../service-error.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import { type ActedOnHost, type ActOnHosts, actOnHost, type HostAct, type HostSender } from './act-on-host.ts';
import { wantedAt } from './feed-rules.ts';

export interface PushHosts extends ActOnHosts {
  /** What was let go leaves nothing else that an undo would find. */
  readonly traces: Pick<TraceStore, 'leave'>;
  readonly settingsOf: (tenant: TenantId) => Promise<Pick<ThreatResponse<unknown, unknown>, 'feeds'>>;
}

/** Level 0: it is infected no more. */
export interface PushedHost {
  readonly ip: IpAddress;
  readonly level: number;
  readonly threatName: string | null;
}

export interface PushOfHosts {
  readonly hosts: readonly PushedHost[];
  readonly by: HostSender;
  /** What is not begun by then is not done. */
  readonly untilAt: number;
}

export type Pushed = ActedOnHost & Pick<PushedHost, 'ip'>;

const atOnce = 8;

/** In the order of the push. Throws `busy` where there was no time for all: those that were done stay done. */
export async function pushHosts(
  deps: PushHosts,
  tenant: TenantId,
  { hosts, by, untilAt }: PushOfHosts,
): Promise<readonly Pushed[]> {
  const { rules } = (await deps.settingsOf(tenant)).feeds.atpCloud;
  if (hosts.some(({ level }) => level === 0)) {
    await deps.traces.leave(tenant, { client: null, id: by.cause }, { kind: 'let-go' }, deps.now());
  }
  const pushed: Pushed[] = [];
  for (let begin = 0; begin < hosts.length; begin += atOnce) {
    if (deps.now() >= untilAt) throw tooMany(begin, hosts.length);
    const some = hosts.slice(begin, begin + atOnce);
    // All are waited for, also where one fails: nothing may be under way when the function has answered.
    const acted = await Promise.allSettled(
      some.map(async (host) => ({ ...(await actOnHost(deps, tenant, host.ip, actOf(host), by)), ip: host.ip })),
    );
    for (const each of acted) {
      if (each.status === 'rejected') throw each.reason;
      pushed.push(each.value);
    }
  }
  return pushed;

  function actOf({ level, threatName }: PushedHost): HostAct {
    if (level === 0) return { kind: 'freed', feed: 'api' };
    return { kind: 'listed', feed: 'api', level, threatName, wanted: wantedAt(rules, level), cause: by.cause, heldBy: null }; // prettier-ignore
  }
}

const tooMany = (done: number, of: number) =>
  new ServiceError('busy', `There was time for ${String(done)} of ${String(of)} hosts. Repeat the request: what was done stays, and is not done twice.`); // prettier-ignore
