/**
 * What a posted entry means: a logon or a logoff in our words, or the reason why it is neither. Texts are folded and held
 * to their limits here; whatever is left out of an entry that stands is told.
 */
import type { Finding, Place, PostedEntry } from '../wire/clearpass/posted-entry.ts';
import { timestampMicros } from '../wire/clearpass/timestamp.ts';
import { readAddress } from './address.ts';
import { foldCase } from './fold-case.ts';
import type { Logon, Micros, Observation, Origin } from './observation.ts';
import { deviceOf, type DetailCode, fits, groupsOf, postureOf, sourceOf } from './observe-details.ts';

export interface Arrival {
  /** Who tells. */
  readonly origin: Origin;
  /** Epoch milliseconds, by our clock. */
  readonly arrivedAt: number;
  /** By arrival where the sender's clock is not to be trusted. */
  readonly order: 'by-instant' | 'by-arrival';
}

export type Observed =
  | {
      readonly observation: Observation;
      readonly notes: readonly Note[];
      /** How far the sender's clock is ahead of ours, in milliseconds; the way to us counts as behind. */
      readonly skewMs?: number;
    }
  | { readonly fault: Fault };

/** Why an entry is refused, and how to mend it. */
export interface Fault extends Place {
  readonly code: FaultCode;
  readonly message: string;
}

/** What was left out of an entry that stands, or is likely to be meant otherwise. */
export interface Note extends Place {
  readonly code: NoteCode;
  readonly message: string;
}

/** Part of the API, as the codes of `ServiceError` are: add codes, never rename them. */
export type FaultCode =
  | Finding['code']
  | 'operation-missing'
  | 'operation-unknown'
  | 'ip-missing'
  | 'ip-invalid'
  | 'user-missing'
  | 'user-too-long'
  | 'domain-too-long'
  | 'timestamp-unreadable';
export type NoteCode = Finding['code'] | DetailCode | 'user-carries-domain' | 'timestamp-in-future';

/** How much later than ours a sender's instant may be and still be its own. */
const futureMs = 5 * 60 * 1_000;

export function observe(posted: PostedEntry, arrival: Arrival): Observed {
  const { line, column, operation, timestamp } = posted;
  const refused = (code: FaultCode, message: string) => ({ fault: { code, message, line, column } });

  if (posted.fault !== undefined) return { fault: posted.fault };
  if (operation === undefined) return refused('operation-missing', 'Send <operation> with "logon" or "logoff" in it.');
  if (operation !== 'logon' && operation !== 'logoff') {
    return refused(
      'operation-unknown',
      `The operation "${shown(operation)}" is neither "logon" nor "logoff". Send one of them.`,
    );
  }
  if (posted.ip === undefined) return refused('ip-missing', 'Send <IP>, in capitals, with the address of the device.');
  const { address: ip, problem } = readAddress(posted.ip);
  if (ip === undefined) return refused('ip-invalid', problem);

  const user = posted.user === undefined ? undefined : foldCase(posted.user);
  if (user !== undefined && !fits(user, 255)) {
    return refused('user-too-long', `The user at ${ip} is longer than 255 bytes. Send a shorter name.`);
  }
  const domain = posted.domain === undefined ? undefined : foldCase(posted.domain);
  if (domain !== undefined && !fits(domain, 253)) {
    return refused('domain-too-long', `The domain at ${ip} is longer than 253 bytes. Send a shorter name.`);
  }
  const sent = timestamp === undefined ? undefined : timestampMicros(timestamp);
  if (timestamp !== undefined && sent === undefined) {
    const advice = 'Send one like 2016-12-30T09:30:10Z, not before 1970, or none.';
    return refused('timestamp-unreadable', `The timestamp "${shown(timestamp)}" cannot be read. ${advice}`);
  }

  const when = { ...instantOf(sent, timestamp, arrival), ...(timestamp !== undefined && { timestamp }) };
  const { sentAs } = when;
  const notes: Note[] = [...posted.notes];
  const tell = (code: NoteCode, what: string) =>
    notes.push({ code, message: `${user ?? 'Whoever is'} at ${ip} ${what}`, line, column });
  if (user !== undefined && /[\\@]/.test(user)) {
    tell(
      'user-carries-domain',
      'has a user that seems to carry a domain; it is kept as it is. Send the domain in <domain>.',
    );
  }
  if (sent !== undefined && sentAs !== undefined && arrival.order === 'by-instant') {
    tell(
      'timestamp-in-future',
      `has a timestamp that is still to come (${sentAs}): the arrival counts. Set the sender's clock.`,
    );
  }
  const skew = sent !== undefined && { skewMs: Math.round(sent / 1_000 - arrival.arrivedAt) };

  if (operation === 'logoff') {
    const observation: Observation = {
      operation,
      origin: arrival.origin,
      ip,
      ...(domain !== undefined && { domain: named(domain) }),
      ...(user !== undefined && { user }),
      ...when,
    };
    return { observation, notes, ...skew };
  }
  if (user === undefined) return refused('user-missing', `Send <user> with the logon at ${ip}.`);
  const posture = postureOf(posted.posture, tell);
  const source = sourceOf(posted.source, tell);
  const observation: Observation = {
    operation,
    origin: arrival.origin,
    ip,
    domain: named(domain ?? 'global'),
    user,
    ...groupsOf(posted.roles, posture, tell),
    ...(posture !== undefined && { posture }),
    ...(source !== undefined && { source }),
    device: deviceOf(posted.device, tell),
    ...when,
  };
  return { observation, notes, ...skew };
}

/** The one domain that is written in capitals. */
const named = (domain: string): string => (domain === 'global' ? 'GLOBAL' : domain);

/** The sender's instant, or ours with the text that was sent for it. */
function instantOf(
  sent: number | undefined,
  text = '',
  { arrivedAt, order }: Arrival,
): Pick<Logon, 'instant' | 'sentAs'> {
  const isOwn = sent !== undefined && order === 'by-instant' && sent <= (arrivedAt + futureMs) * 1_000;
  return isOwn ? { instant: sent as Micros } : { instant: (arrivedAt * 1_000) as Micros, sentAs: text };
}

/** What was sent, short enough for a message. */
const shown = (text: string): string => (text.length > 64 ? `${text.slice(0, 64)}...` : text);
