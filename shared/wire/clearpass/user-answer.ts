/**
 * What ClearPass answers when it is asked who is at an address: JSON, read tolerantly, because no form of it is
 * published. One record, an array of them, or a collection (`items`, also inside `_embedded`). What is empty is absent;
 * nothing is folded or judged here.
 */
import { updatedAtMicros } from './updated-at.ts';

export interface UserRecord {
  readonly mac?: string;
  readonly ip?: string;
  readonly ipv6?: string;
  readonly user?: string;
  readonly domain?: string;
  readonly roles: readonly string[];
  /** The posture token, `spt`. */
  readonly posture?: string;
  /** Absent where nothing was said of it. What cannot be read is `offline`: a doubt lets nobody in. */
  readonly presence?: 'online' | 'offline';
  /** Microseconds since 1970. */
  readonly updatedAt?: number;
  readonly deviceName?: string;
  readonly deviceCategory?: string;
  readonly deviceFamily?: string;
  /** What was read otherwise than it stands there. */
  readonly notes: readonly AnswerNote[];
}

export interface AnswerNote {
  readonly code: 'roles-split' | 'role-not-text' | 'field-not-text' | 'presence-unreadable' | 'updated-at-unreadable';
  readonly message: string;
}

export type ReadAnswer =
  | { readonly records: readonly UserRecord[]; readonly fault?: never }
  | { readonly records?: never; readonly fault: 'answer-unreadable' };

export function readUserAnswer(body: Uint8Array): ReadAnswer {
  const found = recordsIn(parsed(body));
  if (found === undefined) return { fault: 'answer-unreadable' };
  const records = found.filter(isObject).map(recordOf);
  return records.length === 0 && found.length > 0 ? { fault: 'answer-unreadable' } : { records };
}

type Json = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** An empty body says that there is nobody; one that is not JSON says nothing. */
function parsed(body: Uint8Array): unknown {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(body);
    return text.trim() === '' ? [] : JSON.parse(text);
  } catch {
    return undefined;
  }
}

function recordsIn(answer: unknown): readonly unknown[] | undefined {
  if (answer === null) return [];
  if (Array.isArray(answer)) return answer as readonly unknown[];
  if (!isObject(answer)) return undefined;
  const items = answer.items ?? (isObject(answer._embedded) ? answer._embedded.items : undefined);
  if (items !== undefined) return Array.isArray(items) ? items : undefined;
  return Object.keys(answer).length === 0 ? [] : [answer];
}

function recordOf(json: Json): UserRecord {
  const notes: AnswerNote[] = [];
  const tell = (code: AnswerNote['code'], message: string) => notes.push({ code, message });
  const text = (field: string): string | undefined => {
    const value = json[field];
    if (isAbsent(value)) return undefined;
    if (typeof value === 'string' || typeof value === 'number') return String(value).trim();
    tell('field-not-text', `The answer's "${field}" is no text: it was left out.`);
    return undefined;
  };
  const told = {
    mac: text('mac'),
    ip: text('ip'),
    ipv6: text('ipv6'),
    user: text('user') ?? text('username'),
    domain: text('domain'),
    posture: text('spt'),
    presence: presenceOf(json.is_online, tell),
    updatedAt: instantOf(json.updated_at, tell),
    deviceName: text('device_name'),
    deviceCategory: text('device_category'),
    deviceFamily: text('device_family'),
  };
  return { ...present(told), roles: rolesOf(json.roles, tell), notes };
}

type Tell = (code: AnswerNote['code'], message: string) => void;

const isAbsent = (value: unknown) =>
  value === undefined || value === null || (typeof value === 'string' && value.trim() === '');

/** The same without what is not there. */
const present = <Told extends object>(told: Told) =>
  Object.fromEntries(Object.entries(told).filter(([, value]) => value !== undefined)) as {
    [Field in keyof Told]?: Exclude<Told[Field], undefined>;
  };

/** The items of an array are whole roles, commas and all; in a text commas stand between them. */
function rolesOf(roles: unknown, tell: Tell): readonly string[] {
  if (isAbsent(roles)) return [];
  const items: readonly unknown[] = Array.isArray(roles) ? roles : splitRoles(roles, tell);
  const named = items.filter((role) => !isAbsent(role));
  const texts = named.filter((role) => typeof role === 'string');
  if (texts.length < named.length) {
    tell('role-not-text', `The answer's "roles" holds ${named.length - texts.length} that are no texts: left out.`);
  }
  return texts.map((role) => role.trim());
}

function splitRoles(roles: unknown, tell: Tell): readonly unknown[] {
  if (typeof roles !== 'string' || !roles.includes(',')) return [roles];
  tell('roles-split', `The answer's "roles" is one text: it was split at its commas.`);
  return roles.split(',');
}

const presences: Readonly<Record<string, 'online' | 'offline'>> = {
  true: 'online',
  yes: 'online',
  online: 'online',
  '1': 'online',
  false: 'offline',
  no: 'offline',
  offline: 'offline',
  '0': 'offline',
};

function presenceOf(value: unknown, tell: Tell): UserRecord['presence'] {
  if (isAbsent(value)) return undefined;
  const word = JSON.stringify(value).replace(/^"\s*|\s*"$/g, '').toLowerCase(); // prettier-ignore
  const presence = Object.hasOwn(presences, word) ? presences[word] : undefined;
  if (presence === undefined) tell('presence-unreadable', `The answer's "is_online" is neither true nor false.`);
  return presence ?? 'offline';
}

function instantOf(value: unknown, tell: Tell): number | undefined {
  if (isAbsent(value)) return undefined;
  const micros = typeof value === 'string' || typeof value === 'number' ? updatedAtMicros(value) : undefined;
  if (micros === undefined) tell('updated-at-unreadable', `The answer's "updated_at" is no instant: now counts.`);
  return micros;
}
