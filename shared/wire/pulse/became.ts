/** What a Pulse Policy Secure made of an event, as its answer says. One that says nothing but that it took it has done it. */

export type Became = 'done' | 'nothing-to-clear' | 'ignored' | 'stale' | 'pending' | 'held-for-approval' | 'unknown';

/** `isReplay`: of an event that came before, and of which this is the answer again. */
export function becameOf(answer: unknown): { readonly became: Became; readonly isReplay: boolean } {
  const { state, code, was } = typeof answer === 'object' && answer !== null ? (answer as Told) : {};
  const isReplay = state === 'replay';
  return { became: named(isReplay ? (was ?? 'not told') : state, code), isReplay };
}

interface Told {
  readonly state?: unknown;
  /** More exactly; a replay has that of the first. */
  readonly code?: unknown;
  /** Of a replay: the state of the first. */
  readonly was?: unknown;
}

function named(state: unknown, code: unknown): Became {
  switch (state) {
    case undefined:
    case 'applied':
      return 'done';
    case 'pending':
    case 'held-for-approval':
      return state;
    case 'ignored':
      return code === 'stale' || code === 'nothing-to-clear' ? code : 'ignored';
    default:
      return 'unknown';
  }
}
