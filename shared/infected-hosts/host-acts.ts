/** What an operator's word does to what a feed says: the hosts that a guard held, a poll that lost too many, an undo. */
import type { Hold } from '../endpoints/endpoint.ts';
import type { Mac } from '../endpoints/mac.ts';
import type { Each } from '../endpoints/many.ts';
import type { IpAddress } from '../identity/address.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import type { FeedName } from './host.ts';

/** Who says so: the name of a credential; `cause`: the id by which it is found again in operations and the log. */
export interface SaidBy {
  readonly name: string;
  readonly cause: string;
}

/** Only while it has the cause that was asked about, and still waits. */
export interface AskedAbout {
  readonly ip: IpAddress;
  readonly feed: FeedName;
  readonly cause: string;
}

export interface HostTold {
  /**
   * `done`: the host is acted on, or let go, from now on. `nothing-to-do`: its listing is gone, or is so already.
   * `allow-list`: it was approved, and is not acted on all the same.
   */
  readonly outcome: 'done' | 'nothing-to-do' | 'allow-list';
  /** One sentence. */
  readonly message: string;
}

export interface UndoneHost {
  readonly ip: IpAddress;
  readonly came: Each<{ readonly outcome: 'undone' | 'gone'; readonly message: string }>;
}

export interface UndoneHosts {
  readonly hosts: readonly UndoneHost[];
  /** `some`: the same once more goes on. */
  readonly left: 'none' | 'some';
}

/** An endpoint that is let go. */
export interface LetGo {
  readonly mac: Mac;
  /** Which holds. */
  readonly hold: Hold | 'all';
  /** Addresses through which it had been held. What feeds say of them was said of it, unless it is known to be said of another device. */
  readonly through: readonly IpAddress[];
  /** Addresses that it has. The same goes for them. */
  readonly has: readonly IpAddress[];
}

export interface HostActs {
  /** What a guard held is done: the listing is held no longer. */
  readonly release: (tenant: TenantId, listing: AskedAbout, by: SaidBy) => Promise<HostTold>;
  /** It is not to be done: the listing is silenced, until the host has left the feed and returned. */
  readonly drop: (tenant: TenantId, listing: AskedAbout, by: SaidBy) => Promise<HostTold>;
  /** The poll is believed: hosts that it lost are freed by the rules. */
  readonly approveLoss: (tenant: TenantId, feed: FeedName, pollId: string, by: SaidBy) => Promise<HostTold>;
  /** It is not: nobody is freed by it. */
  readonly rejectLoss: (tenant: TenantId, feed: FeedName, pollId: string, by: SaidBy) => Promise<HostTold>;
  /** What is let go on an endpoint is let go here too; of what no feed lists nothing is said. */
  readonly letGo: (tenant: TenantId, letGo: LetGo, by: SaidBy) => Promise<void>;
  /**
   * What this poll or push has called for is taken back, of at most `limit` hosts, and of none that would be begun too late.
   * A host of which it was is not found again: the same once more goes on with the others.
   */
  readonly undoHosts: (tenant: TenantId, cause: string, page: { readonly limit: number; readonly untilAt: number }, by: SaidBy) => Promise<UndoneHosts>; // prettier-ignore
}

const nothing = async (): Promise<HostTold> =>
  Promise.resolve({ outcome: 'nothing-to-do', message: 'No feed lists it.' });

/** Where no feed lists anything. */
export const noHosts: HostActs = {
  release: nothing,
  drop: nothing,
  approveLoss: nothing,
  rejectLoss: nothing,
  letGo: async () => Promise.resolve(),
  undoHosts: async () => Promise.resolve({ hosts: [], left: 'none' }),
};
