/** Messages that an operator has to decide: nothing automatic acts where it is not clear whom it would hit. */
import type { WaitingMessage } from '../endpoints/endpoint.ts';
import type { Mac } from '../endpoints/mac.ts';
import { digestOf } from '../tenancy/secret.ts';
import type { TenantId } from '../tenancy/tenant.ts';

export const approvalStates = ['open', 'approved', 'rejected', 'withdrawn'] as const;

export interface Approval {
  readonly id: string;
  readonly openedAt: number;
  /** Why it was held. */
  readonly reason: 'ambiguous-address';
  readonly received: WaitingMessage;
  /** Whom it may mean, the likeliest first. */
  readonly macs: readonly Mac[];
  /** `withdrawn`: its sender has cleared it. */
  readonly state: (typeof approvalStates)[number];
  /** Whom it was approved for. */
  readonly mac: Mac | null;
  readonly decidedAt: number | null;
  /** Name of the operator's credential, or of the client that cleared it. */
  readonly decidedBy: string | null;
}

/** What was decided is still listed for so long. */
export const decidedKeptMs = 30 * 24 * 3_600_000;

export interface ApprovalStore {
  /** Strongly consistent. */
  readonly read: (tenant: TenantId, id: string) => Promise<Approval | undefined>;
  /** By their ids. */
  readonly list: (tenant: TenantId, page: { readonly limit: number; readonly after?: string }) => Promise<{ readonly approvals: readonly Approval[]; readonly next?: string }>; // prettier-ignore
  /** Unless one of the same id is open; one that was decided makes way. */
  readonly open: (tenant: TenantId, approval: Approval) => Promise<'opened' | 'open-already'>;
  /** Of several who decide, the first one does. */
  readonly decide: (tenant: TenantId, approval: Approval, now: number) => Promise<'decided' | 'decided-already'>;
}

/** The same message again asks no second question. */
export const approvalId = ({ client, message }: WaitingMessage): string =>
  digestOf(JSON.stringify([client, message.event, message.endpointIp, message.threatName])).slice(0, 16);

export const openApproval = (received: WaitingMessage, macs: readonly Mac[]): Approval => ({
  id: approvalId(received),
  openedAt: received.receivedAt,
  reason: 'ambiguous-address',
  received,
  macs,
  state: 'open',
  mac: null,
  decidedAt: null,
  decidedBy: null,
});
