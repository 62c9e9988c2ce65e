import type { Context } from 'aws-lambda';
import { provider } from '../tenancy/tenant.ts';
import { asOneLine, type Lines } from './event-line.ts';

export interface Call {
  /** Epoch milliseconds: by then the function is ended, wherever it is. */
  readonly deadlineAt: number;
}

/** How a schedule calls: whatever its event says, it is time. Its line is the provider's, as it is about all tenants. */
export function scheduled<Dependencies>(
  wire: () => Dependencies,
  run: (dependencies: Dependencies, call: Call) => Promise<void>,
  { now, write }: Lines = { now: Date.now },
) {
  let wired: Dependencies | undefined;
  return async (_event: unknown, context: Context): Promise<void> => {
    const known = { requestId: context.awsRequestId, tenant: provider };
    return asOneLine('run', known, { now, ...(write && { write }) }, async () =>
      run((wired ??= wire()), { deadlineAt: now() + context.getRemainingTimeInMillis() }),
    );
  };
}
