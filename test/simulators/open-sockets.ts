/** Counts the sockets that clients have open at once. */
import type { Socket } from 'node:net';

export interface OpenSockets {
  /** Once more changes nothing, so it takes the TLS socket over a socket too: that is where a client's end is seen. */
  readonly opened: (socket: Socket) => void;
  readonly now: () => number;
  readonly most: () => number;
  /** Resolves when none is open. */
  readonly none: () => Promise<void>;
  /** The most so far is forgotten; what is open stays counted. */
  readonly forget: () => void;
  readonly destroyAll: () => void;
}

export function openSockets(): OpenSockets {
  const open = new Map<string, Socket>();
  let most = 0;
  let waiting: (() => void)[] = [];

  function closed(name: string) {
    open.delete(name);
    if (open.size > 0) return;
    for (const tell of waiting) tell();
    waiting = [];
  }

  return {
    opened(socket) {
      const name = `${socket.localPort ?? ''}-${socket.remotePort ?? ''}`;
      if (!open.has(name)) open.set(name, socket);
      // A client that has sent its end holds the socket no longer, even if we have not hung up yet.
      for (const end of ['end', 'error', 'close']) socket.once(end, () => closed(name));
      // Ends that arrived before this socket may be read after it: they lie in the same turn of the event loop.
      setImmediate(() => (most = Math.max(most, open.size)));
    },
    now: () => open.size,
    most: () => most,
    none: async () => (open.size === 0 ? undefined : new Promise((resolve) => waiting.push(resolve))),
    forget: () => (most = open.size),
    destroyAll() {
      for (const socket of open.values()) socket.destroy();
    },
  };
}
