/** Who is at the address that was asked about, by what ClearPass answered: somebody, exactly as if posted, or nobody. */
import { type IpAddress, readAddress } from '../identity/address.ts';
import type { Logon } from '../identity/observation.ts';
import { type Fault, type Note, observe } from '../identity/observe.ts';
import type { PostedEntry } from '../wire/clearpass/posted-entry.ts';
import type { AnswerNote, UserRecord } from '../wire/clearpass/user-answer.ts';
import type { ReportNote } from '../wire/jims/report.ts';

export type Mapping =
  | { readonly kind: 'user'; readonly logon: Logon; readonly notes: readonly MappingNote[] }
  | { readonly kind: 'nobody'; readonly reason: NobodyReason };

export interface MappingNote {
  readonly code: Note['code'] | AnswerNote['code'] | ReportNote['code'];
  readonly message: string;
}

/** Part of the API: add codes, never rename them. `docs/user-query.md` says what each means. */
export type NobodyReason =
  'no-record' | 'other-address' | 'no-user' | 'user-offline' | 'domain-filtered' | Fault['code'];

/** What an entry that we asked for shows as its source. */
const source = 'Aruba ClearPass';

/** Of several records the newest of somebody who is online here; those without an instant come last. */
export function mappingOf(
  records: readonly UserRecord[],
  { ip, now }: { readonly ip: IpAddress; readonly now: number },
): Mapping {
  if (records.length === 0) return nobody('no-record');
  const here = records.filter((record) => isAt(record, ip));
  if (here.length === 0) return nobody('other-address');
  const named = here.filter(({ user }) => user !== undefined);
  if (named.length === 0) return nobody('no-user');
  const [newest] = named
    .filter(({ presence }) => presence !== 'offline')
    .sort((one, other) => (other.updatedAt ?? -1) - (one.updatedAt ?? -1));
  if (newest === undefined) return nobody('user-offline');

  const observed = observe(postedFrom(newest, ip), { origin: 'aruba-clearpass', arrivedAt: now, order: 'by-instant' });
  if ('fault' in observed) return nobody(observed.fault.code);
  const { observation, notes } = observed;
  if (observation.operation !== 'logon') return nobody('no-user');
  return { kind: 'user', logon: observation, notes: [...newest.notes, ...notes].map(({ code, message }) => ({ code, message })) }; // prettier-ignore
}

const nobody = (reason: NobodyReason): Mapping => ({ kind: 'nobody', reason });

/** A record that tells no address is of the one that was asked. */
function isAt({ ip, ipv6 }: UserRecord, asked: IpAddress): boolean {
  const told = [ip, ipv6].filter((text) => text !== undefined);
  return told.length === 0 || told.some((text) => readAddress(text).address === asked);
}

/** The record as ClearPass would have posted it, so that it is folded, bounded and grouped as posts are. */
function postedFrom(record: UserRecord, ip: IpAddress): PostedEntry {
  const { user, domain, roles, posture, updatedAt, mac, deviceName, deviceCategory, deviceFamily } = record;
  const custom = [
    ...(mac === undefined ? [] : [['MAC-Address', mac] as const]),
    ...(deviceFamily === undefined ? [] : [['device-family', deviceFamily] as const]),
  ];
  return {
    operation: 'logon',
    ip,
    source,
    ...(user !== undefined && { user }),
    ...(domain !== undefined && { domain }),
    ...(updatedAt !== undefined && { timestamp: timestampOf(updatedAt) }),
    roles,
    ...(posture !== undefined && { posture }),
    device: {
      ...(deviceName !== undefined && { identity: deviceName }),
      groups: [],
      ...(deviceCategory !== undefined && { category: deviceCategory }),
      custom,
    },
    notes: [],
    line: 1,
    column: 1,
  };
}

/** As posts write it, to the microsecond. */
export function timestampOf(micros: number): string {
  const toTheSecond = new Date(Math.floor(micros / 1_000)).toISOString().slice(0, 19);
  return `${toTheSecond}.${String(micros % 1_000_000).padStart(6, '0')}Z`;
}
