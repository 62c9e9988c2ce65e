/** What happens to an infected host. */
import type { Answer } from '../connectors/enforcer.ts';
import type { Investigation } from '../endpoints/endpoint.ts';
import type { Mac } from '../endpoints/mac.ts';
import type { FeedName, HeldBy, Operation, Spared, Wanted } from './host.ts';

export type HostEvent =
  | Listed
  /** A good poll of the feed, at that time, did not have it. */
  | { readonly kind: 'missed'; readonly feed: FeedName; readonly at: number }
  /** A good poll, at that time, did not have it, and is doubted: it stays as it is. */
  | { readonly kind: 'lost'; readonly feed: FeedName; readonly at: number }
  /** The feed has it no more: two good polls say so, or whoever pushes. */
  | { readonly kind: 'freed'; readonly feed: FeedName }
  /** An operator lets it go: nothing that lists it now counts until it has left its feed and returned. */
  | { readonly kind: 'cleared' }
  /** A resolved state clears it. */
  | { readonly kind: 'investigated'; readonly investigation: Investigation }
  /** An operator approves what was held back; `heldBy`: but that does not let it pass. */
  | {
      readonly kind: 'released';
      readonly feed: FeedName;
      readonly heldBy?: 'allow-list';
      readonly spared?: Spared | null;
    }
  /** An operator rejects what was held back. */
  | { readonly kind: 'dropped'; readonly feed: FeedName }
  /** What this poll or push called for is taken back. */
  | { readonly kind: 'undone'; readonly cause: string }
  | Assigned
  /** A worker is about to send it, and has so long for that; `mac`: of the device that it means, where it found one. */
  | { readonly kind: 'operation-taken'; readonly id: string; readonly leaseMs: number; readonly mac?: Mac | null }
  /** The system behind its connector knows which device it means. The first word holds. */
  | { readonly kind: 'device-found'; readonly id: string; readonly mac: Mac }
  | { readonly kind: 'operation-answered'; readonly id: string; readonly answer: Answer }
  /** It can never be sent: there is no such connector any more. The connector counts as free. */
  | { readonly kind: 'operation-ended'; readonly id: string; readonly detail: string }
  /** The other side was found to be otherwise than this operation told it, or may take now what it refused. */
  | { readonly kind: 'drifted'; readonly id: string; readonly cause: string };

/** A feed has it. */
export interface Listed {
  readonly kind: 'listed';
  readonly feed: FeedName;
  /** 1 to 10. */
  readonly level: number;
  readonly threatName: string | null;
  /** What the rules call for at this level. */
  readonly wanted: Wanted;
  /** Id of the poll or push. */
  readonly cause: string;
  readonly heldBy: HeldBy | null;
  /** Whom the allow list names, where that holds it. */
  readonly spared?: Spared | null;
}

/** Which connector has the address now; null: none. Whichever was told otherwise than it should be is to be told again. */
export interface Assigned {
  readonly kind: 'assigned';
  readonly connector: string | null;
  readonly cause: string;
  readonly why: Operation['why'];
}
