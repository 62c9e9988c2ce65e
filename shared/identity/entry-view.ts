/** Entries as an answer shows them: instants as ISO 8601 in UTC, what is absent as null. */
import { ServiceError } from '../service-error.ts';
import type { Listed } from './authentication-table.ts';
import { type Entry, entryIn, never } from './entry.ts';
import type { Micros } from './observation.ts';
import { type Reading, silenceView } from './reading.ts';

export const views = ['authentication', 'forwarding'] as const;
export type View = (typeof views)[number];

export type Interested = (domain: string, group: string) => boolean;

/** `authentication` shows everything; `forwarding` what an enforcement point needs: who, and the interested groups. */
export const entryViews: Readonly<Record<View, (listed: Listed, interested: Interested, reading?: Reading) => object>> =
  {
    authentication: ({ ip, item }, interested, reading) => {
      const { state } = item;
      const expiresAt = reading?.endOf(item) ?? item.expiresAt;
      const entry = entryIn(item);
      return {
        ip,
        state,
        domain: entry?.domain ?? null,
        user: entry?.user ?? null,
        groups: entry?.groups ?? [],
        referencedGroups: referencedGroups(entry, interested),
        droppedGroupsNamedByPolicy: droppedGroupsNamed(entry, interested),
        posture: entry?.posture ?? null,
        source: entry?.source ?? null,
        origin: entry?.origin ?? null,
        device: entry?.device ?? {},
        instant: entry ? microsToIso(entry.instant) : null,
        firstSeen: entry ? millisToIso(entry.firstSeen) : null,
        heldSince: entry ? millisToIso(entry.heldSince) : null,
        lastUpdated: entry ? millisToIso(entry.storedAt) : null,
        timeoutMinutes: entry?.timeoutMinutes ?? null,
        expiresAt: isoOrNever(expiresAt),
        reason: item.mark?.reason ?? null,
        receipt: entry?.receipt ?? null,
        silence: silenceView(reading?.silenceOf(item)),
      };
    },
    forwarding: ({ ip, item }, interested, reading) => {
      const entry = entryIn(item);
      return {
        ip,
        state: item.state,
        domain: entry?.domain ?? null,
        user: entry?.user ?? null,
        groups: referencedGroups(entry, interested),
        silence: silenceView(reading?.silenceOf(item)),
      };
    },
  };

/** Groups that a policy names and that the limits dropped: it matches nobody by them, and somebody should know. */
export const droppedGroupsNamed = (entry: Entry | undefined, interested: Interested): readonly string[] =>
  entry?.droppedGroups?.filter((group) => interested(entry.domain, group)) ?? [];

/** Those that some policy names. */
export const referencedGroups = (entry: Entry | undefined, interested: Interested) =>
  entry?.groups.filter((group) => interested(entry.domain, group)) ?? [];

const millisToIso = (at: number) => new Date(at).toISOString();

/** An end, null where there is none. */
export const isoOrNever = (at: number): string | null => (at === never ? null : millisToIso(at));

/** As many fraction digits as the instant has: none, three or six. */
function microsToIso(instant: Micros): string {
  const [seconds = ''] = new Date(Math.floor(instant / 1_000)).toISOString().split('.');
  const fraction = String(instant % 1_000_000)
    .padStart(6, '0')
    .replace(/(000){1,2}$/, '');
  return `${seconds}${fraction && `.${fraction}`}Z`;
}

export function viewOf(text = 'authentication'): View {
  const view = views.find((each) => each === text);
  if (view === undefined) throw new ServiceError('parameter-invalid', `"view" is one of ${views.join(', ')}.`);
  return view;
}
