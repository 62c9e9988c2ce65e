/** Why, as an answer shows it: times as ISO 8601 in UTC, what is absent as null. */
import { interestedGroups } from '../decisions/interested-groups.ts';
import type { Listed } from '../identity/authentication-table.ts';
import { entryViews } from '../identity/entry-view.ts';
import type { StoryLine } from '../journal/story.ts';
import type { AddressStory } from './explain-address.ts';
import type { UserStory } from './explain-user.ts';
import type { Event } from './timeline.ts';
import { iso } from './words.ts';

export const addressStoryView = (story: AddressStory, next: string | null) => ({
  ip: story.ip,
  code: story.code,
  answer: story.answer,
  state: story.state,
  entry: story.entry ? viewOf(story.entry, story) : null,
  holds: story.holds,
  silence: story.silence,
  hints: story.hints,
  expiry: story.expiry ?? null,
  search: story.search,
  filters: story.filters,
  caps: story.caps,
  asking: story.asking,
  queries: story.queries.map(lineView),
  policies: story.policies,
  timeline: story.timeline.map(eventView),
  next,
});

const viewOf = (listed: Listed, { configuration, reading }: Pick<AddressStory, 'configuration' | 'reading'>) =>
  entryViews.authentication(listed, interestedGroups(configuration.policies), reading);

export const eventView = ({ at, ...event }: Event) => ({
  at: iso(at),
  kind: event.kind,
  code: event.code,
  message: event.message,
  user: event.user ?? null,
  domain: event.domain ?? null,
  receipt: event.receipt ?? null,
});

export const lineView = ({ at, ...line }: StoryLine) => ({
  at: iso(at),
  kind: line.kind,
  code: line.code,
  message: line.message,
  ip: line.ip ?? null,
  user: line.user ?? null,
  domain: line.domain ?? null,
  receipt: line.receipt ?? null,
  entry: line.entry ?? null,
});

export const userStoryView = (story: UserStory, next: string | null) => ({
  user: story.wanted.user,
  domain: story.wanted.domain ?? null,
  code: story.code,
  answer: story.answer,
  entries: story.found.map(({ listed }) => viewOf(listed, story)),
  silences: story.silences,
  traces: story.traces.map(({ at, code, ip, slot, user, domain, message }) => ({
    at: iso(at),
    code,
    ip,
    slot,
    user,
    domain,
    message,
  })),
  hints: story.hints,
  caps: story.caps,
  policies: story.policies,
  timeline: story.timeline.map(eventView),
  leftOut: story.leftOut,
  complete: story.complete === 'yes',
  next,
});
