/** Which RADIUS client of a tenant a switch is. */
import type { RadiusClient } from '../configuration/threat-response.ts';
import { addressSet } from '../identity/address-set.ts';
import type { IpAddress } from '../identity/address.ts';

/** The client with this address, else the one with the longest prefix that holds it; `undefined`: it is none's. */
export function radiusClientOf<Client extends Pick<RadiusClient<unknown>, 'address'>>(
  clients: readonly Client[],
  nas: IpAddress,
): Client | undefined {
  const holding = clients.filter(({ address }) => addressSet([address])(nas));
  return holding.reduce<Client | undefined>(
    (longest, client) => (longest !== undefined && lengthOf(longest) >= lengthOf(client) ? longest : client),
    undefined,
  );
}

const lengthOf = ({ address }: Pick<RadiusClient<unknown>, 'address'>) => Number(address.split('/')[1] ?? 128);
