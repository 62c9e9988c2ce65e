/** Lines of a story by what they mean for whoever is missed. */
import type { StoryLine } from '../journal/story.ts';

/** Codes of entries that were not stored at all; those that can also be of a stored one are not among them. */
const refusing: ReadonlySet<string> = new Set([
  'operation-missing',
  'operation-unknown',
  'ip-missing',
  'ip-invalid',
  'user-missing',
  'user-too-long',
  'domain-too-long',
  'timestamp-unreadable',
  'field-not-text',
  'address-excluded',
  'entry-limit',
]);

/** Codes of what was left out of an entry that stands. */
const leavingOut: ReadonlySet<string> = new Set([
  'groups-dropped',
  'group-too-long',
  'posture-unknown',
  'source-too-long',
  'device-value-too-long',
  'device-groups-dropped',
  'custom-attributes-dropped',
  'field-repeated',
  'sessions-not-managed',
]);

/** Codes of logons that were older than what was known. */
const late: ReadonlySet<string> = new Set(['stale', 'ended-by-newer-logoff']);

const ofPosts = (codes: ReadonlySet<string>) => (line: StoryLine) => line.kind === 'post' && codes.has(line.code);

export const isRefusal = ofPosts(refusing);
export const isLate = ofPosts(late);
export const isCap = ({ code }: StoryLine): boolean => leavingOut.has(code);
