/**
 * Observations: what somebody told us of an address, a logon or a logoff, with its instant.
 * A refresh of an entry is an observation like any other; its order among the others is the instant's.
 */
import type { IpAddress } from './address.ts';

/** Microseconds since 1970. A sender's instants have this resolution; ours are milliseconds and say so. */
export type Micros = number & { readonly brand: 'Micros' };

export type Observation = Logon | Logoff;

/** Who tells us of users, as priorities and answers name them. The first three share the common entry of an address. */
export const origins = [
  'aruba-clearpass',
  'identity-management',
  'active-directory',
  'local',
  'secure-web-gateway',
  'firewall-authentication',
  'unified-access-control',
] as const;
export type Origin = (typeof origins)[number];

export interface Logon {
  readonly operation: 'logon';
  readonly origin: Origin;
  readonly ip: IpAddress;
  readonly domain: string;
  readonly user: string;
  /** The posture group first, then the roles in the order in which they were posted. */
  readonly groups: readonly string[];
  /** The first of those that the limits dropped; absent where none was. */
  readonly droppedGroups?: readonly string[];
  readonly posture?: string;
  readonly source?: string;
  readonly device: Device;
  readonly instant: Micros;
  /** The text that was sent, whether or not the instant is taken from it. */
  readonly timestamp?: string;
  /**
   * There only where the instant is ours: absent, in the future, or ordered by arrival. The timestamp text that was
   * sent, empty where none was: the same content with the same text is a replay, one with no text is a refresh.
   */
  readonly sentAs?: string;
  /** The id of the post's receipt, where a post told it. */
  readonly receipt?: string;
}

export interface Logoff {
  readonly operation: 'logoff';
  readonly origin: Origin;
  readonly ip: IpAddress;
  /** Absent: any domain. */
  readonly domain?: string;
  /** Absent: whoever is there; the domain is then ignored. */
  readonly user?: string;
  readonly instant: Micros;
  /** As of a logon. */
  readonly timestamp?: string;
  readonly sentAs?: string;
}

/** Values folded; names of custom attributes kept as they were sent. */
export interface Device {
  readonly identity?: string;
  readonly groups?: readonly string[];
  readonly category?: string;
  readonly vendor?: string;
  readonly model?: string;
  readonly os?: string;
  readonly osVersion?: string;
  readonly custom?: Readonly<Record<string, string>>;
}
