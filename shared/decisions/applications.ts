/**
 * Applications: what a policy calls a protocol and its ports. A tenant's own definition stands over the built-in one of
 * the same name; a name that nobody defined still matches a flow that carries it.
 */
import type { Application } from '../configuration/configuration.ts';
import { foldCase } from '../identity/fold-case.ts';
import type { Prefix } from './address-bits.ts';

/** As names of applications are compared: in lower case, and without the vendor's prefix, `junos-https` as `https`. */
export type ApplicationName = string & { readonly brand: 'ApplicationName' };

export const applicationName = (text: string) => foldCase(text).replace(/^junos-/, '') as ApplicationName;

/** A protocol and its port as bits, so that some ports of it are prefixes. Where there is no port it is 0, which no application names: only those that name no ports have it. */
export const serviceBits = (protocol: number, port: number) => (protocol << 24) | (port << 8);

export const protocolNumbers: Readonly<Record<string, number>> = { icmp: 1, tcp: 6, udp: 17, icmp6: 58 };

/** The prefixes of `serviceBits` that applications stand for: the tenant's and the built-in ones, by name. */
export function applicationServices(defined: readonly Application[]) {
  const own = Map.groupBy(defined, ({ name }) => applicationName(name));
  return (name: string): readonly Prefix<number>[] =>
    (own.get(name as ApplicationName) ?? builtInAs(name)).flatMap(prefixesOf);
}

type Definition = Pick<Application, 'ports'> & { readonly protocol: string | number };

function builtInAs(name: string): readonly Definition[] {
  const definitions = Object.hasOwn(builtIn, name) ? (builtIn[name] ?? '') : '';
  return definitions.split(' ').flatMap((definition) => {
    const [protocol = '', ports] = definition.split('/');
    if (protocol === '') return [];
    return [{ protocol: protocolNumbers[protocol] ?? Number(protocol), ports: ports?.split(',') ?? [] }];
  });
}

function prefixesOf({ protocol, ports }: Definition): readonly Prefix<number>[] {
  const number = typeof protocol === 'number' ? protocol : (protocolNumbers[protocol] ?? 0);
  if (ports.length === 0) return [{ bits: serviceBits(number, 0), length: 8 }];
  return ports.flatMap((each) => {
    const [first = 0, last = first] = String(each).split('-').map(Number);
    return portPrefixes(first, last).map(({ port, length }) => ({
      bits: serviceBits(number, port),
      length: 8 + length,
    }));
  });
}

/** A range of ports as the fewest prefixes of 16 bits. */
function portPrefixes(first: number, last: number) {
  const prefixes: { readonly port: number; readonly length: number }[] = [];
  for (let port = first; port <= last;) {
    let length = 16;
    while (port % (1 << (17 - length)) === 0 && port + (1 << (17 - length)) - 1 <= last) length -= 1;
    prefixes.push({ port, length });
    port += 1 << (16 - length);
  }
  return prefixes;
}

export const builtInNames = (): readonly string[] => Object.keys(builtIn);

const builtIn: Readonly<Record<string, string>> = {
  bgp: 'tcp/179',
  bootpc: 'udp/68',
  bootps: 'udp/67',
  chargen: 'udp/19',
  'dhcp-client': 'udp/68',
  'dhcp-relay': 'udp/67',
  'dhcp-server': 'udp/67',
  discard: 'udp/9 tcp/9',
  dns: 'udp/53 tcp/53',
  'dns-tcp': 'tcp/53',
  'dns-udp': 'udp/53',
  echo: 'udp/7 tcp/7',
  finger: 'tcp/79',
  ftp: 'tcp/21',
  'ftp-data': 'tcp/20',
  gopher: 'tcp/70',
  gre: '47',
  h323: 'tcp/1720',
  http: 'tcp/80',
  https: 'tcp/443',
  'icmp-all': 'icmp',
  'icmp-ping': 'icmp',
  'icmp6-all': 'icmp6',
  ident: 'tcp/113',
  ike: 'udp/500',
  'ike-nat': 'udp/4500',
  imap: 'tcp/143',
  imaps: 'tcp/993',
  ipsec: '50',
  kerberos: 'tcp/88 udp/88',
  l2tp: 'udp/1701',
  ldap: 'tcp/389 udp/389',
  ldaps: 'tcp/636',
  lpr: 'tcp/515',
  mail: 'tcp/25',
  'ms-rpc-epm': 'tcp/135 udp/135',
  'ms-sql': 'tcp/1433',
  mysql: 'tcp/3306',
  nbds: 'udp/138',
  nbname: 'udp/137',
  'netbios-session': 'tcp/139',
  nfs: 'tcp/111,2049 udp/111,2049',
  nntp: 'tcp/119',
  ntp: 'udp/123',
  ospf: '89',
  ping: 'icmp',
  pingv6: 'icmp6',
  pop3: 'tcp/110',
  pop3s: 'tcp/995',
  postgresql: 'tcp/5432',
  pptp: 'tcp/1723',
  printer: 'tcp/515',
  radacct: 'udp/1813',
  radius: 'udp/1812',
  rdp: 'tcp/3389 udp/3389',
  rip: 'udp/520',
  rtsp: 'tcp/554',
  sip: 'udp/5060 tcp/5060',
  smb: 'tcp/139,445',
  smtp: 'tcp/25',
  smtps: 'tcp/465',
  snmp: 'udp/161',
  'snmp-trap': 'udp/162',
  sqlnet: 'tcp/1521',
  ssh: 'tcp/22',
  stun: 'udp/3478-3479 tcp/3478-3479',
  'sun-rpc': 'tcp/111 udp/111',
  syslog: 'udp/514',
  tacacs: 'tcp/49',
  'tcp-any': 'tcp',
  telnet: 'tcp/23',
  tftp: 'udp/69',
  'udp-any': 'udp',
  vnc: 'tcp/5800,5900',
  whois: 'tcp/43',
  'x-windows': 'tcp/6000-6063',
};
