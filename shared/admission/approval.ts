/** Messages that an operator has to decide: nothing automatic acts where it is not clear whom it would hit. */
import type { WaitingMessage } from '../endpoints/endpoint.ts';
import type { Mac } from '../endpoints/mac.ts';
import { digestOf } from '../tenancy/secret.ts';
import type { TenantId } from '../tenancy/tenant.ts';

export const approvalStates = ['open', 'approved', 'rejected', 'withdrawn'] as const;

export interface Approval {
  readonly id: string;
  /** When the message came: of the same question asked again, the newest. */
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
  /** One of the same id makes way, open or decided: the newest message is the one that is not stale when it is decided. */
  readonly open: (tenant: TenantId, approval: Approval) => Promise<void>;
  /** Of several who decide, the first one does. */
  readonly decide: (tenant: TenantId, approval: Approval, now: number) => Promise<'decided' | 'decided-already'>;
}

/** The same message again asks no second question; one that may mean others, or for which another policy is, does. */
export function approvalId({ client, message }: WaitingMessage, macs: readonly Mac[]): string {
  const { event, endpointIp, threatName, severity, userName } = message;
  const asked = [client, event, endpointIp, threatName, severity, userName, macs.toSorted()];
  return digestOf(JSON.stringify(asked)).slice(0, 16);
}

export const openApproval = (received: WaitingMessage, macs: readonly Mac[]): Approval => ({
  id: approvalId(received, macs),
  openedAt: received.receivedAt,
  reason: 'ambiguous-address',
  received,
  macs,
  state: 'open',
  mac: null,
  decidedAt: null,
  decidedBy: null,
});
