import type { Context } from 'aws-lambda';

export interface Call {
  /** Epoch milliseconds: by then the function is ended, wherever it is. */
  readonly deadlineAt: number;
}

/** How a schedule calls: whatever its event says, it is time. */
export function scheduled<Dependencies>(
  wire: () => Dependencies,
  run: (dependencies: Dependencies, call: Call) => Promise<void>,
  now: () => number = Date.now,
) {
  let wired: Dependencies | undefined;
  return async (_event: unknown, context: Context): Promise<void> =>
    run((wired ??= wire()), { deadlineAt: now() + context.getRemainingTimeInMillis() });
}
