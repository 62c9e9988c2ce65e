/** `measured-threat-logs.ts READER`: what it costs to find the threats among 200,000 lines that a relay sends. */
import { createHash } from 'node:crypto';
import { countByFirewall } from '../../shared/threat-logs/count-by-firewall.ts';
import { threatLineOf } from '../../shared/threat-logs/threat-line.ts';
import { tagged, type ThreatTag, threatTags } from '../../shared/threat-logs/threat-tag.ts';
import { framesOf } from '../../shared/wire/syslog/frames.ts';
import { readStructured } from '../../shared/wire/syslog/structured-line.ts';
import { tagPlaceIn } from '../../shared/wire/syslog/tag.ts';
import { firewallLogs } from './firewall-logs.ts';
import { type Cost, costOf } from './stopwatch.ts';

export type Reader = 'filter first' | 'full parse' | 'glossy' | 'nsyslog-parser';

export interface Told extends Cost {
  /** SHA-256 of what was read. */
  readonly input: string;
  /** How many lines were threats, and SHA-256 of which of them. */
  readonly threats: number;
  readonly which: string;
}

const byTag = new Map<string, ThreatTag>(
  (Object.keys(threatTags) as ThreatTag[]).flatMap(
    (tag) =>
      [
        [tag, tag],
        [`${tag}_LS`, tag],
      ] as const,
  ),
);

/** Whether a line is of a threat, once as much of it is read as this reader reads. */
type IsThreat = (line: Uint8Array) => boolean;

const readsBy: Readonly<Record<Reader, () => Promise<IsThreat>>> = {
  /** As a request is received: whose lines do not go on is counted, and what does is read whole. */
  'filter first': async () => {
    const filtered = countByFirewall();
    return Promise.resolve((line) => {
      const found = tagged(line);
      if (found?.tag === undefined) {
        if (found) filtered.count(line, found.place);
        return false;
      }
      const { read } = readStructured(line, found.place);
      return read !== undefined && threatLineOf(found.tag, read).tag === found.tag;
    });
  },
  'full parse': async () =>
    Promise.resolve((line) => {
      const place = tagPlaceIn(line);
      const { read } = place ? readStructured(line, place) : {};
      const tag = byTag.get(read?.tag ?? '');
      return read !== undefined && tag !== undefined && threatLineOf(tag, read).tag === tag;
    }),
  'nsyslog-parser': async () => {
    const { default: parse } = (await load('nsyslog-parser')) as { default: (line: string) => { messageid?: string } };
    return (line) => byTag.has(parse(textOf(line)).messageid ?? '');
  },
  glossy: async () => {
    const { default: glossy } = (await load('glossy')) as { default: { Parse: { parse: (line: string) => { msgID?: string | null } } } }; // prettier-ignore
    return (line) => byTag.has(glossy.Parse.parse(textOf(line)).msgID ?? '');
  },
};

/** They have no types. */
const load = async (name: string): Promise<unknown> => import(name);
const textOf = (line: Uint8Array) => Buffer.from(line.buffer, line.byteOffset, line.length).toString();

const [, , reader] = process.argv;
const isThreat = await readsBy[reader as Reader]();
const { bodies, hash: input } = firewallLogs();

threatsIn(bodies.slice(0, 8)); // until the code is warm
const { result: threats, ...cost } = await costOf(() => threatsIn(bodies));

const told: Told = {
  ...cost,
  input,
  threats: threats.length,
  which: createHash('sha256').update(threats.join()).digest('hex'),
};
process.stdout.write(JSON.stringify(told));

/** The numbers of their lines. */
function threatsIn(among: readonly Uint8Array[]): number[] {
  const found: number[] = [];
  let number = 0;
  for (const body of among) {
    for (const { line } of framesOf(body)) {
      number += 1;
      if (line && isThreat(line)) found.push(number);
    }
  }
  return found;
}
