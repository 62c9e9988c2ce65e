/**
 * Ten thousand security policies as a large site has them, and a thousand flows that ask about them: half of them meant
 * for some policy, half for none. The same ones in every run.
 */
import { type Configuration, defaults, type SecurityPolicy } from '../../shared/configuration/configuration.ts';
import type { Flow } from '../../shared/decisions/flow.ts';
import type { Who } from '../../shared/decisions/who.ts';
import { ipAddress } from '../../shared/identity/address.ts';

export const sites = { 'eight zones': 8, 'one pair of zones': 1 } as const;
export type Site = keyof typeof sites;

export interface Asked {
  readonly flow: Flow;
  readonly who: Who;
}

export const servicePorts = { https: 443, http: 80, ssh: 22, smtp: 25, ldaps: 636, imaps: 993, mysql: 3306, telnet: 23 }; // prettier-ignore

const policyCount = 10_000;
const flowCount = 1_000;

export function largeSite(site: Site): { readonly configuration: Configuration; readonly asked: readonly Asked[] } {
  const chance = chances(1);
  const oneOf = <Word>(words: readonly Word[]) => words[chance(words.length)] as Word;
  const someOf = <Word>(one: () => Word) => Array.from({ length: 1 + chance(3) }, one);
  const [network, subnet] = [() => `10.${chance(64)}.0.0/16`, () => `10.${chance(64)}.${chance(16)}.0/24`];
  const host = () => `10.${chance(64)}.${chance(16)}.${1 + chance(20)}`;
  const zone = () => `zone-${chance(sites[site])}`;
  const group = () => `group-${chance(400)}`;
  const service = () => oneOf(Object.keys(servicePorts));

  const policies = Array.from({ length: policyCount }, (_, index): SecurityPolicy => {
    const isFor = { source: chance(4), destination: chance(8), applications: chance(8), sourceIdentity: chance(16) };
    return {
      name: `policy-${index}`,
      fromZone: zone(),
      toZone: zone(),
      source: isFor.source === 0 ? ['any'] : someOf(oneOf([network, subnet])),
      destination: isFor.destination === 0 ? ['any'] : someOf(oneOf([subnet, host])),
      applications: isFor.applications === 0 ? ['any'] : someOf(service),
      sourceIdentity: isFor.sourceIdentity === 0 ? ['any'] : someOf(() => `acme\\${group()}`),
      action: oneOf(['permit', 'deny', 'reject']),
      log: false,
    };
  });

  const asked = Array.from({ length: flowCount }, (_, index): Asked => {
    const meant = index % 2 === 0 ? oneOf(policies) : undefined;
    const inside = (prefix = 'any') => (prefix === 'any' ? host() : prefix.replace(/\.0\/\d+$/, '.9'));
    const named = meant?.sourceIdentity[0] ?? 'any';
    const groups = ['posture-healthy', ...Array.from({ length: 4 }, group), named.replace('acme\\', '')];
    const application = meant?.applications[0] ?? 'any';
    return {
      flow: {
        sourceIp: ipAddress(inside(meant?.source[0])),
        destinationIp: inside(meant?.destination[0]),
        fromZone: meant?.fromZone ?? zone(),
        toZone: meant?.toZone ?? zone(),
        protocol: 6,
        destinationPort: servicePorts[(application === 'any' ? service() : application) as keyof typeof servicePorts],
      },
      who: { state: 'valid', domain: 'acme', user: `user-${index}`, groups, origin: 'aruba-clearpass' },
    };
  });
  return { configuration: { ...defaults, policies }, asked };
}

/** Chances that are the same in every run: xorshift, which scatters well enough. */
export function chances(seed: number) {
  let state = seed;
  return (outcomes: number) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % outcomes;
  };
}
