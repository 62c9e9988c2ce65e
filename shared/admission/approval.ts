/** What an operator has to decide: nothing automatic acts where it is not clear whom it would hit, or where it is too much. */
import type { WaitingMessage } from '../endpoints/endpoint.ts';
import type { Mac } from '../endpoints/mac.ts';
import type { IpAddress } from '../identity/address.ts';
import type { FeedName, Wanted } from '../infected-hosts/host.ts';
import { digestOf } from '../tenancy/secret.ts';
import type { TenantId } from '../tenancy/tenant.ts';

export const approvalStates = ['open', 'approved', 'rejected', 'withdrawn'] as const;

/** Why it was held: each is a guard. */
export const approvalReasons = ['ambiguous-address', 'blast-radius', 'shared-address', 'feed-loss'] as const;
export type ApprovalReason = (typeof approvalReasons)[number];

/** What waits. */
export type Subject =
  /** A threat action; whom it may mean, the likeliest first. */
  | { readonly kind: 'message'; readonly received: WaitingMessage; readonly macs: readonly Mac[] }
  /** A host that a feed lists, and what is to be done about it; `cause`: the poll or push that calls for it. */
  | { readonly kind: 'host'; readonly ip: IpAddress; readonly feed: FeedName; readonly wanted: Exclude<Wanted, 'free'>; readonly level: number; readonly cause: string } // prettier-ignore
  /** A good poll of a feed that lost so many hosts at once. */
  | { readonly kind: 'feed-loss'; readonly feed: FeedName; readonly pollId: string; readonly lost: number };

export interface Approval {
  readonly id: string;
  /** When the message came, or the host was listed: of the same question asked again, the newest. */
  readonly openedAt: number;
  readonly reason: ApprovalReason;
  readonly subject: Subject;
  /** `withdrawn`: its sender has cleared it, the feed has it no longer, or the event was undone. */
  readonly state: (typeof approvalStates)[number];
  /** Whom a message was approved for. */
  readonly mac: Mac | null;
  readonly decidedAt: number | null;
  /** Name of the operator's credential, or of the client or feed that cleared it. */
  readonly decidedBy: string | null;
  /** When that had been seen to. Null: it is open, or whoever decided it was killed, or failed, and is to repeat it. */
  readonly settledAt: number | null;
}

/** Of a message; of whatever else, none. */
export const macsOf = ({ subject }: Pick<Approval, 'subject'>): readonly Mac[] =>
  subject.kind === 'message' ? subject.macs : [];

/** What was decided is still listed for so long. */
export const decidedKeptMs = 30 * 24 * 3_600_000;

export interface ApprovalStore {
  /** Strongly consistent. */
  readonly read: (tenant: TenantId, id: string) => Promise<Approval | undefined>;
  /** By their ids. */
  readonly list: (tenant: TenantId, page: { readonly limit: number; readonly after?: string }) => Promise<{ readonly approvals: readonly Approval[]; readonly next?: string }>; // prettier-ignore
  /** Messages of that client about that address, decided ones too. Not in any order. */
  readonly about: (tenant: TenantId, client: string, ip: IpAddress) => Promise<readonly Approval[]>;
  /** One of the same id makes way, open or decided: the newest message is the one that is not stale when it is decided. */
  readonly open: (tenant: TenantId, approval: Approval) => Promise<void>;
  /** Of several who decide, the first one does. */
  readonly decide: (tenant: TenantId, approval: Approval, now: number) => Promise<'decided' | 'decided-already'>;
  /** What was decided so at that time has been seen to. Where another question or decision has its place, nothing is done. */
  readonly settle: (tenant: TenantId, approval: Approval) => Promise<void>;
}

/** What the ids of messages of a client about an address begin with: by it they are found without a look at any other. */
export const askedPrefix = (client: string, ip: IpAddress): string => idOf(['message', client, ip]);

/** The same message again asks no second question; one that may mean others, or for which another policy is, does. */
export function approvalId(
  { client, message }: WaitingMessage,
  macs: readonly Mac[],
  reason: ApprovalReason = 'ambiguous-address',
): string {
  const { event, endpointIp, threatName, severity, userName } = message;
  const asked = [client, event, endpointIp, threatName, severity, userName, macs.toSorted()];
  return `${askedPrefix(client, endpointIp)}${idOf(reason === 'ambiguous-address' ? asked : [...asked, reason])}`;
}

const idOf = (asked: readonly unknown[]) => digestOf(JSON.stringify(asked)).slice(0, 16);

export const openApproval = (
  received: WaitingMessage,
  macs: readonly Mac[],
  reason: ApprovalReason = 'ambiguous-address',
): Approval => ({
  ...undecided,
  id: approvalId(received, macs, reason),
  openedAt: received.receivedAt,
  reason,
  subject: { kind: 'message', received, macs },
});

/** One host of one feed is one question, whatever it is to be. */
export const hostApprovalId = (ip: IpAddress, feed: FeedName): string => idOf(['host', feed, ip]);

export const openHostApproval = (
  host: Omit<Extract<Subject, { kind: 'host' }>, 'kind'>,
  reason: 'blast-radius' | 'shared-address',
  now: number,
): Approval => ({
  ...undecided,
  id: hostApprovalId(host.ip, host.feed),
  openedAt: now,
  reason,
  subject: { kind: 'host', ...host },
});

/** Of a feed the newest loss is the question. */
export const lossApprovalId = (feed: FeedName): string => idOf(['feed-loss', feed]);

export const openLossApproval = (
  loss: Omit<Extract<Subject, { kind: 'feed-loss' }>, 'kind'>,
  now: number,
): Approval => ({
  ...undecided,
  id: lossApprovalId(loss.feed),
  openedAt: now,
  reason: 'feed-loss',
  subject: { kind: 'feed-loss', ...loss },
});

const undecided = { state: 'open', mac: null, decidedAt: null, decidedBy: null, settledAt: null } as const;

/** Where the question is answered by what has happened since. `absent`: nobody has to decide it. */
export async function withdrawApproval(
  approvals: Pick<ApprovalStore, 'read' | 'decide'>,
  tenant: TenantId,
  id: string,
  { by, now }: { readonly by: string; readonly now: number },
): Promise<'withdrawn' | 'absent'> {
  const approval = await approvals.read(tenant, id);
  if (approval?.state !== 'open') return 'absent';
  const withdrawn = { ...approval, state: 'withdrawn', decidedAt: now, decidedBy: by, settledAt: now } as const;
  return (await approvals.decide(tenant, withdrawn, now)) === 'decided' ? 'withdrawn' : 'absent';
}
