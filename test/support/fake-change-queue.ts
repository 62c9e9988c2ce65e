/** A queue of changes that keeps what it is sent, and can be out of order; and a notifier that remembers. */
import type { ChangeMessage } from '../../shared/endpoints/change-message.ts';
import type { ChangeNotifier, ChangeQueue } from '../../shared/endpoints/change-notifier.ts';

export interface FakeChangeQueue extends ChangeQueue {
  /** In the order of their sending. */
  readonly sent: { readonly message: ChangeMessage; readonly delaySeconds: number }[];
  /** From now on it takes nothing. */
  readonly breakDown: () => void;
}

export function fakeChangeQueue(): FakeChangeQueue {
  const sent: FakeChangeQueue['sent'] = [];
  let isBroken = false;
  return {
    sent,
    send: (message, delaySeconds) => {
      if (isBroken) return Promise.reject(new Error('The queue takes nothing.'));
      sent.push({ message, delaySeconds });
      return Promise.resolve();
    },
    breakDown: () => {
      isBroken = true;
    },
  };
}

export function fakeChangeNotifier(): ChangeNotifier & { readonly told: ChangeMessage[] } {
  const told: ChangeMessage[] = [];
  return {
    told,
    changed: (tenant, mac) => {
      told.push({ tenant, mac });
      return Promise.resolve();
    },
  };
}
