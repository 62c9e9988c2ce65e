/** Which firewalls the lines are of that do not go on: whoever sends but flows is not silent. */
import type { TagPlace } from '../wire/syslog/tag.ts';
import type { LogCount } from './log-table.ts';

export type CountByFirewall = ReturnType<typeof countByFirewall>;

interface Tally {
  readonly name: Uint8Array;
  lines: number;
}

/** A site has fewer; whoever makes up names is counted without them. */
const mostFirewalls = 200;

const utf8 = new TextDecoder();

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
