/**
 * The lines that go on to ClearPass: those of screens, IDP and Content Security that tell of a threat, with the suffix
 * of logical systems or without. Source: Juniper, "Filter and Rate-Limit Threat and Attack Logs", table 4. Whatever else a firewall
 * writes (sessions, web filtering, SecIntel, content filtering) stays behind.
 */
import { type TagPlace, tagPlaceIn } from '../wire/syslog/tag.ts';

export type ThreatKind = 'screen' | 'idp' | 'antivirus' | 'antispam' | 'application-ddos';

/** Without the suffix. */
export const threatTags = {
  RT_SCREEN_ICMP: 'screen',
  RT_SCREEN_IP: 'screen',
  RT_SCREEN_TCP: 'screen',
  RT_SCREEN_TCP_DST_IP: 'screen',
  RT_SCREEN_TCP_SRC_IP: 'screen',
  RT_SCREEN_UDP: 'screen',
  AV_VIRUS_DETECTED_MT: 'antivirus',
  ANTISPAM_SPAM_DETECTED_MT: 'antispam',
  IDP_APPDDOS_APP_ATTACK_EVENT: 'application-ddos',
  IDP_APPDDOS_APP_STATE_EVENT: 'application-ddos',
  IDP_ATTACK_LOG_EVENT: 'idp',
} as const satisfies Readonly<Record<string, ThreatKind>>;

export type ThreatTag = keyof typeof threatTags;

const logicalSystem = '_LS';

const byName = new Map<string, ThreatTag>(
  (Object.keys(threatTags) as ThreatTag[]).flatMap((tag) => [
    [tag, tag] as const,
    [`${tag}${logicalSystem}`, tag] as const,
  ]),
);

const lengths = [...byName.keys()].map(({ length }) => length);
const [shortest, longest] = [Math.min(...lengths), Math.max(...lengths)];

export interface TaggedLine {
  /** `undefined`: it is of no interest. */
  readonly tag: ThreatTag | undefined;
  readonly place: TagPlace;
}

/** `undefined`: it does not say what it is. */
export function tagged(line: Uint8Array): TaggedLine | undefined {
  const place = tagPlaceIn(line);
  return place && { tag: threatTagAt(line, place), place };
}

function threatTagAt(line: Uint8Array, { tagAt, tagEnd }: TagPlace): ThreatTag | undefined {
  // Nearly all lines are told apart by their length or by two characters, before a text is made of anything.
  const length = tagEnd - tagAt;
  if (length < shortest || length > longest || !beginsLikeOne(line, tagAt)) return undefined;
  return byName.get(String.fromCharCode(...line.subarray(tagAt, tagEnd)));
}

/** `RT_S`, `AV_V`, `ANTI`, `IDP_`: the first and the fourth character. */
function beginsLikeOne(line: Uint8Array, at: number): boolean {
  switch (line[at]) {
    case 0x52: // R
      return line[at + 3] === 0x53; // S
    case 0x41: // A
      return line[at + 3] === 0x56 || line[at + 3] === 0x49; // V, I
    case 0x49: // I
      return line[at + 3] === 0x5f; // _
    default:
      return false;
  }
}
