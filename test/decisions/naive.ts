/** What the evaluation of security policies means, as plainly as it can be said. Shares nothing with what it checks. */
import ipaddr from 'ipaddr.js';
import type { Application, Configuration, SecurityPolicy } from '../../shared/configuration/configuration.ts';
import type { Flow } from '../../shared/decisions/flow.ts';
import type { Who } from '../../shared/decisions/who.ts';

type Policies = Pick<Configuration, 'policies' | 'applications' | 'defaultPolicy'>;

const protocols: Record<string, number> = { icmp: 1, tcp: 6, udp: 17, icmp6: 58 };
const builtIn: readonly Application[] = [
  { name: 'https', protocol: 'tcp', ports: [443] },
  { name: 'dns', protocol: 'udp', ports: [53] },
  { name: 'dns', protocol: 'tcp', ports: [53] },
  { name: 'ping', protocol: 'icmp', ports: [] },
];

/** The name of the policy that decides; `undefined` for the default policy. Of nobody in particular: but for the user. */
export const naiveMatch = ({ policies, applications }: Policies, flow: Flow, who?: Who): SecurityPolicy | undefined =>
  policies.find(
    (policy) =>
      ['any', flow.fromZone].includes(policy.fromZone) &&
      ['any', flow.toZone].includes(policy.toZone) &&
      policy.source.some((prefix) => covers(prefix, flow.sourceIp)) &&
      policy.destination.some((prefix) => covers(prefix, flow.destinationIp)) &&
      policy.applications.some((name) => carries(applications, plain(name), flow)) &&
      (who === undefined || policy.sourceIdentity.some((identity) => means(identity.toLowerCase(), who))),
  );

function covers(prefix: string, address: string): boolean {
  if (prefix === 'any') return true;
  const [network, length] = prefix.split('/');
  const [one, other] = [ipaddr.process(network ?? ''), ipaddr.process(address)];
  return one.kind() === other.kind() && other.match(one, Number(length ?? (one.kind() === 'ipv4' ? 32 : 128)));
}

const plain = (name: string) => name.toLowerCase().replace('junos-', '');

function carries(applications: readonly Application[], name: string, flow: Flow): boolean {
  if (name === 'any') return true;
  if (flow.application !== undefined) return plain(flow.application) === name;
  const own = applications.filter((each) => plain(each.name) === name);
  return (own.length > 0 ? own : builtIn.filter((each) => each.name === name)).some(
    ({ protocol, ports }) =>
      (protocols[protocol] ?? protocol) === flow.protocol &&
      (ports.length === 0 || ports.some((each) => within(String(each).split('-').map(Number), flow.destinationPort))),
  );
}

const within = ([first = 0, last = first]: readonly number[], port = 0) => first <= port && port <= last;

function means(identity: string, who: Who): boolean {
  if (identity === 'any') return true;
  if (identity === 'authenticated-user') return who.state === 'valid';
  if (identity === 'unknown-user') return who.state === 'invalid';
  if (identity === 'unauthenticated-user') return ['none', 'init', 'pending'].includes(who.state);
  if (who.state !== 'valid') return false;
  const [, domain = 'global', name = ''] = /^(?:([^\\]*)\\)?(.*)$/.exec(identity) ?? [];
  return (domain === '*' || domain === who.domain.toLowerCase()) && [who.user, ...who.groups].includes(name);
}
