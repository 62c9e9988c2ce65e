/**
 * The servers that we ask. A server is a host and a port, whichever tenants name it: it is pinned to one query cell, and
 * that pin is all that tenants share. What a tenant has heard of it is the tenant's own.
 */
import ipaddr from 'ipaddr.js';
import { isIP, isIPv6 } from 'node:net';
import { ServiceError } from '../service-error.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import { type Asked, failed, type FailureReason, failures } from './asking.ts';

/** `clearpass.example.net:443`, `[2001:db8::1]:443`: one name for one server, however it was written. */
export type ServerName = string & { readonly brand: 'ServerName' };

export interface ServerAddress {
  readonly address: string;
  readonly port: number;
}

/** Throws `parameter-invalid`. */
export function serverName({ address, port }: ServerAddress): ServerName {
  const host = hostOf({ address });
  return (isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`) as ServerName;
}

/** The host alone as names are looked up: lower case, ASCII, no dot at its end, no brackets. Throws `parameter-invalid`. */
export function hostOf({ address }: Pick<ServerAddress, 'address'>): string {
  const bare = address.trim().replace(/^\[(.*)\]$/, '$1');
  const url = URL.parse(`http://${isIPv6(bare) ? `[${bare}]` : bare}`);
  const host = (url?.hostname ?? '').replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '');
  if (host === '' || url?.href !== `http://${url?.hostname}/`) {
    throw new ServiceError(
      'parameter-invalid',
      'The address of the server cannot be read. Give a name like clearpass.example.net or an IP address.',
    );
  }
  return isIP(host) > 0 ? ipaddr.process(host).toString() : host;
}

export interface PinStore {
  readonly read: (server: ServerName) => Promise<number | undefined>;
  /** Pins it unless it is pinned already; answers the cell that it is pinned to from now on. */
  readonly pin: (server: ServerName, cell: number) => Promise<number>;
}

/**
 * The cell of each server, from 0: asked of the store once in the life of an environment, since a pin never changes.
 * A server that is new goes to one of `cells`; those that were there before more cells came stay where they are.
 */
export function pinnedCells(pins: PinStore, cells: number): (server: ServerName) => Promise<number> {
  const known = new Map<ServerName, number>();
  return async (server) => {
    const cell = known.get(server) ?? (await pins.read(server)) ?? (await pins.pin(server, spread(server, cells)));
    known.set(server, cell);
    return cell;
  };
}

/** FNV-1a: even, and the same whoever names the server first. */
function spread(server: ServerName, cells: number): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < server.length; index += 1) hash = Math.imul(hash ^ server.charCodeAt(index), 0x01000193);
  return (hash >>> 0) % cells;
}

/** What a tenant has heard of a server. */
export interface ServerRecord {
  readonly queries: number;
  readonly responses: number;
  readonly errors: number;
  /** Failures in a row. */
  readonly failures: number;
  /** Epoch milliseconds: when an offline server may be tried again. */
  readonly probeAt?: number;
  readonly lastResponseMs?: number;
  readonly lastResponseAt?: number;
  readonly lastReason?: string;
  readonly tokenExpiresAt?: number;
  /** Questions under way; those of workers that were killed end by time. */
  readonly uses: readonly Use[];
}

export interface Use {
  readonly id: string;
  readonly untilAt: number;
}

export interface Beginning {
  readonly use: Use;
  readonly failuresBelow?: number;
}

/** How a question ended. `heard`: the server is there; `failed`: it is not; `neither`: it was not the server. */
export interface Ending {
  /** Its own use, and those found to be over. */
  readonly uses: readonly Use[];
  readonly verdict: 'heard' | 'failed' | 'neither';
  readonly counted: 'response' | 'error';
  readonly reason?: string;
  readonly elapsedMs: number;
  readonly tokenExpiresAt?: number;
  readonly now: number;
  readonly probeAt: number;
}

export interface ServerStore {
  readonly read: (tenant: TenantId, server: ServerName) => Promise<ServerRecord>;
  /** The one probe of an offline server, for whoever still finds `seen` there. */
  readonly claimProbe: (
    tenant: TenantId,
    server: ServerName,
    probe: { readonly seen: number; readonly next: number },
  ) => Promise<'claimed' | 'refused'>;
  /** Counts a question and answers what was heard before it. Where too many have failed in a row it counts nothing. */
  readonly begin: (tenant: TenantId, server: ServerName, beginning: Beginning) => Promise<ServerRecord | 'refused'>;
  readonly end: (tenant: TenantId, server: ServerName, ending: Ending) => Promise<void>;
}

