/**
 * Infected hosts: addresses that a feed lists, what is to be done about them, and whether it has been. One host is one
 * state, advanced by one pure function (`advance.ts`) and replaced if it is still what was read. Times are epoch
 * milliseconds by our clock.
 */
import type { Allowed } from '../endpoints/allow-list.ts';
import type { Investigation } from '../endpoints/endpoint.ts';
import type { Mac } from '../endpoints/mac.ts';
import type { IpAddress } from '../identity/address.ts';

export interface InfectedHost {
  readonly ip: IpAddress;
  readonly changedAt: number;
  /** By feed. One that no feed lists any more is kept until each connector has let it go, and its operations a day longer. */
  readonly listings: Readonly<Partial<Record<FeedName, Listing>>>;
  readonly investigation: Investigation;
  /** Whom it is held for; null while it is free. */
  readonly accused: Device | null;
  /** What connectors were told, or have to be; the newest first. Only the newest of a connector is sent. */
  readonly operations: readonly Operation[];
}

/** `api`: those that were pushed by `POST /v1/infected-hosts`. */
export const feedNames = ['atp-cloud', 'api'] as const;
export type FeedName = (typeof feedNames)[number];

/**
 * Whoever had the address when a feed called for its hold, whenever that is approved. Addresses move: whoever has it later is not meant, and whatever is told
 * of the host until it is free again is told of this one device, its release too.
 */
export interface Device {
  /** Epoch milliseconds; by this time those of one host are told apart. */
  readonly at: number;
  /** Null as long as it is not known: looked up before each sending, kept from the first that finds it. */
  readonly mac: Mac | null;
}

/** What one feed says of a host. */
export interface Listing {
  /** 1 to 10; of a feed that says 0 the host is not listed. */
  readonly level: number;
  readonly threatName: string | null;
  readonly listedAt: number;
  /** When what is `wanted` was called for: as it appeared, or rose last. Whoever had the address then is meant. */
  readonly calledForAt: number;
  /** Whom the allow list named of those that had the address then; null: nobody, as far as was known. */
  readonly spared: Spared | null;
  /** The first good poll that did not have it any more; null while it is listed. */
  readonly missedAt: number | null;
  /**
   * The poll that lost it, with so many others that it is doubted: it stays as it is until it is back, or an operator
   * believes the loss. Null while it is listed, or missed by a poll that is believed.
   */
  readonly lostAt: number | null;
  /** What the rules have called for since it appeared: it rises with the level, and never falls while the host is listed. */
  readonly wanted: Wanted;
  /** Id of the poll, push or bulk act that made it so: what an undo names. */
  readonly cause: string;
  /** Why it is not done yet; null: it is. It is done once an operator approves. */
  readonly heldBy: HeldBy | null;
  /** What it was made by before, the oldest first: what an undo of its `cause` steps back to. */
  readonly earlier: readonly Word[];
  /** What it is to be while `heldBy` or `silencedAt` keeps it from being more: what it was before. */
  readonly meanwhile: Wanted;
  /** When an operator cleared it, or took back its rise: nothing more is done about it until it has left the feed and returned. */
  readonly silencedAt: number | null;
}

/** A device, and the word of the allow list that names it or whoever used it: neither is known for ever once it has left. */
export interface Spared extends Allowed {
  readonly mac: Mac;
}

/** What a poll or push had called for, as far as it was done. */
export interface Word {
  readonly cause: string;
  readonly done: Wanted;
}

/** What a host is to be; blocked outranks. */
export const wantedStates = ['free', 'quarantined', 'blocked'] as const;
export type Wanted = (typeof wantedStates)[number];

export const isMore = (one: Wanted, than: Wanted) => wantedStates.indexOf(one) > wantedStates.indexOf(than);

export const heldBys = ['shared-address', 'blast-radius', 'allow-list'] as const;
export type HeldBy = (typeof heldBys)[number];

/** What one connector is told once about one host. */
export interface Operation {
  readonly id: string;
  /** Its name. */
  readonly connector: string;
  readonly device: Device;
  readonly wanted: Wanted;
  /** Id of the poll, push, act or check that made it necessary. */
  readonly cause: string;
  /** `drift`: the other side was found to be otherwise. `moved`: another connector has the address now. */
  readonly why: 'listed' | 'cleared' | 'moved' | 'drift' | 'undone';
  readonly state: OperationState;
  readonly requestedAt: number;
  readonly attempts: number;
  readonly sentAt: number | null;
  /** When it is sent, or sent again; epoch milliseconds. */
  readonly nextAt: number;
  readonly answeredAt: number | null;
  readonly roundTripMs: number | null;
  /** What the other side said, or why nothing could be sent. Nothing secret. */
  readonly detail: string | null;
}

/**
 * `refused`: the other side will not, and is asked again by checks alone. `failed`: it is sent again. `abandoned`: there is no
 * such connector any more, so it is never told.
 */
export const operationStates = ['requested', 'sent', 'acknowledged', 'refused', 'failed', 'superseded', 'abandoned'] as const; // prettier-ignore
export type OperationState = (typeof operationStates)[number];

/** What is done of what a listing calls for. */
export const doneOf = ({ silencedAt, heldBy, wanted, meanwhile }: Listing): Wanted =>
  silencedAt === null && heldBy === null ? wanted : meanwhile;

/** An operator has let it go altogether. */
export const isDropped = ({ silencedAt, meanwhile }: Listing) => silencedAt !== null && meanwhile === 'free';

/** Whether an undo of the poll or push would change anything. */
export const isOfCause = (listing: Listing, cause: string): boolean =>
  !isDropped(listing) && (listing.cause === cause || listing.earlier.some((each) => each.cause === cause));

/** What the unsilenced listings call for together, as far as nothing holds it back. */
export function wantedOf({ listings }: Pick<InfectedHost, 'listings'>): Wanted {
  return Object.values(listings)
    .map(doneOf)
    .reduce((most, each) => (isMore(each, most) ? each : most), 'free');
}

/** Whether anything at all is to be done about it. */
export const isKeptOut = (host: Pick<InfectedHost, 'listings'>) => wantedOf(host) !== 'free';
