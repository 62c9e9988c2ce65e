/** The plain stack's decisions: policies read once into numbers and sets, then looked through one after another. */
import type { Configuration, SecurityPolicy } from '../../shared/configuration/configuration.ts';
import { type Asked, servicePorts } from './many-policies.ts';

const ports = new Map(Object.entries(servicePorts));

interface Prefix {
  readonly network: number;
  readonly mask: number;
}

interface Read {
  readonly name: string;
  readonly fromZone: number;
  readonly toZone: number;
  readonly source: readonly Prefix[];
  readonly destination: readonly Prefix[];
  readonly ports: ReadonlySet<number> | 'any';
  readonly identities: ReadonlySet<string> | 'any';
}

/** The name of the policy that decides about a flow. */
export function plainDecisions({ policies }: Configuration): (asked: Asked) => string {
  const zones = new Map([['any', anyZone]]);
  for (const { fromZone, toZone } of policies) {
    for (const zone of [fromZone, toZone]) if (!zones.has(zone)) zones.set(zone, zones.size);
  }
  const all = policies.map((policy) => read(policy, zones));
  return ({ flow, who }) => {
    const [source, destination] = [numberOf(flow.sourceIp), numberOf(flow.destinationIp)];
    const { destinationPort: port = 0 } = flow;
    const identities = who.state === 'valid' ? [who.user, ...who.groups].map((name) => `${who.domain}\\${name}`) : [];
    const [fromZone, toZone] = [zones.get(flow.fromZone), zones.get(flow.toZone)];
    for (const policy of all) {
      if (policy.fromZone !== fromZone && policy.fromZone !== anyZone) continue;
      if (policy.toZone !== toZone && policy.toZone !== anyZone) continue;
      if (!covers(policy.source, source)) continue;
      if (!covers(policy.destination, destination)) continue;
      if (policy.ports !== 'any' && !policy.ports.has(port)) continue;
      if (policy.identities === 'any' || isOneOf(identities, policy.identities)) return policy.name;
    }
    return 'default-policy';
  };
}

const anyZone = 0;

const read = (policy: SecurityPolicy, zones: ReadonlyMap<string, number>): Read => ({
  name: policy.name,
  fromZone: zones.get(policy.fromZone) ?? anyZone,
  toZone: zones.get(policy.toZone) ?? anyZone,
  source: policy.source.map(prefixOf),
  destination: policy.destination.map(prefixOf),
  ports: policy.applications.includes('any') ? 'any' : new Set(policy.applications.map((name) => ports.get(name) ?? 0)),
  identities: policy.sourceIdentity.includes('any') ? 'any' : new Set(policy.sourceIdentity),
});

function prefixOf(text: string): Prefix {
  const [address = '', length = '32'] = text.split('/');
  const mask = text === 'any' ? 0 : -1 << (32 - Number(length));
  return { network: text === 'any' ? 0 : numberOf(address) & mask, mask };
}

function numberOf(address: string): number {
  const [a = 0, b = 0, c = 0, d = 0] = address.split('.').map(Number);
  return (a << 24) | (b << 16) | (c << 8) | d;
}

function covers(prefixes: readonly Prefix[], address: number): boolean {
  for (const { network, mask } of prefixes) if ((address & mask) === network) return true;
  return false;
}

function isOneOf(identities: readonly string[], named: ReadonlySet<string>): boolean {
  for (const identity of identities) if (named.has(identity)) return true;
  return false;
}
