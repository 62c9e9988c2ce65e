/**
 * What JIMS answers: JSON with `report_entries`, one for each logon or logoff that it knows, and a cookie that says where
 * the next batch begins. Read tolerantly, because its form is not published: an array of entries, or one entry, is taken
 * too. What is empty is absent; nothing is folded or judged here, and an entry that cannot be read costs no other.
 */

export interface ReportEntry {
  readonly ip?: string;
  readonly user?: string;
  readonly domain?: string;
  readonly roles: readonly string[];
  readonly deviceName?: string;
  /** Microseconds since 1970. */
  readonly timestamp?: number;
  readonly activity: 'login' | 'logout';
  /** What was left out of it. */
  readonly notes: readonly ReportNote[];
}

export interface ReportNote {
  readonly code: 'field-not-text' | 'role-not-text';
  readonly message: string;
}

export interface Report {
  readonly entries: readonly ReportEntry[];
  /** Entries that say nothing sure: no objects, or with an address, user, time or activity that nobody can read. */
  readonly unreadable: number;
  /** Absent where the answer has none. */
  readonly cookie?: string;
}

export type ReadReport =
  | { readonly report: Report; readonly fault?: never }
  | { readonly report?: never; readonly fault: 'answer-unreadable' };

/** As long as a cookie may be: it goes into the path of the next question. */
const longestCookie = 1_024;

export function readReport(body: Uint8Array): ReadReport {
  const answer = parsed(body);
  const found = entriesIn(answer);
  if (found === undefined) return { fault: 'answer-unreadable' };
  const entries = found.flatMap((entry) => entryOf(entry) ?? []);
  const cookie = isObject(answer) ? cookieOf(answer.cookie) : undefined;
  return { report: { entries, unreadable: found.length - entries.length, ...(cookie !== undefined && { cookie }) } };
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

function entriesIn(answer: unknown): readonly unknown[] | undefined {
  if (answer === null) return [];
  if (Array.isArray(answer)) return answer as readonly unknown[];
  if (!isObject(answer)) return undefined;
  const { report_entries: entries } = answer;
  if (Array.isArray(entries)) return entries as readonly unknown[];
  if (entries === null) return [];
  if (entries !== undefined) return undefined;
  if ('ip-address' in answer) return [answer];
  return Object.keys(answer).every((name) => name === 'cookie') ? [] : undefined;
}

function cookieOf(value: unknown): string | undefined {
  const text = typeof value === 'number' ? String(value) : value;
  return typeof text === 'string' && text !== '' && text.length <= longestCookie ? text : undefined;
}

type Tell = (code: ReportNote['code'], message: string) => void;

function entryOf(json: unknown): ReportEntry | undefined {
  if (!isObject(json)) return undefined;
  const [activity, timestamp] = [activityOf(json.activity), instantOf(json.timestamp)];
  if (activity === undefined || timestamp === 'unreadable') return undefined;
  if (!decisive.every((field) => isAbsent(json[field]) || isText(json[field]))) return undefined;
  const notes: ReportNote[] = [];
  const tell: Tell = (code, message) => notes.push({ code, message });
  const text = (field: string): string | undefined => {
    const value = json[field];
    if (isAbsent(value)) return undefined;
    if (isText(value)) return String(value).trim();
    tell('field-not-text', `The entry's "${field}" is no text: it was left out.`);
    return undefined;
  };
  const told = {
    ip: text('ip-address'),
    user: text('user-name'),
    domain: text('domain-name'),
    deviceName: text('device-name'),
    timestamp,
  };
  return { ...present(told), roles: rolesOf(json.roles, tell), activity, notes };
}

/** Without these an entry would mean something else: a user that cannot be read is not nobody. */
const decisive = ['ip-address', 'user-name', 'domain-name'];

const isText = (value: unknown) => typeof value === 'string' || typeof value === 'number';

const isAbsent = (value: unknown) =>
  value === undefined || value === null || (typeof value === 'string' && value.trim() === '');

/** The same without what is not there. */
const present = <Told extends object>(told: Told) =>
  Object.fromEntries(Object.entries(told).filter(([, value]) => value !== undefined)) as {
    [Field in keyof Told]?: Exclude<Told[Field], undefined>;
  };

/** Where nothing is said, somebody is there. */
function activityOf(value: unknown): ReportEntry['activity'] | undefined {
  if (isAbsent(value)) return 'login';
  const word = typeof value === 'string' ? value.trim().toLowerCase() : '';
  return word === 'login' || word === 'logout' ? word : undefined;
}

function rolesOf(roles: unknown, tell: Tell): readonly string[] {
  if (isAbsent(roles)) return [];
  const named = (Array.isArray(roles) ? (roles as readonly unknown[]) : [roles]).filter((role) => !isAbsent(role));
  const texts = named.filter((role) => typeof role === 'string');
  if (texts.length < named.length) {
    tell('role-not-text', `The entry's "roles" holds ${named.length - texts.length} that are no texts: left out.`);
  }
  return texts.map((role) => role.trim());
}

/** Seconds since 1970, as a number or its digits. From this on they must be milliseconds: as seconds it is the year 5138. */
const fromMilliseconds = 1e11;

function instantOf(value: unknown): number | undefined | 'unreadable' {
  if (isAbsent(value)) return undefined;
  const number = typeof value === 'string' && /^\s*\d+(\.\d+)?\s*$/.test(value) ? Number(value) : value;
  const micros =
    typeof number === 'number' && number >= 0 ? Math.round(number * (number < fromMilliseconds ? 1e6 : 1e3)) : NaN;
  return Number.isSafeInteger(micros) ? micros : 'unreadable';
}
