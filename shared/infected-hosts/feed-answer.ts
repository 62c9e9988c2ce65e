/** The addresses that a feed lists, out of what it answered: all of them, or none and the reason why. */
import { type IpAddress, readAddress } from '../identity/address.ts';
import { type Fault, readInfectedHosts } from '../wire/atp-cloud/infected-hosts.ts';

/** Addresses with their levels, 1 to 10. */
export type FeedList = ReadonlyMap<IpAddress, number>;

export interface AnswerFault {
  readonly code: Fault['code'] | 'address-unusable';
  readonly message: string;
}

export type ReadFeed =
  { readonly list: FeedList; readonly fault?: never } | { readonly list?: never; readonly fault: AnswerFault };

/** Of an address that is listed twice, however it is written, the higher level counts. Level 0 is not listed. */
export function readFeed(body: Uint8Array): ReadFeed {
  const { listed, fault } = readInfectedHosts(body);
  if (listed === undefined) return { fault };
  const list = new Map<IpAddress, number>();
  for (const [index, { address: text, level }] of listed.entries()) {
    const { address } = readAddress(text);
    if (address === undefined) {
      const message = `"data.ip[${index}]" is no IP address that a host can have.`;
      return { fault: { code: 'address-unusable', message } };
    }
    if (level > (list.get(address) ?? 0)) list.set(address, level);
  }
  return { list };
}
