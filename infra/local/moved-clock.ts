/**
 * A clock that tests can move. The offset lies in memory that every worker shares, so a move is seen at once by all of
 * them, without a message that a busy worker would read too late.
 */

const realNow = Date.now;

export interface MovedClock {
  readonly now: () => number;
  readonly advance: (milliseconds: number) => void;
  /** What a worker needs to follow this clock. */
  readonly shared: SharedArrayBuffer;
}

export function movedClock(): MovedClock {
  const shared = new SharedArrayBuffer(BigInt64Array.BYTES_PER_ELEMENT);
  const offset = new BigInt64Array(shared);
  return {
    now: () => realNow() + Number(Atomics.load(offset, 0)),
    advance: (milliseconds) => void Atomics.add(offset, 0, BigInt(milliseconds)),
    shared,
  };
}

/** Makes `Date` follow the shared clock in this thread. Timers and `performance.now` go on as they were. */
export function followClock(shared: SharedArrayBuffer): void {
  const offset = new BigInt64Array(shared);
  const now = () => realNow() + Number(Atomics.load(offset, 0));
  const RealDate = Date;
  const ShiftedDate = new Proxy(RealDate, {
    construct: (target, given, newTarget) =>
      Reflect.construct(target, given.length === 0 ? [now()] : given, newTarget) as Date,
    apply: () => new RealDate(now()).toString(),
  });
  RealDate.now = now;
  Object.defineProperty(RealDate.prototype, 'constructor', { value: ShiftedDate });
  globalThis.Date = ShiftedDate;
}
