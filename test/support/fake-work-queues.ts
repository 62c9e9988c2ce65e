/** The queues of connectors and of query cells, which keep what they are sent and can be out of order. */
import type { ConnectorMessage } from '../../shared/connectors/connector-message.ts';
import type { WorkPlace, WorkQueues } from '../../shared/connectors/send-work.ts';

export interface FakeWorkQueues extends WorkQueues {
  /** In the order of their sending. */
  readonly sent: { readonly place: WorkPlace; readonly message: ConnectorMessage; readonly delaySeconds: number }[];
  /** From now on they take nothing. */
  readonly breakDown: () => void;
}

/** Every server is pinned to cell 3, but for those of `cells`. */
export function fakeWorkQueues(cells: Readonly<Record<string, number>> = {}): FakeWorkQueues {
  const sent: FakeWorkQueues['sent'] = [];
  let isBroken = false;
  const keep = async (place: WorkPlace, message: ConnectorMessage, delaySeconds: number) => {
    if (isBroken) return Promise.reject(new Error('The queue takes nothing.'));
    sent.push({ place, message, delaySeconds });
    return Promise.resolve();
  };
  return {
    sent,
    connectors: { send: async (message, delaySeconds) => keep('connectors', message, delaySeconds) },
    cells: { send: async (cell, message, delaySeconds) => keep(cell, message, delaySeconds) },
    cellOf: async (server) => Promise.resolve(cells[server] ?? 3),
    breakDown: () => {
      isBroken = true;
    },
  };
}
