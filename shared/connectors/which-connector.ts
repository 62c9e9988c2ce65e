/** Whose an address is: the connector's that has the longest subnet with it. */
import type { Configuration } from '../configuration/configuration.ts';
import type { Connector } from '../configuration/threat-response.ts';
import { addressBits, prefixBits } from '../decisions/address-bits.ts';
import { prefixTable } from '../decisions/prefix-table.ts';
import type { IpAddress } from '../identity/address.ts';

/** `undefined`: it is in no connector's subnet, and so nobody is told. */
export type WhichConnector<Of = Connector<unknown>> = (ip: IpAddress) => Of | undefined;

/** Compiled once for a version of the configuration (`compiledByVersion`), as there may be 100 with 1,000 subnets each. */
export const connectorsOf = ({ threatResponse }: Configuration) => whichConnector(threatResponse.connectors);

/** No two may have the same subnet; where they do, the first one has it. */
export function whichConnector<Of extends Pick<Connector<unknown>, 'subnets'>>(
  connectors: readonly Of[],
): WhichConnector<Of> {
  // prettier-ignore
  const said = connectors.flatMap((connector) =>
    connector.subnets.map((subnet) => ({ ...prefixBits(subnet), word: connector })),
  );
  const longest = prefixTable(said, {
    ofAll: undefined as Of | undefined,
    add: (shorter, [first = shorter]) => first,
  });
  return (ip) => longest(addressBits(ip));
}
