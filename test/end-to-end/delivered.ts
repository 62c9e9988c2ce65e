/** For stories that end, or stop their receiver, when their threat logs have come: by then not all of them have gone. */
import { setTimeout as wait } from 'node:timers/promises';
import { call, type Service } from './service.ts';

/**
 * Waits until nothing of either tenant is on its way. Lines that a receiver has are sent again where their connection fails
 * in the end, and go to whoever receives then. `told` is what functions wrote: what was sent and could not be counted is
 * waited for no longer.
 */
export async function delivered({ url, tenants, authorizations }: Service, told: readonly string[]): Promise<void> {
  for (const tenant of ['acme', 'globex'] as const) {
    const waiting = async () => {
      const { body } = await call(url, 'GET /v1/threat-logs/status', authorizations[tenant].operator);
      return (body.total as { readonly waiting: number } | undefined)?.waiting ?? Infinity;
    };
    while ((await waiting()) > uncounted(told, tenants[tenant])) await wait(100);
  }
}

const uncounted = (told: readonly string[], tenant: string) =>
  told
    .filter((line) => line.includes('logs-not-counted') && line.includes(`"tenant":"${tenant}"`))
    .map((line) => JSON.parse(line.slice(line.indexOf('{'))) as { readonly lines: number })
    .reduce((sum, { lines }) => sum + lines, 0);
