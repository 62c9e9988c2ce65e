import type { AttemptStore, Place, StoredAttempt } from '../../shared/idempotency/once.ts';

/** Attempts in memory, held to the contract of the real ones. */
export function fakeAttemptStore(): AttemptStore {
  const stored = new Map<string, StoredAttempt>();
  let revisions = 0;
  const nameOf = ({ tenant, credentialId, key }: Place) => JSON.stringify([tenant, credentialId, key]);

  return {
    read: async (place) => Promise.resolve(stored.get(nameOf(place))),
    async replace(place, read, attempt) {
      if (stored.get(nameOf(place))?.revision !== read?.revision) return Promise.resolve('conflict');
      revisions += 1;
      const next = { ...structuredClone(attempt), revision: String(revisions) };
      stored.set(nameOf(place), next);
      return Promise.resolve(next);
    },
  };
}
