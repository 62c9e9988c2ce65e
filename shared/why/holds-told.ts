/** How the endpoints at an address are held: whoever asks about an address may mean the device behind it. */
import type { EndpointStore } from '../endpoints/endpoint-table.ts';
import { statusOf } from '../endpoints/endpoint-view.ts';
import { heldAddress, type HeldAddress } from '../endpoints/held-addresses.ts';
import type { Mac } from '../endpoints/mac.ts';
import { addressesAt } from '../endpoints/sessions.ts';
import type { IpAddress } from '../identity/address.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import { concludeEndpoint } from './conclude-endpoint.ts';

export interface HoldTold {
  readonly mac: Mac;
  readonly hold: 'blocked' | 'quarantined';
  readonly through: HeldAddress['through'];
  /** By whom and since when, in one sentence. */
  readonly message: string;
}

/** Of endpoints that have the address now, and of one that decisions take for the one that is there. */
export async function holdsAt(
  endpoints: Pick<EndpointStore, 'at' | 'read'>,
  tenant: TenantId,
  ip: IpAddress,
  now: number,
): Promise<readonly HoldTold[]> {
  const { macs } = await endpoints.at(tenant, ip);
  const stored = await endpoints.read(tenant, macs);
  const known = stored.flatMap((each) => each?.endpoint ?? []);
  const held = heldAddress(known, ip, now);
  return known.flatMap((endpoint) => {
    const { mac } = endpoint;
    const hold = statusOf(endpoint, now);
    const hasIt = addressesAt(endpoint, now).some((address) => address.ip === ip);
    const through = hasIt ? 'has-the-address' : held?.mac === mac ? held.through : undefined;
    if (hold === 'free' || through === undefined) return [];
    const message = concludeEndpoint({ mac, now, endpoint, events: [], approvals: [] }).answer;
    return [{ mac, hold, through, message }];
  });
}

/** What the sentence about an address says of them. */
export const holdWords = (holds: readonly HoldTold[]): string =>
  holds
    .map(
      ({ mac, hold, through }) =>
        ` The endpoint ${mac}, which ${whose[through]}, is ${hold}: GET /v1/endpoints/${mac}/why tells why.`,
    ) // prettier-ignore
    .join('');

const whose: Readonly<Record<HeldAddress['through'], string>> = {
  'has-the-address': 'has the address',
  'held-through-the-address': 'was held through the address that nobody has had since',
};
