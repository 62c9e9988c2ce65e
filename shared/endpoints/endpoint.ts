/**
 * Endpoints: devices, by MAC, with their sessions, the addresses they had, and why each is held. One endpoint is one
 * state, advanced by one pure function (`advance.ts`) and replaced if it is still what was read. Times are epoch
 * milliseconds by our clock, unless they say that they are a sender's.
 */
import type { IpAddress } from '../identity/address.ts';
import type { Mac } from './mac.ts';

export interface Endpoint {
  readonly mac: Mac;
  readonly firstSeenAt: number;
  readonly changedAt: number;
  /** Also those that have ended by time, until that has been told: `reasonsAt` says which stand. */
  readonly reasons: readonly Reason[];
  /** The newest first; those that ended are remembered for a while, so that what comes late reopens nothing. */
  readonly sessions: readonly EndpointSession[];
  /** Which addresses it had, and when; the newest first. */
  readonly addresses: readonly Address[];
  /** Messages that name the MAC, and whose policy depends on roles that nobody has logged in with yet. */
  readonly waiting: readonly WaitingMessage[];
  /** When the last applied event of each sender occurred, by the sender's clock. */
  readonly lastApplied: Readonly<Record<string, number>>;
  /** What switches have to be told, or were; the newest first. */
  readonly changes: readonly Change[];
  readonly investigation: Investigation;
}

export const holds = ['blocked', 'quarantined'] as const;
export type Hold = (typeof holds)[number];

/** Who opened a reason, or wants it closed. */
export interface Sender {
  readonly kind: 'client' | 'feed' | 'operator';
  /** Of the admission control client or feed; of an operator: the credential's. */
  readonly name: string;
}

/** Why a hold stands. Its key is (sender, hold, threat name). */
export interface Reason {
  readonly hold: Hold;
  readonly sender: Sender;
  readonly threatName: string | null;
  readonly since: number;
  /** When it ends by itself; null: never. A reason whose time has passed is absent. */
  readonly until: number | null;
  /** Of a quarantine: the role. */
  readonly role: string | null;
  /** The session that it is for, by its key; null: whatever network the endpoint joins. */
  readonly session: string | null;
  /** The address through which it was opened. */
  readonly ip: IpAddress | null;
  /** Others through which the same was said again, as the device had moved. */
  readonly alsoIps?: readonly IpAddress[];
  /** What it took the place of, as it stands longer: that stands again where the event that opened it is undone. */
  readonly replaced?: readonly Omit<Reason, 'replaced'>[];
  readonly eventId: string | null;
  /** The event's name, as the message called it; of operators `operator`. */
  readonly event: string;
  readonly severity: string | null;
  /** The admission policy that acted. */
  readonly policy: string | null;
  readonly note: string | null;
}

export interface EndpointSession {
  /** `<NAS address>/<Acct-Session-Id>`; of a login that no accounting has followed yet `<NAS address>/login:<id>`. */
  readonly key: string;
  readonly nas: IpAddress;
  readonly acctSessionId: string | null;
  readonly port: string | null;
  readonly ssid: string | null;
  /** Null where nobody logged in: the MAC itself was authenticated. */
  readonly user: string | null;
  readonly realm: string | null;
  readonly domain: string;
  /** As mapped at the login; the quarantine role is never one of them. */
  readonly roles: readonly string[];
  /** What the login was granted, which the switch holds to until it is told otherwise. */
  readonly granted: Access;
  readonly loginId: string | null;
  readonly startedAt: number;
  /** The newest accounting record's instant, by the switch's clock. */
  readonly instant: number;
  /** When it was last heard of. */
  readonly heardAt: number;
  readonly endedAt: number | null;
  readonly endedBy: 'stop' | 'nas-restart' | 'gone' | 'replaced' | 'operator' | null;
}

export type Access =
  | { readonly access: 'full' }
  | { readonly access: 'quarantined'; readonly role: string }
  | { readonly access: 'blocked' };

export interface Address {
  readonly ip: IpAddress;
  /** The session that had it; null where it was told without one. */
  readonly session: string | null;
  readonly source: 'accounting' | 'post' | 'query' | 'operator';
  readonly from: number;
  readonly confirmedAt: number;
  /** Null: still. */
  readonly until: number | null;
}

/** A threat action as a template has read it. */
export interface ThreatMessage {
  readonly event: string;
  readonly endpointIp: IpAddress;
  readonly endpointMac: Mac | null;
  readonly userName: string | null;
  readonly severity: string | null;
  readonly threatName: string | null;
  /** The sender's, or ours where it sent none. */
  readonly eventId: string;
  /** By the sender's clock; null where it did not say. */
  readonly occurredAt: number | null;
}

export interface WaitingMessage {
  readonly message: ThreatMessage;
  readonly client: string;
  readonly template: string;
  readonly receivedAt: number;
}

/** A change of authorization: what one session's switch has to be told. */
export interface Change {
  readonly id: string;
  /** Key of the session. */
  readonly session: string;
  /** What the session is to have from now on. */
  readonly wanted: Access;
  readonly requestedAt: number;
  readonly state: 'pending' | 'sent' | 'acknowledged' | 'refused' | 'timed-out' | 'superseded' | 'session-over';
  readonly attempts: number;
  readonly sentAt: number | null;
  /** When it is sent, or sent again. */
  readonly nextAt: number;
  readonly answeredAt: number | null;
  readonly errorCause: number | null;
  readonly roundTripMs: number | null;
  /** Where it was sent; or why it could not be. */
  readonly detail: string | null;
  /** How often in a row the session has gone on although its switch said that it is over; absent: never. */
  readonly repairs?: number;
}

export const investigations = [
  'open',
  'in-progress',
  'resolved-false-positive',
  'resolved-fixed',
  'resolved-ignored',
] as const;
export type Investigation = (typeof investigations)[number];
