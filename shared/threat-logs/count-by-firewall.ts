/** Of which firewalls lines are. A name is what a line says, so it is bounded in length and number before it is kept. */
import type { TagPlace } from '../wire/syslog/tag.ts';
import type { LineFault, LogCount } from './log-table.ts';

/** Of RFC 5424. It stands in a key, which has room for its 765 bytes of UTF-8 and not for any length. */
const longestName = 255;
/** Of one request. A site has fewer; whoever makes up names is counted without them. */
export const mostFirewalls = 200;
/** Of a tenant, whatever number of requests there are: what is kept of made-up names has an end, and so has reading it. */
export const mostFirewallsADay = 1_000;

/** One of each outcome and tag, for so many firewalls at most; what is of others is of nobody. */
export function groupedByFirewall(counts: readonly LogCount[]): ReadonlyMap<string | null, readonly LogCount[]> {
  const names = new Set<string>();
  const known = (firewall: string | null): string | null => {
    if (firewall === null || firewall.length > longestName) return null;
    if (names.size < mostFirewalls) names.add(firewall);
    return names.has(firewall) ? firewall : null;
  };
  const groups = Map.groupBy(counts, ({ firewall }) => known(firewall));
  return new Map([...groups].map(([firewall, ofIt]) => [firewall, summed(firewall, ofIt)]));
}

function summed(firewall: string | null, counts: readonly LogCount[]): readonly LogCount[] {
  const same = Map.groupBy(counts, ({ became, tag, fault }) => `${became} ${tag} ${fault}`);
  return [...same.values()].flatMap((group) => {
    const [first] = group;
    return first ? [{ ...first, firewall, lines: group.reduce((sum, { lines }) => sum + lines, 0) }] : [];
  });
}

/** Of the lines that cannot be read, by what is wrong with them: of a firewall and a tag, where so much could be read. */
export function countMalformed() {
  const tallies = new Map<string, LogCount>();

  return {
    count(fault: LineFault, { firewall, tag }: Pick<LogCount, 'firewall' | 'tag'> = ofNobody): void {
      const key = `${fault} ${tag} ${firewall}`;
      const lines = (tallies.get(key)?.lines ?? 0) + 1;
      tallies.set(key, { firewall, tag, became: 'malformed', fault, lines });
    },
    counts: (): readonly LogCount[] => [...tallies.values()],
  };
}

const ofNobody = { firewall: null, tag: null };

/** Of the lines that do not go on: whoever sends but flows is not silent. */
export type CountByFirewall = ReturnType<typeof countByFirewall>;

interface Tally {
  readonly name: Uint8Array;
  lines: number;
}

/** With a mark of order in front it is another name. */
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** As it calls itself; null where it does not. */
export function firewallAt(line: Uint8Array, { hostAt, hostEnd }: TagPlace): string | null {
  const name = utf8.decode(line.subarray(hostAt, hostEnd));
  return name === '-' ? null : name;
}

/** A site's firewalls are few and differ in the end of their names: a name is compared with the last that ended so, and seldom read. */
export function countByFirewall() {
  const tallies = new Map<string, Tally>();
  const lastByEnd: (Tally | undefined)[] = [];

  return {
    count(line: Uint8Array, { hostAt, hostEnd }: TagPlace): void {
      const end = line[hostEnd - 1] ?? 0;
      const last = lastByEnd[end];
      const tally = last && isAt(line, hostAt, hostEnd, last.name) ? last : tallyOf(line.subarray(hostAt, hostEnd));
      lastByEnd[end] = tally;
      tally.lines += 1;
    },
    counts: (): readonly LogCount[] =>
      [...tallies].map(([name, { lines }]) => ({ firewall: name === '-' ? null : name, tag: null, became: 'filtered', lines })), // prettier-ignore
  };

  function tallyOf(name: Uint8Array): Tally {
    const said = utf8.decode(name);
    const text = tallies.has(said) || tallies.size < mostFirewalls ? said : '-';
    const tally = tallies.get(text) ?? { name, lines: 0 };
    tallies.set(text, tally);
    return tally;
  }
}

function isAt(line: Uint8Array, at: number, end: number, name: Uint8Array): boolean {
  if (end - at !== name.length) return false;
  for (let index = 0; index < name.length; index += 1) if (line[at + index] !== name[index]) return false;
  return true;
}
