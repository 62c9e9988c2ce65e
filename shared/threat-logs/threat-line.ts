/** What a threat log tells: of whom, of what, seen by which firewall and when. */
import { type IpAddress, readAddress } from '../identity/address.ts';
import { shortened, tidied } from '../journal/shown-text.ts';
import type { StructuredLine } from '../wire/syslog/structured-line.ts';
import { type ThreatKind, threatTags, type ThreatTag } from './threat-tag.ts';

export interface ThreatLine {
  readonly tag: ThreatTag;
  /** As it calls itself. */
  readonly firewall: string | null;
  /** Epoch milliseconds by the firewall's clock; null where it says no time that can be told. */
  readonly at: number | null;
  /** Whose entry it is about; null where it names nobody. */
  readonly about: IpAddress | null;
  readonly source: IpAddress | null;
  readonly destination: IpAddress | null;
  /** Of the attack, the virus or the application that is attacked. */
  readonly threat: string | null;
  readonly severity: string | null;
  readonly action: string | null;
  /** Who is at the source, as the firewall knows. */
  readonly user: string | null;
}

/** What firewalls write where they know nothing. */
const emptyMarks = new Set(['', '-', 'N/A', 'None', '0.0.0.0']);

export function threatLineOf(tag: ThreatTag, line: StructuredLine): ThreatLine {
  const said = keysIn(line);
  const source = addressIn(said('source-address'));
  const destination = addressIn(said('destination-address'));
  return {
    tag,
    firewall: line.host,
    at: line.at ?? epochIn(said('epoch-time')),
    about: isFromServer(threatTags[tag], said('source-port')) ? destination : source,
    source,
    destination,
    threat: shown(said('attack-name') ?? said('name') ?? said('ddos-application-name')),
    severity: shown(said('threat-severity')),
    action: shown(said('action')),
    user: shown(said('username')),
  };
}

/** A line has room for 64 kB of anything, and what is told of it goes where there is less. */
function shown(text: string | null): string | null {
  const readable = text === null ? '' : tidied(shortened(text));
  return readable === '' ? null : readable;
}

/** A virus that comes from a web server infects whom it comes to. */
const isFromServer = (kind: ThreatKind, sourcePort: string | null) => kind === 'antivirus' && sourcePort === '80';

/** The firewall's own element says it before any that a collector added. */
function keysIn({ elements }: StructuredLine): (key: string) => string | null {
  const own = elements.filter(({ id }) => id.startsWith('junos@'));
  const all = new Map<string, string>();
  for (const { params } of own.length > 0 ? own : elements) {
    for (const [name, value] of params) if (!all.has(name) && !emptyMarks.has(value)) all.set(name, value);
  }
  return (key) => all.get(key) ?? null;
}

const addressIn = (text: string | null): IpAddress | null =>
  text === null ? null : (readAddress(text).address ?? null);

/** Seconds. */
function epochIn(text: string | null): number | null {
  return text !== null && /^\d{9,11}$/.test(text) ? Number(text) * 1_000 : null;
}
