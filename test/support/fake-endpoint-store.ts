import type { Due, EndpointRevision, EndpointStore, EndpointTable, PendingMessage, StoredEndpoint } from '../../shared/endpoints/endpoint-table.ts'; // prettier-ignore
import type { Endpoint } from '../../shared/endpoints/endpoint.ts';
import type { Mac } from '../../shared/endpoints/mac.ts';
import { easedPlaces, type Place, placesToWrite } from '../../shared/endpoints/places.ts';
import type { IpAddress } from '../../shared/identity/address.ts';
import type { TenantId } from '../../shared/tenancy/tenant.ts';
import { noon } from './observations.ts';

interface Kept {
  readonly endpoints: Map<Mac, StoredEndpoint>;
  /** MACs by what leads to them, each with when that was written last; Infinity: it lasts. */
  readonly places: Map<string, Map<Mac, number>>;
  readonly pending: Map<string, PendingMessage>;
  readonly due: Map<string, Due>;
}

/** Endpoints in memory. Holds to the contract of the real store. */
export function fakeEndpointStore(): EndpointStore {
  const tenants = new Map<TenantId, Kept>();
  let revisions = 0;
  const newRevision = () => `revision-${++revisions}` as EndpointRevision;
  const of = (tenant: TenantId): Kept => {
    const kept = tenants.get(tenant) ?? { endpoints: new Map(), places: new Map(), pending: new Map(), due: new Map() };
    tenants.set(tenant, kept);
    return kept;
  };
  const dueName = (due: Due) => `${String(due.at).padStart(15, '0')} ${due.kind === 'endpoint' ? due.mac : due.ip}`;
  const pendingName = ({ message, client }: PendingMessage) => JSON.stringify([message.endpointIp, client, message.eventId]); // prettier-ignore
  const macsAt = (tenant: TenantId, place: string) => [...(of(tenant).places.get(place)?.keys() ?? [])].sort();

  const write = ({ places, due }: Kept, { mac, changedAt }: Endpoint, place: Place) => {
    if (place.kind === 'due') {
      const one: Due = { kind: 'endpoint', mac, at: place.at };
      due.set(dueName(one), one);
      return;
    }
    const name = place.kind === 'ip' ? `ip ${place.ip}` : place.kind === 'nas' ? `nas ${place.nas}` : place.kind;
    const before = places.get(name) ?? new Map<Mac, number>();
    const at = place.kind === 'held' || (place.kind === 'ip' && place.keeps === 'lasting') ? Infinity : changedAt;
    places.set(name, before.set(mac, Math.max(at, before.get(mac) ?? 0)));
  };

  return {
    async read(tenant, macs) {
      return Promise.resolve(macs.map((mac) => of(tenant).endpoints.get(mac)));
    },
    async replace(tenant, endpoint, read) {
      const kept = of(tenant);
      for (const place of placesToWrite(endpoint, read?.endpoint)) write(kept, endpoint, place);
      // Others come in between, as they do in reality.
      await Promise.resolve();
      if (kept.endpoints.get(endpoint.mac)?.revision !== read?.revision) return 'conflict';
      for (const place of easedPlaces(endpoint, read?.endpoint)) {
        if (place.kind === 'ip') kept.places.get(`ip ${place.ip}`)?.set(endpoint.mac, endpoint.changedAt);
        else kept.places.get(place.kind)?.delete(endpoint.mac);
      }
      kept.endpoints.set(endpoint.mac, { endpoint: structuredClone(endpoint), revision: newRevision() });
      return 'replaced';
    },
    async at(tenant, ip: IpAddress) {
      const pending = [...of(tenant).pending.values()].filter(({ message }) => message.endpointIp === ip);
      const renewedAt = of(tenant).places.get(`ip ${ip}`) ?? new Map<Mac, number>();
      return Promise.resolve({ macs: macsAt(tenant, `ip ${ip}`), renewedAt, pending });
    },
    onNas: async (tenant, nas) => Promise.resolve(macsAt(tenant, `nas ${nas}`)),
    withChanges: async (tenant) => Promise.resolve(macsAt(tenant, 'changes')),
    held: async (tenant) => Promise.resolve(macsAt(tenant, 'held')),
    async withoutChanges(tenant, { endpoint, revision }) {
      const { endpoints, places } = of(tenant);
      const there = endpoints.get(endpoint.mac);
      if (there?.revision !== revision) return Promise.resolve();
      endpoints.set(endpoint.mac, { ...there, revision: newRevision() });
      places.get('changes')?.delete(endpoint.mac);
      return Promise.resolve();
    },
    async list(tenant, { limit, after = '' }) {
      const all = [...of(tenant).endpoints.values()].map(({ endpoint }) => endpoint).filter(({ mac }) => mac > after);
      const sorted = all.sort((one, other) => (one.mac < other.mac ? -1 : 1));
      const endpoints = sorted.slice(0, limit);
      const last = endpoints.at(-1)?.mac;
      return Promise.resolve({ endpoints, ...(sorted.length > limit && last !== undefined && { next: last }) });
    },
    async putPending(tenant, pending) {
      const due: Due = { kind: 'pending', ip: pending.message.endpointIp, at: pending.until };
      of(tenant).due.set(dueName(due), due);
      of(tenant).pending.set(pendingName(pending), pending);
      return Promise.resolve();
    },
    async removePending(tenant, pending) {
      return Promise.resolve(of(tenant).pending.delete(pendingName(pending)) ? 'removed' : 'absent');
    },
    async due(tenant, until, limit) {
      const all = [...of(tenant).due].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, due]) => due);
      return Promise.resolve(all.filter(({ at }) => at <= until).slice(0, limit));
    },
    async removeDue(tenant, due) {
      of(tenant).due.delete(dueName(due));
      return Promise.resolve();
    },
  };
}

/** With a clock that stands at noon until it is moved. */
export function fakeEndpointTable(): EndpointTable & { moveTo: (at: number) => void } {
  let at = noon;
  let ids = 0;
  return {
    endpoints: fakeEndpointStore(),
    now: () => at,
    newId: () => `id-${++ids}`,
    moveTo: (next) => {
      at = next;
    },
  };
}
