/**
 * How a receipt is left: its remarks are told in the stories of whom they are about, then it is recorded, whole, and
 * counted for its sender.
 */
import type { TenantId } from '../tenancy/tenant.ts';
import type { Keeping, Receipt, ReceiptStore, Remark } from './receipt.ts';
import { type Measure, measuredOf } from './measure.ts';
import type { SenderStore } from './senders.ts';
import type { StoryLine, StoryStore } from './story.ts';

export interface LeaveReceipt {
  readonly receipts: Pick<ReceiptStore, 'record'>;
  readonly stories: Pick<StoryStore, 'add'>;
  readonly senders: Pick<SenderStore, 'note'>;
  readonly measure: Measure;
}

/** A remark, and whether anything happened to whom it is about: of what was told before there is nothing to tell. */
export interface Remarked extends Remark {
  readonly repeated?: 'repeated';
}

/** What a remark says. */
export const asRemark = ({ repeated, ...remark }: Remarked): Remark => remark;

/** A post of thousands that goes wrong goes wrong in one way: so many of its entries are told in their stories. */
const linesToldOfPost = 1_000;

/** Never fails. Where there is nothing to remark one receipt is written, and a sender's statistics now and then. */
export async function leaveReceipt(
  deps: LeaveReceipt,
  tenant: TenantId,
  { receipt, remarks }: { readonly receipt: Receipt; readonly remarks: readonly Remarked[] },
  keeping: Keeping,
): Promise<'kept' | 'lost'> {
  const lines = remarks.flatMap((remark, index) => lineOf(receipt, remark, index));
  const story = lines.slice(0, linesToldOfPost);
  const { leftOut } = story.length > 0 ? await deps.stories.add(tenant, story, keeping) : { leftOut: 0 };
  const storyLeftOut = lines.length - story.length + leftOut;
  const [outcome] = await Promise.all([
    deps.receipts.record(tenant, { ...receipt, storyLeftOut }, remarks.map(asRemark), keeping),
    countFor(deps, tenant, receipt),
  ]);
  return outcome;
}

/** Tells the statistics of a sender, and the metrics, what became of something that it sent. */
export async function countFor(
  { senders, measure }: Pick<LeaveReceipt, 'senders' | 'measure'>,
  tenant: TenantId,
  receipt: Receipt,
): Promise<void> {
  const { at, status, code, credentialId, credentialName, clientAddress, clockSkewMs } = receipt;
  const [source] = receipt.sources;
  const { refusedInARow } = await senders.note(tenant, {
    credentialId,
    credentialName,
    clientAddress,
    at,
    outcome: status === 'refused' ? 'refused' : 'accepted',
    ...(code !== undefined && { code }),
    ...(source !== undefined && { source }),
    ...(clockSkewMs !== undefined && { skewMs: clockSkewMs }),
  });
  measure(tenant, at, measuredOf(receipt, refusedInARow), { credentialId, receipt: receipt.id });
}

function lineOf(receipt: Receipt, { repeated, ip, user, code, message, entry }: Remarked, index: number): StoryLine[] {
  if (repeated !== undefined || (ip === undefined && user === undefined)) return [];
  return [
    {
      id: `${receipt.id}.${String(index + 1).padStart(6, '0')}`,
      at: receipt.at,
      kind: 'post',
      ...(ip !== undefined && { ip }),
      ...(user !== undefined && { user }),
      code,
      message,
      receipt: receipt.id,
      ...(entry !== undefined && { entry }),
      credentialId: receipt.credentialId,
    },
  ];
}
