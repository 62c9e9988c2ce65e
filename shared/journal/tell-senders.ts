/** How it is with a tenant's senders, for whoever may read receipts. */
import { type Role, routes } from '../contract.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import type { Measure } from './measure.ts';
import { type Concern, healthOf, type Sender, type SenderStore } from './senders.ts';

export interface TellSenders {
  readonly senders: Pick<SenderStore, 'all'>;
  readonly measure: Measure;
}

interface Asking {
  readonly tenant: TenantId;
  readonly role: Role;
  /** Epoch milliseconds. */
  readonly now: number;
}

const readers: readonly Role[] = routes['GET /v1/receipts'].roles;

/** Nothing for a role that may not read receipts. What is told is measured too. */
export async function tellSenders({ senders, measure }: TellSenders, { tenant, role, now }: Asking) {
  if (!readers.includes(role)) return {};
  const all = await senders.all(tenant, now);
  measure(tenant, now, concernsOf(all, now));
  const items = all.map((sender) => senderView(sender, now)).sort((one, other) => (one.lastSent < other.lastSent ? 1 : -1)); // prettier-ignore
  const named = (concern: Concern) =>
    items.filter(({ concerns }) => concerns.includes(concern)).map(({ credential }) => credential);
  return { senders: { deaf: named('deaf'), silent: named('silent'), clockOff: named('clock-off'), items } };
}

/** How many there are of each concern; none is told as none, so that an alarm ends. */
export function concernsOf(senders: readonly Sender[], now: number) {
  const healths = senders.map((sender) => healthOf(sender, now));
  const count = (wanted: Concern) => healths.filter(({ concerns }) => concerns.includes(wanted)).length;
  return {
    DeafSenders: count('deaf'),
    SilentSenders: count('silent'),
    SendersFallenSilent: healths.filter(({ silence }) => silence === 'new').length,
    SendersWithClockOff: count('clock-off'),
  };
}

function senderView(sender: Sender, now: number) {
  const { concerns, usualGapMs, silentForMs, lastSkewMs, typicalSkewMs } = healthOf(sender, now);
  return {
    credential: { id: sender.credentialId, name: sender.credentialName },
    concerns,
    advice: concerns.map((concern) => advice[concern]),
    clientAddress: sender.clientAddress,
    source: sender.source ?? null,
    sent: sender.sent,
    refused: sender.refused,
    lastSent: iso(sender.lastAt),
    lastAccepted: sender.acceptedAt === undefined ? null : iso(sender.acceptedAt),
    lastRefused: sender.refusal ? { time: iso(sender.refusal.at), code: sender.refusal.code } : null,
    refusedInARow: sender.row
      ? { count: sender.row.count, since: iso(sender.row.since), firstCode: sender.row.firstCode }
      : null,
    usualGapSeconds: usualGapMs === undefined ? null : Math.round(usualGapMs / 1_000),
    silentForSeconds: Math.round(silentForMs / 1_000),
    clockSkew: { lastMs: lastSkewMs ?? null, typicalMs: typicalSkewMs ?? null },
  };
}

const advice: Readonly<Record<Concern, string>> = {
  deaf: 'All that it sends is refused, and it does not notice. GET /v1/receipts?status=refused says why, and how to mend it.',
  silent: 'It has sent nothing for three times its usual gap. See whether it runs and reaches this service.',
  'clock-off': 'Its timestamps are more than a minute off. Set its clock, or have its credential ordered by arrival.',
};

const iso = (at: number) => new Date(at).toISOString();
