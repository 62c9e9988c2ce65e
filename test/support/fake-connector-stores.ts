/** What the stores of connectors do, in memory. They hold to the contracts of the real ones. */
import type { ConnectorKey, ConnectorState, ConnectorStates } from '../../shared/connectors/connector-state.ts';
import { type ConnectorTests, type Draft, testKeptMs } from '../../shared/connectors/connector-test.ts';
import type { Answer } from '../../shared/connectors/enforcer.ts';

export function fakeConnectorStates(): ConnectorStates {
  const kept = new Map<string, ReadonlyMap<ConnectorKey, ConnectorState>>();
  const of = (tenant: string) => kept.get(tenant) ?? new Map<ConnectorKey, ConnectorState>();
  return {
    all: async (tenant) => Promise.resolve(of(tenant)),
    read: async (tenant, connector) => Promise.resolve(of(tenant).get(connector)),
    async replace(tenant, connector, state, read) {
      if (of(tenant).get(connector)?.checkedAt !== read?.checkedAt) return Promise.resolve('conflict');
      kept.set(tenant, new Map([...of(tenant), [connector, state]]));
      return Promise.resolve('replaced');
    },
  };
}

export function fakeConnectorTests(): ConnectorTests {
  const kept = new Map<string, { draft?: Draft; answer?: Answer; untilAt: number }>();
  const place = (tenant: string, id: string) => `${tenant}#${id}`;
  return {
    async leave(tenant, id, draft, now) {
      kept.set(place(tenant, id), { draft, untilAt: now + testKeptMs });
      return Promise.resolve();
    },
    async read(tenant, id, now) {
      const found = kept.get(place(tenant, id));
      return Promise.resolve(found && found.untilAt > now ? found.draft : undefined);
    },
    async answer(tenant, id, answer) {
      const found = kept.get(place(tenant, id));
      if (found) kept.set(place(tenant, id), { answer, untilAt: found.untilAt });
      return Promise.resolve();
    },
    answered: async (tenant, id) => Promise.resolve(kept.get(place(tenant, id))?.answer),
  };
}
