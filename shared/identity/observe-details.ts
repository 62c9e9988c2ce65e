/** What a logon carries beside who is where: groups, posture, source and device, each held to its limits. */
import type { PostedDevice } from '../wire/clearpass/posted-entry.ts';
import { foldCase } from './fold-case.ts';
import type { Device } from './observation.ts';

export type DetailCode =
  | 'group-too-long'
  | 'groups-dropped'
  | 'posture-unknown'
  | 'source-too-long'
  | 'device-value-too-long'
  | 'device-groups-dropped'
  | 'custom-attributes-dropped';

/** Says what was left out. `what` is the rest of a sentence that begins with the user and the address. */
export type Tell = (code: DetailCode, what: string) => void;

const rolesKept = 209;
const groupsKept = 200;
/** Names of dropped groups that an entry remembers, so that one that a policy names can be found. */
const droppedKept = 64;
const customKept = 32;
const customNameBytes = 64;
const valueBytes = 255;

const postures: ReadonlySet<string> = new Set([
  'HEALTHY',
  'CHECKUP',
  'TRANSITION',
  'QUARANTINE',
  'INFECTED',
  'UNKNOWN',
]);

/** Whether a text has at most so many bytes in UTF-8. */
export const fits = (text: string, bytes: number): boolean => Buffer.byteLength(text) <= bytes;

export function postureOf(text: string | undefined, tell: Tell): string | undefined {
  const token = text?.toUpperCase();
  if (token === undefined || postures.has(token)) return token;
  tell('posture-unknown', `has no known posture: it was left out. Send one of ${[...postures].join(', ')}.`);
  return undefined;
}

/** The posture's group first, then the roles in their order; and the first of those that the limits dropped. */
export function groupsOf(
  roles: readonly string[],
  posture: string | undefined,
  tell: Tell,
): { groups: string[]; droppedGroups?: string[] } {
  const { kept: named, tooLong } = distinct(roles);
  if (tooLong > 0) tell('group-too-long', `has ${tooLong} roles longer than ${valueBytes} bytes: they were left out.`);
  const taken = named.slice(0, rolesKept);
  const ofPosture = posture === undefined ? [] : [`posture-${posture.toLowerCase()}`];
  const groups = [...new Set([...ofPosture, ...taken])];
  const standing = groups.slice(0, groupsKept);
  const dropped = [...groups.slice(groupsKept), ...named.slice(rolesKept)].filter((group) => !standing.includes(group));
  if (dropped.length === 0) return { groups: standing };
  const limits = `of ${named.length} roles ${rolesKept} are read, of the groups ${groupsKept} stand`;
  tell('groups-dropped', `has too many groups: ${dropped.length} were left out (${limits}).`);
  return { groups: standing, droppedGroups: dropped.slice(0, droppedKept) };
}

/** Kept as it was sent, in its own letters. */
export function sourceOf(text: string | undefined, tell: Tell): string | undefined {
  if (text === undefined || fits(text, valueBytes)) return text;
  tell('source-too-long', `has a source longer than ${valueBytes} bytes: it was left out.`);
  return undefined;
}

export function deviceOf(posted: PostedDevice | undefined, tell: Tell): Device {
  if (posted === undefined) return {};
  const device: { -readonly [Field in keyof Device]: Device[Field] } = {};
  const groups = distinct(posted.groups);
  let { tooLong } = groups;
  for (const field of textFields) {
    const text = posted[field];
    if (text === undefined) continue;
    const value = foldCase(text);
    if (fits(value, valueBytes)) device[field] = value;
    else tooLong += 1;
  }
  if (tooLong > 0) {
    tell('device-value-too-long', `has ${tooLong} device values longer than ${valueBytes} bytes: they were left out.`);
  }
  if (groups.kept.length > 0) device.groups = groups.kept.slice(0, groupsKept);
  if (groups.kept.length > groupsKept) {
    tell('device-groups-dropped', `has a device in ${groups.kept.length} groups: the first ${groupsKept} stand.`);
  }
  const custom = customOf(posted.custom, tell);
  if (custom.size > 0) device.custom = Object.fromEntries(custom);
  return device;
}

const textFields = ['identity', 'category', 'vendor', 'model', 'os', 'osVersion'] as const;

function customOf(posted: PostedDevice['custom'], tell: Tell): ReadonlyMap<string, string> {
  const kept = new Map<string, string>();
  for (const [name, text] of posted) {
    const value = foldCase(text);
    const sound = name !== '__proto__' && fits(name, customNameBytes) && fits(value, valueBytes);
    if (sound && !kept.has(name) && kept.size < customKept) kept.set(name, value);
  }
  if (kept.size < posted.length) {
    const limits = `${customKept}, each once, with a name of ${customNameBytes} bytes and a value of ${valueBytes}`;
    tell(
      'custom-attributes-dropped',
      `has ${posted.length} custom attributes: ${kept.size} stand (at most ${limits}).`,
    );
  }
  return kept;
}

/** The folded texts, each once; `tooLong` is how many were left out for their length. */
function distinct(texts: readonly string[]): { kept: string[]; tooLong: number } {
  const folded = [...new Set(texts.map(foldCase))];
  const kept = folded.filter((text) => fits(text, valueBytes));
  return { kept, tooLong: folded.length - kept.length };
}
