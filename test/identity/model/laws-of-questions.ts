/** What must hold of questions between any two steps, whoever is there. */
import { isLive, type Item, never } from '../../../shared/identity/entry.ts';
import { minutes } from '../../support/observations.ts';

export interface LawsOfQuestions {
  /** A socket is open until it is closed or its worker's process is ended. */
  readonly openSocket: (place: string, id: string, closesAt: number) => { readonly close: () => void };
  /** What is wrong with a place now; undefined where all is well. */
  readonly brokenBy: (place: string, item: Item | undefined, now: number) => string | undefined;
}

/** Clocks differ by so much at most: what is over by one may not be over by another. */
const skewMs = 2_000;

/** No mark is kept for longer: the longest lease, and a quarter of an hour. */
const longestMarkMs = minutes(16);

export function lawsOfQuestions(): LawsOfQuestions {
  const sockets = new Map<string, { place: string; closesAt: number }>();
  const seen = new Map<string, Item | undefined>();

  function brokenBy(place: string, item: Item | undefined, now: number) {
    const before = seen.get(place);
    seen.set(place, item);
    const open = [...sockets].filter(([, socket]) => socket.place === place && socket.closesAt > now);
    if (open.length > 1) return `has ${open.length} sockets open, of ${open.map(([id]) => id).join(' and ')}`;
    if (!isLive(item, now)) return undefined;
    if (item.state === 'invalid') return brokenInvalid(item, before, now);
    const isMark = item.state === 'init' || item.state === 'pending';
    return isMark && item.expiresAt > now + longestMarkMs ? `is ${item.state} for too long` : undefined;
  }

  return {
    openSocket(place, id, closesAt) {
      sockets.set(id, { place, closesAt });
      return { close: () => sockets.delete(id) };
    },
    brokenBy,
  };
}

/** It has its reason and the setting that it was made under; as long as it lives, its end stays where it is. */
function brokenInvalid({ mark, expiresAt }: Item, before: Item | undefined, now: number) {
  if (!mark?.reason || mark.frozenMinutes === undefined) return 'is invalid without a reason or a timeout';
  if ((mark.frozenMinutes === 0) !== (expiresAt === never)) return 'is invalid for another time than its timeout';
  const wasInvalid = before?.state === 'invalid' && before.expiresAt > now + skewMs;
  return wasInvalid && before.expiresAt !== expiresAt ? 'is invalid and its end was moved' : undefined;
}
