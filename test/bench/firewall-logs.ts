/**
 * What a relay of five firewalls sends, in bodies as large as a request may be: 200,000 lines, mostly of sessions, some of web
 * filtering, and one in forty of a threat. The same ones in every run.
 */
import { createHash } from 'node:crypto';
import { type ThreatTag, threatTags } from '../../shared/threat-logs/threat-tag.ts';
import { firewallLine, type OtherTag } from '../support/firewall-lines.ts';
import { maxBytes } from './bodies.ts';
import { chances } from './many-policies.ts';

export const lineCount = 200_000;

/** SHA-256 of all of them. */
export const expectedHash = '24e690627a1d2721c2aecba2f510512d719dd39770b919e47a0ba02d584890a8';

/** In a thousand lines. What is left are threats. */
const mix: readonly (readonly [OtherTag, number])[] = [
  ['RT_FLOW_SESSION_CLOSE', 400],
  ['RT_FLOW_SESSION_CREATE', 350],
  ['RT_FLOW_SESSION_DENY', 60],
  ['RT_FLOW_SESSION_CLOSE_LS', 40],
  ['APPTRACK_SESSION_CLOSE', 45],
  ['WEBFILTER_URL_PERMITTED', 60],
  ['WEBFILTER_URL_BLOCKED', 10],
  ['SECINTEL_ACTION_LOG', 5],
  ['RT_SCREEN_SESSION_LIMIT', 5],
];

const threats = Object.keys(threatTags) as ThreatTag[];

export interface FirewallLogs {
  readonly bodies: readonly Buffer[];
  readonly hash: string;
}

export function firewallLogs(): FirewallLogs {
  const chance = chances(8);
  const hash = createHash('sha256');
  const bodies: Buffer[] = [];
  let lines: string[] = [];
  let bytes = 0;
  for (let index = 0; index < lineCount; index += 1) {
    const line = `${lineOf(chance, index)}\n`;
    if (bytes + line.length > maxBytes) {
      bodies.push(Buffer.from(lines.join('')));
      [lines, bytes] = [[], 0];
    }
    lines.push(line);
    bytes += line.length;
  }
  bodies.push(Buffer.from(lines.join('')));
  for (const body of bodies) hash.update(body);
  return { bodies, hash: hash.digest('hex') };
}

function lineOf(chance: (outcomes: number) => number, index: number): string {
  const tag = tagOf(chance(1_000)) ?? threats[chance(threats.length)] ?? 'RT_SCREEN_TCP';
  const suffix = tag in threatTags && chance(4) === 0 ? '_LS' : '';
  return firewallLine(
    tag,
    {
      time: new Date(1_772_362_800_000 + index * 5).toISOString(),
      firewall: `srx-${1 + chance(5)}`,
      source: `10.${chance(64)}.${chance(16)}.${1 + chance(200)}`,
      sourcePort: 1_024 + chance(60_000),
      destination: `198.51.100.${1 + chance(250)}`,
      destinationPort: [443, 443, 443, 80, 53, 22][chance(6)] ?? 443,
      user: chance(3) === 0 ? 'N/A' : `EXAMPLE\\person${chance(3_000)}`,
      number: chance(1_000_000),
    },
    tag + suffix,
  );
}

function tagOf(drawn: number): OtherTag | undefined {
  let below = 0;
  return mix.find(([, share]) => drawn < (below += share))?.[0];
}
