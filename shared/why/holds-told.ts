/** How the endpoints at an address are held: whoever asks about an address may mean the device behind it. */
import type { EndpointStore } from '../endpoints/endpoint-table.ts';
import { statusOf } from '../endpoints/endpoint-view.ts';
import type { Mac } from '../endpoints/mac.ts';
import { addressesAt } from '../endpoints/sessions.ts';
import type { IpAddress } from '../identity/address.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import { concludeEndpoint } from './conclude-endpoint.ts';

export interface HoldTold {
  readonly mac: Mac;
  readonly hold: 'blocked' | 'quarantined';
  /** By whom and since when, in one sentence. */
  readonly message: string;
}

/** Of endpoints that have the address now. */
export async function holdsAt(
  endpoints: Pick<EndpointStore, 'at' | 'read'>,
  tenant: TenantId,
  ip: IpAddress,
  now: number,
): Promise<readonly HoldTold[]> {
  const { macs } = await endpoints.at(tenant, ip);
  const stored = await endpoints.read(tenant, macs);
  return stored.flatMap((each) => {
    const endpoint = each?.endpoint;
    if (endpoint === undefined || !addressesAt(endpoint, now).some((address) => address.ip === ip)) return [];
    const { mac } = endpoint;
    const hold = statusOf(endpoint, now);
    return hold === 'free'
      ? []
      : [{ mac, hold, message: concludeEndpoint({ mac, now, endpoint, events: [], approvals: [] }).answer }];
  });
}

/** What the sentence about an address says of them. */
export const holdWords = (holds: readonly HoldTold[]): string =>
  holds
    .map(
      ({ mac, hold }) =>
        ` The endpoint ${mac}, which has the address, is ${hold}: GET /v1/endpoints/${mac}/why tells why.`,
    ) // prettier-ignore
    .join('');
