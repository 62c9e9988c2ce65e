import type { IpAddress } from '../../shared/identity/address.ts';
import type { ClosedSession, Session, SessionKey, SessionPlace } from '../../shared/sessions/session.ts';
import type { Counter, SessionEntry, SessionStore } from '../../shared/sessions/sessions.ts';
import type { TenantId } from '../../shared/tenancy/tenant.ts';

interface Tables {
  readonly open: Map<string, Session>;
  readonly over: Map<string, ClosedSession>;
  readonly ids: Map<string, SessionPlace & { over?: string }>;
  readonly counters: Map<string, Counter>;
}

/** Sessions in memory. Holds to the contract of the real store; `forget` is what TTL does to counters. */
export function fakeSessionStore(): SessionStore & { forgetCounters(tenant: TenantId): void } {
  const tenants = new Map<TenantId, Tables>();
  const of = (tenant: TenantId): Tables => {
    const tables = tenants.get(tenant) ?? { open: new Map(), over: new Map(), ids: new Map(), counters: new Map() };
    tenants.set(tenant, tables);
    return tables;
  };
  const openName = ({ ip, credentialId, id }: SessionPlace) => `${ip} OPEN#${credentialId}#${id}`;
  const overName = ({ ip, credentialId, id, openedAt }: Session) => `${ip} OVER#${credentialId}#${id}#${openedAt}`;
  const idName = ({ credentialId, id }: SessionKey) => `${credentialId}#${id}`;
  const counterName = ({ ip, tenure }: SessionEntry) => JSON.stringify([ip, Object.entries(tenure).sort()]);

  return {
    async read(tenant, places) {
      return Promise.resolve(places.map((place) => of(tenant).open.get(openName(place))));
    },
    async find(tenant, key) {
      const { open, over, ids } = of(tenant);
      const place = ids.get(idName(key));
      return Promise.resolve(place && (place.over === undefined ? open.get(openName(place)) : over.get(place.over)));
    },
    async open(tenant, session, ended) {
      const { open, over, ids } = of(tenant);
      if (ended) over.set(overName(ended), ended);
      if (open.get(openName(session))?.openedAt !== ended?.openedAt) return Promise.resolve({ outcome: 'conflict' });
      const before = ids.get(idName(session));
      open.set(openName(session), session);
      ids.set(idName(session), session);
      const moved = before !== undefined && before.ip !== session.ip && before.over === undefined;
      return Promise.resolve({ outcome: 'opened', ...(moved && { movedFrom: before.ip }) });
    },
    async hear(tenant, session, heardAt) {
      const there = of(tenant).open.get(openName(session));
      if (there?.openedAt !== session.openedAt) return Promise.resolve('gone');
      of(tenant).open.set(openName(session), { ...there, heardAt });
      return Promise.resolve('heard');
    },
    async close(tenant, closed, { place, id }) {
      const { open, over, ids, counters } = of(tenant);
      const isThere = open.get(openName(closed))?.openedAt === closed.openedAt;
      if (!isThere || (id !== 'elsewhere' && ids.get(idName(closed))?.ip !== closed.ip))
        return Promise.resolve('conflict');
      open.delete(openName(closed));
      over.set(overName(closed), closed);
      if (id !== 'elsewhere') ids.set(idName(closed), { ...closed, over: overName(closed) });
      if (place === 'free' && closed.tenure) {
        const name = counterName({ ip: closed.ip, tenure: closed.tenure });
        const counter = counters.get(name);
        if (counter && counter.managed > 0)
          counters.set(name, { ...counter, managed: counter.managed - 1, changes: counter.changes + 1 });
      }
      return Promise.resolve('closed');
    },
    async list(tenant, ip: IpAddress, { credentialId, only, after = '', limit }) {
      const { open, over } = of(tenant);
      const all = new Map<string, Session | ClosedSession>([...open, ...(only === 'open' ? [] : over)]);
      const own = credentialId === undefined ? '' : `${credentialId}#`;
      const names = [...all.keys()]
        .filter((name) => ['OPEN#', 'OVER#'].some((kind) => name.startsWith(`${ip} ${kind}${own}`)))
        .filter((name) => after === '' || name > `${ip} ${after}`)
        .sort();
      const shown = names.slice(0, limit);
      const last = shown.at(-1);
      const sessions = shown.flatMap((name) => all.get(name) ?? []);
      const next = names.length > limit && last !== undefined && { next: last.slice(ip.length + 1) };
      return Promise.resolve({ sessions, ...next });
    },
    async take(tenant, entry, { places, most, now, uncounted }) {
      const { counters } = of(tenant);
      const name = counterName(entry);
      const counter = counters.get(name);
      if (counter ? counter.managed + places > most : uncounted === 'forgotten' || places > most)
        return Promise.resolve(counter);
      counters.set(name, {
        managed: (counter?.managed ?? 0) + places,
        changes: (counter?.changes ?? 0) + 1,
        countedAt: now,
      });
      return Promise.resolve('taken');
    },
    async setCounter(tenant, entry, { read, managed, now }) {
      const { counters } = of(tenant);
      const name = counterName(entry);
      if (counters.get(name)?.changes !== read?.changes) return Promise.resolve('conflict');
      counters.set(name, { managed, changes: (read?.changes ?? 0) + 1, countedAt: now });
      return Promise.resolve('set');
    },
    forgetCounters(tenant) {
      of(tenant).counters.clear();
    },
  };
}
