/** Where sessions are kept. */
import type { IpAddress } from '../identity/address.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import type { ClosedSession, Session, SessionKey, SessionPlace, Tenure } from './session.ts';

export interface SessionStore {
  /** Those that no enforcement point has closed, in the order of the places. */
  read(tenant: TenantId, places: readonly SessionPlace[]): Promise<readonly (Session | undefined)[]>;
  /** The newest session of an id, closed or not. */
  find(tenant: TenantId, key: SessionKey): Promise<Session | ClosedSession | undefined>;
  /** Stores a session where there is none, or in the place of one that is over and was read there, which is kept as closed. */
  open(tenant: TenantId, session: Session, over?: ClosedSession): Promise<Opening>;
  /** Notes that a session was heard of. */
  hear(tenant: TenantId, session: Session, heardAt: number): Promise<'heard' | 'gone'>;
  /**
   * Puts what stays of a session in its place, whole or not at all. `place-free`: it was one of those managed until
   * now, so its entry may have one more. `elsewhere`: its id belongs to a session at another address by now.
   */
  close(
    tenant: TenantId,
    closed: ClosedSession,
    how: { readonly place?: 'free'; readonly id?: 'elsewhere' },
  ): Promise<'closed' | 'conflict'>;
  /** Sessions of an address, of one credential or of all: the open ones first. `next` is absent at the end. */
  list(
    tenant: TenantId,
    ip: IpAddress,
    page: SessionPage,
  ): Promise<{ readonly sessions: readonly (Session | ClosedSession)[]; readonly next?: string }>;
  /** Takes places of an entry's that are managed, all of them or none. */
  take(tenant: TenantId, entry: SessionEntry, taking: Taking): Promise<'taken' | Counter | undefined>;
  /** Sets how many are managed, if nobody has changed it since it was read, or made it where there was none. */
  setCounter(
    tenant: TenantId,
    entry: SessionEntry,
    counter: { readonly read: Counter | undefined; readonly managed: number; readonly now: number },
  ): Promise<'set' | 'conflict'>;
}

export interface Opening {
  readonly outcome: 'opened' | 'conflict';
  /** Where its id was used until now, if that was at another address. */
  readonly movedFrom?: IpAddress;
}

export interface SessionPage {
  readonly credentialId?: string;
  /** `open`: those that no enforcement point has closed. */
  readonly only?: 'open';
  readonly after?: string;
  readonly limit: number;
}

export interface SessionEntry {
  readonly ip: IpAddress;
  readonly tenure: Tenure;
}

export interface Taking {
  readonly places: number;
  readonly most: number;
  readonly now: number;
  /** What it means that nobody has counted yet: that there are none, or that it was forgotten. */
  readonly uncounted: 'none' | 'forgotten';
}

/** How many sessions of an entry are managed: never fewer than there are. */
export interface Counter {
  readonly managed: number;
  /** Goes up with every change. */
  readonly changes: number;
  /** When places were last taken or counted. */
  readonly countedAt: number;
}

/** A counter is kept for so long after its last change. */
export const counterKeptMs = 8 * 24 * 60 * 60 * 1_000;
