/** What the evaluation of security policies means, as plainly as it can be said. Shares nothing with what it checks. */
import ipaddr from 'ipaddr.js';
import type {
  Application,
  Configuration,
  EndUserProfile,
  SecurityPolicy,
} from '../../shared/configuration/configuration.ts';
import type { Flow } from '../../shared/decisions/flow.ts';
import type { Who } from '../../shared/decisions/who.ts';
import type { Device } from '../../shared/identity/observation.ts';

type Policies = Pick<Configuration, 'policies' | 'applications' | 'defaultPolicy'> &
  Partial<Pick<Configuration, 'endUserProfiles'>>;

const protocols: Record<string, number> = { icmp: 1, tcp: 6, udp: 17, icmp6: 58 };
const builtIn: readonly Application[] = [
  { name: 'https', protocol: 'tcp', ports: [443] },
  { name: 'dns', protocol: 'udp', ports: [53] },
  { name: 'dns', protocol: 'tcp', ports: [53] },
  { name: 'ping', protocol: 'icmp', ports: [] },
];

/** The name of the policy that decides; `undefined` for the default policy. Of nobody in particular: but for the user. */
export const naiveMatch = (
  { policies, applications, endUserProfiles }: Policies,
  flow: Flow,
  who?: Who,
): SecurityPolicy | undefined =>
  policies.find(
    (policy) =>
      ['any', flow.fromZone].includes(policy.fromZone) &&
      ['any', flow.toZone].includes(policy.toZone) &&
      policy.source.some((prefix) => covers(prefix, flow.sourceIp)) &&
      policy.destination.some((prefix) => covers(prefix, flow.destinationIp)) &&
      policy.applications.some((name) => carries(applications, plain(name), flow)) &&
      (who === undefined ||
        (policy.sourceIdentity.some((identity) => means(identity.toLowerCase(), who)) &&
          isOnDevice(policy, endUserProfiles ?? [], who))),
  );

/** Whether the device of somebody is one that a policy takes. */
function isOnDevice({ sourceEndUserProfile = [] }: SecurityPolicy, profiles: readonly EndUserProfile[], who: Who) {
  if (sourceEndUserProfile.length === 0) return true;
  if (who.state !== 'valid') return false;
  return sourceEndUserProfile.some((wanted) => {
    const profile = profiles.find(({ name }) => name === wanted);
    if (!profile || (profile.domain !== null && profile.domain.toLowerCase() !== who.domain.toLowerCase()))
      return false;
    for (const { name, values } of profile.attributes) {
      const folded = values.map((value) => value.toLowerCase());
      if (!toldOf(name, who.device ?? {}).some((value) => folded.includes(value))) return false;
    }
    return true;
  });
}

function toldOf(name: string, device: Device): string[] {
  if (name === 'device-group' || name === 'device-identity-groups') return [...(device.groups ?? [])];
  const fields = { 'device-identity': device.identity, 'device-category': device.category, 'device-vendor': device.vendor, 'device-model': device.model, 'device-os': device.os, 'device-os-version': device.osVersion }; // prettier-ignore
  const [, value] =
    [...Object.entries(fields), ...Object.entries(device.custom ?? {})].find(([each]) => each === name) ?? [];
  return value === undefined ? [] : [value];
}

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
