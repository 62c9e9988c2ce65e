/** When what is there ends, by which timeout, and whether a setting that was changed since would touch it. */
import type { Configuration } from '../configuration/configuration.ts';
import type { Listed } from '../identity/authentication-table.ts';
import { never } from '../identity/entry.ts';
import type { Origin } from '../identity/observation.ts';
import type { Reading } from '../identity/reading.ts';
import { iso, minutesOf, moment, silenceWords } from './words.ts';

export interface Expiry {
  readonly state: string;
  /** ISO 8601; null: never. */
  readonly expiresAt: string | null;
  /** What it was stored under; null: a question's mark, which ends by itself. */
  readonly timeoutMinutes: number | null;
  readonly settingNow: number | null;
  readonly message: string;
}

type Settings = Pick<Configuration, 'clearpass' | 'identityManagement'>;

/** Of the item that a look-up goes by; undefined where there is none. */
export function expiryOf(listed: Listed | undefined, settings: Settings, reading: Reading): Expiry | undefined {
  if (listed === undefined || listed.item.state === 'ended') return undefined;
  const { now } = reading;
  const { state, entry, mark } = listed.item;
  const expiresAt = reading.endOf(listed.item);
  const silence = reading.silenceOf(listed.item);
  const told = { state, expiresAt: expiresAt === never ? null : iso(expiresAt) };
  const ends =
    expiresAt === never
      ? 'It never ends by itself'
      : `It ends ${moment(expiresAt, now)}${silence ? ' at the latest' : ''}`;
  if (state === 'init' || state === 'pending') {
    const message = `${ends}, whatever the timeouts are: a question that is lost leaves no address denied.`;
    return { ...told, timeoutMinutes: null, settingNow: null, message };
  }
  if (state === 'invalid') {
    const timeoutMinutes = mark?.frozenMinutes ?? null;
    const settingNow = settings.clearpass.invalidEntryTimeout;
    const message = `${ends}: it keeps the setting of ${minutesOf(timeoutMinutes ?? 0)} that held when it was found, for life.`;
    return { ...told, timeoutMinutes, settingNow, message };
  }
  const timeoutMinutes = entry?.timeoutMinutes ?? null;
  const settingNow = entry ? entryTimeoutOf(entry.origin, settings) : null;
  const changed =
    settingNow === null || settingNow === timeoutMinutes
      ? ''
      : ` The setting is ${minutesOf(settingNow)} now, and holds from the next time that it is told.`;
  const silent = silence ? ` ${silenceWords(silence, now)}` : '';
  const message = `${ends}: it was stored under ${minutesOf(timeoutMinutes ?? 0)}.${changed}${silent}`;
  return { ...told, timeoutMinutes, settingNow, message };
}

/** Null where the entry itself says how long it is to live. */
function entryTimeoutOf(origin: Origin, { clearpass, identityManagement }: Settings): number | null {
  if (origin === 'aruba-clearpass') return clearpass.entryTimeout;
  return origin === 'identity-management' ? identityManagement.entryTimeout : null;
}