/** Failures in a row after which a server counts as offline, and how often one question tries it from then on. */
const offlineAfter = 5;
const probeMs = 30_000;

export interface Asking {
  readonly tenant: TenantId;
  readonly server: ServerName;
  /** Of this question alone; a repeat of it may have the same. */
  readonly id: string;
  /** Epoch milliseconds: by then the worker has ended or was killed. */
  readonly untilAt: number;
  /** It is tried also where it is offline: whoever asks is to know. */
  readonly insists?: boolean;
}

export interface CountedServers {
  readonly servers: ServerStore;
  readonly now: () => number;
}

/** What of a use is counted. */
export type Outcome = Pick<Ending, 'verdict' | 'counted' | 'reason' | 'elapsedMs' | 'tokenExpiresAt'>;

/** Asks a server and keeps count of it. */
export async function askServer(counted: CountedServers, asking: Asking, ask: () => Promise<Asked>): Promise<Asked> {
  const asked = await useServer(counted, asking, ask, outcomeOf);
  return asked === 'offline' ? { ...failed('server-offline'), elapsedMs: 0 } : asked;
}

/** Whatever is done with a server is counted. With one that is offline nothing is done, but for one probe every half minute. */
export async function useServer<Result>(
  { servers, now }: CountedServers,
  { tenant, server, id, untilAt, insists = false }: Asking,
  does: () => Promise<Result>,
  outcome: (result: Result) => Outcome,
): Promise<Result | 'offline'> {
  const use = { id, untilAt };
  const begun = await servers.begin(tenant, server, { use, ...(!insists && { failuresBelow: offlineAfter }) });
  const record = begun === 'refused' ? await beginProbe() : begun;
  if (record === 'refused') return 'offline';

  const over = record.uses.filter((each) => each.untilAt <= now());
  const result = await does();
  await servers.end(tenant, server, { ...outcome(result), uses: [use, ...over], now: now(), probeAt: now() + probeMs });
  return result;

  async function beginProbe() {
    const { probeAt = 0 } = await servers.read(tenant, server);
    if (probeAt > now()) return 'refused';
    const claim = await servers.claimProbe(tenant, server, { seen: probeAt, next: now() + probeMs });
    return claim === 'claimed' ? servers.begin(tenant, server, { use }) : 'refused';
  }
}

function outcomeOf(asked: Asked): Outcome {
  const { elapsedMs, tokenExpiresAt } = asked;
  const told = { elapsedMs, ...(tokenExpiresAt !== undefined && { tokenExpiresAt }) };
  if (asked.outcome === 'answered' || asked.outcome === 'nobody') {
    return { ...told, verdict: 'heard', counted: 'response' };
  }
  return { ...told, ...outcomeOfFailure(asked.reason) };
}

export function outcomeOfFailure(reason: FailureReason): Omit<Outcome, 'elapsedMs'> {
  const { outcome, heard } = failures[reason];
  const verdict = outcome === 'unreachable' ? 'failed' : heard === 'server' ? 'heard' : 'neither';
  return { verdict, counted: 'error', reason };
}

export interface ServerStatus {
  readonly state: 'online' | 'offline';
  readonly connectionsInUse: number;
  readonly queries: number;
  readonly responses: number;
  readonly errors: number;
  readonly lastResponseMs: number | null;
  readonly lastResponseAt: number | null;
  readonly lastReason: string | null;
  readonly tokenExpiresAt: number | null;
}

/** As the status tells it: of this tenant's questions, not of what others ask the same server. */
export const statusOf = (record: ServerRecord, now: number): ServerStatus => ({
  state: record.failures < offlineAfter ? 'online' : 'offline',
  connectionsInUse: record.uses.filter(({ untilAt }) => untilAt > now).length,
  queries: record.queries,
  responses: record.responses,
  errors: record.errors,
  lastResponseMs: record.lastResponseMs ?? null,
  lastResponseAt: record.lastResponseAt ?? null,
  lastReason: record.lastReason ?? null,
  tokenExpiresAt: record.tokenExpiresAt ?? null,
});
