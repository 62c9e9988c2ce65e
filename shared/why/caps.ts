/** What of a logon the limits left out, and whether a policy would have wanted it. */
import { type Interested, droppedGroupsNamed } from '../identity/entry-view.ts';
import type { Entry } from '../identity/entry.ts';
import type { StoryLine } from '../journal/story.ts';
import { isCap } from './refusals.ts';
import { iso, nameOf } from './words.ts';

export interface Cap {
  /** ISO 8601; null: of the entry that is there. */
  readonly at: string | null;
  readonly code: string;
  readonly message: string;
  readonly groups: readonly string[];
}

/** Of the entry that is there, and of the lines of the story that tell of such. */
export function capsOf(entry: Entry | undefined, lines: readonly StoryLine[], interested: Interested): readonly Cap[] {
  const told = lines.filter(isCap).map(({ at, code, message }) => ({ at: iso(at), code, message, groups: [] }));
  const dropped = entry?.droppedGroups ?? [];
  if (entry === undefined || dropped.length === 0) return told;
  const named = droppedGroupsNamed(entry, interested);
  const there: Cap = { at: null, code: 'dropped-groups', message: `Of the groups of ${nameOf(entry)} these did not fit.`, groups: dropped }; // prettier-ignore
  const wanted: Cap = { at: null, code: 'dropped-groups-named-by-policy', message: `Policies name groups of ${nameOf(entry)} that did not fit: they do not take effect.`, groups: named }; // prettier-ignore
  return [...(named.length > 0 ? [wanted] : []), there, ...told];
}
