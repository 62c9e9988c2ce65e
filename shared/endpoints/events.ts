/** What happens to an endpoint. */
import type { IpAddress } from '../identity/address.ts';
import type { Access, Address, Hold, Investigation, Reason, Sender, WaitingMessage } from './endpoint.ts';
import type { EventKey } from './traces.ts';

export type EndpointEvent =
  | {
      readonly kind: 'held';
      readonly reason: Omit<Reason, 'since'>;
      /** By the sender's clock; null where it did not say. */
      readonly occurredAt: number | null;
    }
  | {
      readonly kind: 'cleared';
      readonly hold: Hold | 'all';
      /** A client's clear closes its own reasons of the kind, an operator's closes all of them. */
      readonly sender: Sender;
      readonly occurredAt: number | null;
      /** Ids of the messages that need wait no longer; where they are left out, all of the sender's. */
      readonly unwanted?: readonly string[];
    }
  /** All that this event opened is taken back, and nothing else. */
  | { readonly kind: 'undone'; readonly event: EventKey }
  /** A message that names the MAC waits for a login. */
  | { readonly kind: 'awaited'; readonly waiting: WaitingMessage }
  /** A message that waited has been decided. */
  | { readonly kind: 'settled'; readonly waiting: WaitingMessage }
  /** A login was let in: what it was granted is what the switch has been told. */
  | { readonly kind: 'authenticated'; readonly login: LoginTold }
  | { readonly kind: 'accounted'; readonly record: AccountingTold }
  /** All sessions of a NAS are over, if they began before. */
  | { readonly kind: 'nas-restarted'; readonly nas: IpAddress; readonly instant: number }
  | { readonly kind: 'addressed'; readonly ip: IpAddress; readonly source: Exclude<Address['source'], 'accounting'> }
  /** Switches are to let go of its sessions, although nothing about its holds has changed. */
  | { readonly kind: 'terminated'; readonly session: string | null }
  /** Any resolved state frees the endpoint, as an operator's clear of all holds does. */
  | { readonly kind: 'investigated'; readonly investigation: Investigation; readonly sender: Sender }
  /** Somebody takes a change on, sends it where `detail` says, and will answer within the lease. */
  | { readonly kind: 'change-taken'; readonly changeId: string; readonly leaseMs: number; readonly detail: string }
  /** It cannot be sent yet; `detail` says why. */
  | { readonly kind: 'change-delayed'; readonly changeId: string; readonly delayMs: number; readonly detail: string }
  | { readonly kind: 'change-answered'; readonly changeId: string; readonly answer: ChangeAnswer }
  /** That reasons had ended by themselves by then has been told: they need be kept no longer. */
  | { readonly kind: 'ends-told'; readonly at: number }
  /** Time has passed. */
  | { readonly kind: 'looked-at' };

export interface LoginTold {
  readonly loginId: string;
  readonly nas: IpAddress;
  readonly acctSessionId: string | null;
  readonly port: string | null;
  readonly ssid: string | null;
  readonly user: string | null;
  readonly realm: string | null;
  readonly domain: string;
  readonly roles: readonly string[];
  readonly granted: Access;
  readonly ip: IpAddress | null;
}

export interface AccountingTold {
  readonly status: 'start' | 'interim' | 'stop';
  readonly nas: IpAddress;
  readonly acctSessionId: string;
  /** Of the Class attribute that our answer to the login carried. */
  readonly loginId: string | null;
  readonly port: string | null;
  readonly ssid: string | null;
  readonly user: string | null;
  readonly ip: IpAddress | null;
  /** By the switch's clock, delays taken off. */
  readonly instant: number;
}

export interface ChangeAnswer {
  readonly result: 'ack' | 'nak' | 'timeout';
  readonly errorCause: number | null;
  readonly roundTripMs: number | null;
  readonly detail: string | null;
}
