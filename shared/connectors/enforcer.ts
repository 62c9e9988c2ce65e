/** What is asked of the system behind a connector. Each type has its client (`outbound/*-client.ts`). */
import type { Connector } from '../configuration/threat-response.ts';
import type { Mac } from '../endpoints/mac.ts';
import type { IpAddress } from '../identity/address.ts';
import type { Wanted } from '../infected-hosts/host.ts';
import type { TenantId } from '../tenancy/tenant.ts';

/** A connector with its secret opened. `formerSecrets`: those that may still stand in for it. */
export interface OpenConnector extends Omit<Connector<unknown>, 'password'> {
  readonly tenant: TenantId;
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
  /** Of the device that had the address when it came to be held, where that is known; never that of whoever has it since. */
  readonly mac: Mac | null;
  readonly wanted: Wanted;
  /** What it was told before, so that what it has to take back is known. */
  readonly former: Wanted;
  /** 1 to 10. */
  readonly level: number;
  readonly threatName: string | null;
  readonly occurredAt: number;
}

export const isAnswer = (found: Mac | Answer): found is Answer => typeof found === 'object';

export type Answer =
  | { readonly outcome: 'acknowledged'; readonly detail: string; readonly roundTripMs: number }
  /** It will not, and saying it again changes nothing. */
  | { readonly outcome: 'refused'; readonly detail: string; readonly roundTripMs: number }
  /** It may work later. */
  | { readonly outcome: 'failed'; readonly detail: string; readonly roundTripMs: number };

export interface Enforcer {
  /**
   * Where the other side holds devices rather than addresses: one is free once none of its addresses holds it. Where it is told of
   * addresses and finds their devices, as a Pulse Policy Secure does, both are to be looked at.
   */
  readonly keeps?: 'devices' | 'devices-and-addresses';
  /** Whether it is there and lets us in; changes nothing there. */
  readonly test: (connector: OpenConnector) => Promise<Answer>;
  /**
   * Where it needs the device, and the other side may know it: whoever had the address at that time. Asked before `apply` of
   * a hold, as long as no device is known; what it finds is kept, and told from then on.
   */
  readonly find?: (
    connector: OpenConnector,
    about: { readonly ip: IpAddress; readonly at: number },
  ) => Promise<Mac | Answer>;
  readonly apply: (connector: OpenConnector, what: Enforcement) => Promise<Answer>;
  /** What the other side has; `unknown` where it cannot be asked, or does not answer. */
  readonly read: (connector: OpenConnector, about: Pick<Enforcement, 'ip' | 'mac'>) => Promise<Wanted | 'unknown'>;
}
