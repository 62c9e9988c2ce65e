/**
 * Operations of connectors and changes of authorization, found as one list: first those of hosts by address, then those
 * of endpoints by MAC, of each the newest first. A page goes on after the operation that the one before ended with, so
 * what is made or forgotten meanwhile neither repeats nor hides another.
 */
import type { EndpointStore } from '../endpoints/endpoint-table.ts';
import type { Mac } from '../endpoints/mac.ts';
import { addressesAt } from '../endpoints/sessions.ts';
import type { IpAddress } from '../identity/address.ts';
import type { HostStore } from '../infected-hosts/host-table.ts';
import type { OperationState } from '../infected-hosts/host.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import {
  type AnyOperation,
  type OperationKind,
  operationKinds,
  operationsOfEndpoint,
  operationsOfHost,
} from './any-operation.ts';

export interface FindOperations {
  readonly hosts: Pick<HostStore, 'read' | 'list' | 'ofDevice'>;
  readonly endpoints: Pick<EndpointStore, 'read' | 'at' | 'list'>;
  readonly now: () => number;
}

export interface OperationFilter {
  readonly id?: string;
  readonly kind?: OperationKind;
  readonly state?: OperationState;
  readonly connector?: string;
  readonly ip?: IpAddress;
  readonly mac?: Mac;
}

/** Of the last operation that was told: of whom, and which. */
export interface OperationPosition {
  readonly kind: OperationKind;
  /** The address or the MAC. */
  readonly of: string;
  /** `-1`: all of it has been told. */
  readonly requestedAt: number;
  readonly id: string;
}

export const isPosition = (value: unknown): value is OperationPosition => {
  if (typeof value !== 'object' || value === null) return false;
  const { kind, of, requestedAt, id } = value as Partial<Record<keyof OperationPosition, unknown>>;
  const isKind = operationKinds.some((each) => each === kind);
  return isKind && typeof of === 'string' && typeof requestedAt === 'number' && typeof id === 'string';
};

export interface OperationPage {
  readonly limit: number;
  readonly after?: OperationPosition;
  /** Epoch milliseconds: a search that is not done by then answers what it has, and where to go on. */
  readonly untilAt: number;
}

export interface FoundOperations {
  readonly operations: readonly AnyOperation[];
  /** Absent at the end, and only there. */
  readonly next?: OperationPosition;
}

const readAhead = 200;

export async function findOperations(
  deps: FindOperations,
  tenant: TenantId,
  filter: OperationFilter,
  { limit, after, untilAt }: OperationPage,
): Promise<FoundOperations> {
  const found: AnyOperation[] = [];
  let from = after;
  for (const kind of operationKinds.slice(operationKinds.indexOf(after?.kind ?? 'connector'))) {
    const source = sourceOf(deps, tenant, kind, filter);
    let next: string | undefined = from?.of ?? '';
    while (next !== undefined) {
      const read: Owned = await source(next, from);
      for (const { of, operations } of read.owners) {
        for (const operation of operations) {
          if (!isAfter(operation, of, from) || !isMeant(operation, filter)) continue;
          const last = found[limit - 1];
          if (last) return { operations: found, next: positionOf(last) };
          found.push(operation);
        }
      }
      next = read.next;
      if (next !== undefined && deps.now() >= untilAt) {
        return { operations: found, next: { kind, of: next, requestedAt: -1, id: '' } };
      }
    }
    from = undefined;
  }
  return { operations: found };
}

interface Owned {
  /** In the order of `of`, each with its operations, the newest first. */
  readonly owners: readonly { readonly of: string; readonly operations: readonly AnyOperation[] }[];
  readonly next?: string;
}

/** Those after `next`, and the one that the page before ended in the middle of. */
type Source = (next: string, from: OperationPosition | undefined) => Promise<Owned>;

function sourceOf(deps: FindOperations, tenant: TenantId, kind: OperationKind, filter: OperationFilter): Source {
  if (filter.kind !== undefined && filter.kind !== kind) return nothing;
  if (kind === 'change-of-authorization') {
    return filter.connector === undefined ? ofEndpoints(deps, tenant, filter) : nothing;
  }
  return ofHosts(deps, tenant, filter);
}

const nothing: Source = async () => Promise.resolve({ owners: [] });

function ofHosts({ hosts, endpoints, now }: FindOperations, tenant: TenantId, { ip, mac }: OperationFilter): Source {
  const some = async (ips: readonly IpAddress[]) => {
    const stored = await Promise.all([...new Set(ips)].sort().map(async (each) => hosts.read(tenant, each)));
    return stored.flatMap((each) => (each ? [each.host] : []));
  };
  const owners = (all: Awaited<ReturnType<typeof some>>) =>
    all.map((host) => ({ of: host.ip, operations: operationsOfHost(host) }));
  if (ip !== undefined) return async () => ({ owners: owners(await some([ip])) });
  if (mac !== undefined) {
    return async () => {
      const [[stored], told] = await Promise.all([endpoints.read(tenant, [mac]), hosts.ofDevice(tenant, mac)]);
      const has = stored ? addressesAt(stored.endpoint, now()).map((each) => each.ip) : [];
      return { owners: owners(await some([...told, ...has])) };
    };
  }
  return async (next, from) => {
    const before = next === from?.of ? await some([next as IpAddress]) : [];
    const after = next === '' ? {} : { after: next as IpAddress };
    const listed = await hosts.list(tenant, { limit: readAhead, ...after });
    const all = [...before, ...listed.hosts.map(({ host }) => host)];
    return { owners: owners(all), ...(listed.next !== undefined && { next: listed.next }) };
  };
}

function ofEndpoints({ endpoints }: FindOperations, tenant: TenantId, { ip, mac }: OperationFilter): Source {
  const some = async (macs: readonly Mac[]) =>
    (await endpoints.read(tenant, [...new Set(macs)].sort())).flatMap((each) => (each ? [each.endpoint] : []));
  const owners = (all: Awaited<ReturnType<typeof some>>) =>
    all.map((endpoint) => ({ of: endpoint.mac, operations: operationsOfEndpoint(endpoint) }));
  if (mac !== undefined) return async () => ({ owners: owners(await some([mac])) });
  if (ip !== undefined) return async () => ({ owners: owners(await some((await endpoints.at(tenant, ip)).macs)) });
  return async (next, from) => {
    const before = next === from?.of ? await some([next as Mac]) : [];
    const after = next === '' ? {} : { after: next as Mac };
    const listed = await endpoints.list(tenant, { limit: readAhead, ...after });
    return {
      owners: owners([...before, ...listed.endpoints]),
      ...(listed.next !== undefined && { next: listed.next }),
    };
  };
}

function isAfter({ requestedAt, id }: AnyOperation, of: string, from: OperationPosition | undefined): boolean {
  if (from === undefined || of > from.of) return true;
  if (of < from.of) return false;
  return requestedAt < from.requestedAt || (requestedAt === from.requestedAt && id > from.id);
}

const isMeant = (operation: AnyOperation, { id, state, connector }: OperationFilter): boolean =>
  (id === undefined || operation.id === id) &&
  (state === undefined || operation.state === state) &&
  (connector === undefined || operation.connector === connector);

export const positionOf = ({ kind, ip, mac, requestedAt, id }: AnyOperation): OperationPosition => ({ kind, of: ip ?? mac ?? '', requestedAt, id }); // prettier-ignore
