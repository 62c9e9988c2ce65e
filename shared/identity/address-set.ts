import { BlockList, isIPv6 } from 'node:net';

/** Whether an address is one of these addresses and prefixes (`192.0.2.0/24`), all of them checked before. */
export function addressSet(members: readonly string[]): (address: string) => boolean {
  const list = new BlockList();
  for (const member of members) {
    const [address = '', length] = member.split('/');
    const family = familyOf(address);
    if (length === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(length), family);
  }
  return (address) => list.check(address, familyOf(address));
}

const familyOf = (address: string) => (isIPv6(address) ? 'ipv6' : 'ipv4');
