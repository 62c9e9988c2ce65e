/** The systems behind a tenant's connectors, one of each type, with devices of theirs; and what each of them holds. */
import { type AtpCloud, startAtpCloud } from '../simulators/atp-cloud.ts';
import type { PartialBehaviour } from '../simulators/behaviour.ts';
import { startClearPass } from '../simulators/clearpass.ts';
import { startIse } from '../simulators/ise.ts';
import { startPps } from '../simulators/pps.ts';
import type { Door } from '../simulators/server.ts';
import { startWebhookReceiver } from '../simulators/webhook-receiver.ts';
import { certificateFor } from '../support/certificates.ts';

export type Held = 'free' | 'quarantined' | 'blocked';

export interface Host {
  readonly ip: string;
  readonly mac: string;
}

export interface ConnectorSystems {
  readonly hosts: readonly Host[];
  readonly cloud: AtpCloud;
  /** `threatResponse` of a configuration with all of them. */
  readonly settings: object;
  /** What the system that has the host's address holds it for. */
  readonly holds: (host: Host) => Held;
  /** All of them, the feed too. */
  readonly behave: (told: PartialBehaviour) => void;
  readonly stop: () => Promise<void>;
}

const types = ['pulse-policy-secure', 'cisco-ise', 'clearpass', 'webhook'] as const;
const signing = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;

/** Other tenants' systems know the same addresses and MACs. */
export async function startConnectorSystems(hostsOfType: number, seed: number): Promise<ConnectorSystems> {
  const certificate = await certificateFor('127.0.0.1', 'localhost');
  const [pps, ise, clearPass, receiver, cloud] = await Promise.all([
    startPps({ seed, certificate }),
    startIse({ seed: seed + 1, certificate }),
    startClearPass({ seed: seed + 2, certificate }),
    startWebhookReceiver({ seed: seed + 3, certificate }),
    startAtpCloud({ seed: seed + 4, certificate, tokens: ['the token'] }),
  ]);
  cloud.allow(Infinity);
  const all = [pps, ise, clearPass, receiver, cloud];
  const doors: Readonly<Record<(typeof types)[number], Door>> = {
    'pulse-policy-secure': pps.server,
    'cisco-ise': ise.server,
    clearpass: clearPass.server,
    webhook: receiver.server,
  };
  const hosts = types.flatMap((_, type) =>
    Array.from({ length: hostsOfType }, (_each, index) => ({
      ip: `10.${240 + type}.0.${1 + index}`,
      mac: `00:11:22:4${type}:00:${(1 + index).toString(16).padStart(2, '0')}`,
    })),
  );
  const typeOf = ({ ip }: Host) => types[Number(ip.split('.')[1]) - 240] ?? 'webhook';
  for (const host of hosts) {
    if (typeOf(host) === 'cisco-ise') ise.login(host.ip, host.mac);
    if (typeOf(host) === 'clearpass') clearPass.addEndpoint(host.mac);
  }

  const connectors = types.map((type, at) => ({
    name: type,
    type,
    ...doors[type],
    connectMethod: 'http',
    username: type === 'webhook' ? '' : 'postern',
    password: type === 'webhook' ? signing : 'the password',
    subnets: [`10.${240 + at}.0.0/16`],
    settings: type === 'cisco-ise' ? { quarantinePolicy: 'Quarantine', blockPolicy: 'Block' } : {},
  }));
  const rules = [
    { minLevel: 7, event: 'quarantine-endpoint' },
    { minLevel: 9, event: 'block-endpoint' },
  ];
  const atpCloud = { enabled: true, ...cloud.server, connectMethod: 'http', token: 'the token', pollMinutes: 5, rules };

  /** Each id once, in the order in which they came: what was said last holds. */
  function lastTold(ip: string): Held {
    const told = receiver
      .deliveries()
      .map(({ event }) => event.data as { readonly ip?: string; readonly state?: Held });
    return told.findLast((each) => each.ip === ip)?.state ?? 'free';
  }

  return {
    hosts,
    cloud,
    settings: { connectors, feeds: { atpCloud }, guards: { mostActions: 0 } },
    holds(host) {
      switch (typeOf(host)) {
        case 'pulse-policy-secure': {
          const held = pps.holds()[host.ip] ?? [];
          return held.includes('blocked') ? 'blocked' : (held[0] ?? 'free');
        }
        case 'cisco-ise': {
          const policy = ise.applied()[host.mac.toUpperCase()];
          return policy === undefined ? 'free' : policy === 'Block' ? 'blocked' : 'quarantined';
        }
        case 'clearpass': {
          const status = clearPass.attributesOf(host.mac)?.sdsnEpStatus;
          return status === 'blocked' ? 'blocked' : status === 'quarantine' ? 'quarantined' : 'free';
        }
        case 'webhook':
          return lastTold(host.ip);
      }
    },
    behave: (told) => {
      for (const each of all) each.behave(told);
    },
    stop: async () => {
      await Promise.all(all.map(async (each) => each.stop()));
    },
  };
}
