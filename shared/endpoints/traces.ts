/**
 * Where an event has left something: what an undo takes back is found by it, exactly, however long ago that was and
 * however much has happened since. A trace is written before what it leads to, so that nothing is done that is not found.
 */
import type { TenantId } from '../tenancy/tenant.ts';
import type { IpAddress } from '../identity/address.ts';
import type { Reason, WaitingMessage } from './endpoint.ts';
import type { Mac } from './mac.ts';

/** Which event: a client's by the id that the client gave it. Null for the client: an act of an operator. */
export interface EventKey {
  readonly client: string | null;
  readonly id: string;
}

/** What an event has left somewhere, or is about to. */
export type Trace =
  /** A reason on an endpoint, or a message that waits there for a login. */
  | { readonly kind: 'endpoint'; readonly mac: Mac }
  /** A message that waits for whoever has the address. */
  | { readonly kind: 'address'; readonly ip: IpAddress }
  | { readonly kind: 'approval'; readonly id: string }
  /** What is done and cannot be taken back. */
  | { readonly kind: 'cleared'; readonly mac: Mac }
  | { readonly kind: 'terminated'; readonly mac: Mac }
  /** A poll or push of a feed had hosts no more that it had had. */
  | { readonly kind: 'let-go' }
  /** An undo has taken its hosts back: nothing else would tell that it was ever known. */
  | { readonly kind: 'hosts' };

/** As long as the event log: what is older cannot be undone as one, but cleared endpoint by endpoint. */
export const tracesKeptMs = 90 * 24 * 3_600_000;

export interface TraceStore {
  /** The same once more is the same. */
  readonly leave: (tenant: TenantId, event: EventKey, trace: Trace, now: number) => Promise<void>;
  /** Strongly consistent, in an order of their own; `next` is where the list goes on. */
  readonly of: (tenant: TenantId, event: EventKey, page: { readonly limit: number; readonly after?: string }) => Promise<{ readonly traces: readonly Trace[]; readonly next?: string }>; // prettier-ignore
}

export const eventOf = ({ client, message }: WaitingMessage): EventKey => ({ client, id: message.eventId });

/** Whether the event has opened the reason. */
export const isOpenedBy = (
  { sender, eventId }: Pick<Reason, 'sender' | 'eventId'>,
  { client, id }: EventKey,
): boolean =>
  eventId === id && (client === null ? sender.kind === 'operator' : sender.kind === 'client' && sender.name === client);

export const isOfEvent = (waiting: WaitingMessage, { client, id }: EventKey): boolean =>
  waiting.client === client && waiting.message.eventId === id;

/** Where a trace stands among those of its event. */
export function traceName(trace: Trace): string {
  switch (trace.kind) {
    case 'address':
      return `address#${trace.ip}`;
    case 'approval':
      return `approval#${trace.id}`;
    case 'let-go':
    case 'hosts':
      return trace.kind;
    default:
      return `${trace.kind}#${trace.mac}`;
  }
}
