/** What is asked of the system behind a connector. Each type has its client (`outbound/*-client.ts`). */
import type { Connector } from '../configuration/threat-response.ts';
import type { Mac } from '../endpoints/mac.ts';
import type { IpAddress } from '../identity/address.ts';
import type { Wanted } from '../infected-hosts/host.ts';

/** A connector with its secret opened. `formerSecrets`: those that may still stand in for it. */
export interface OpenConnector extends Omit<Connector<unknown>, 'password'> {
  readonly password: string;
  readonly formerSecrets: () => AsyncIterable<string>;
}

/** What one host is to be from now on. */
export interface Enforcement {
  /** Of the operation: the same again is the same, so that the other side can tell a repeat. */
  readonly id: string;
  /** How often it has been said, with this time: from 1. */
  readonly attempt: number;
  readonly ip: IpAddress;
  /** Where we know who has the address. */
  readonly mac: Mac | null;
  readonly wanted: Wanted;
  /** What it was told before, so that what it has to take back is known. */
  readonly former: Wanted;
  /** 1 to 10. */
  readonly level: number;
  readonly threatName: string | null;
  readonly occurredAt: number;
}

export type Answer =
  | {
      readonly outcome: 'acknowledged';
      readonly detail: string;
      readonly roundTripMs: number;
      /** The device, where it was found there: we did not know who had the address. */
      readonly mac?: Mac;
    }
  /** It will not, and saying it again changes nothing. */
  | { readonly outcome: 'refused'; readonly detail: string; readonly roundTripMs: number }
  /** It may work later. */
  | { readonly outcome: 'failed'; readonly detail: string; readonly roundTripMs: number };

export interface Enforcer {
  /** Whether it is there and lets us in; changes nothing there. */
  readonly test: (connector: OpenConnector) => Promise<Answer>;
  readonly apply: (connector: OpenConnector, what: Enforcement) => Promise<Answer>;
  /** What the other side has; `unknown` where it cannot be asked, or does not answer. */
  readonly read: (connector: OpenConnector, about: Pick<Enforcement, 'ip' | 'mac'>) => Promise<Wanted | 'unknown'>;
}
