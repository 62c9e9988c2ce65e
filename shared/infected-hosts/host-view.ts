/** An infected host as answers show it: instants as ISO 8601 in UTC. */
import { feedNames, type InfectedHost, type Operation, type OperationState, wantedOf } from './host.ts';

/** `not-applicable`: no connector was told anything. `superseded` is never the newest word. */
export const hostEnforcements = ['acknowledged', 'pending', 'failed', 'refused', 'not-applicable'] as const;
export type HostEnforcement = (typeof hostEnforcements)[number];

const enforcements: Readonly<Record<OperationState, HostEnforcement>> = {
  requested: 'pending',
  sent: 'pending',
  acknowledged: 'acknowledged',
  refused: 'refused',
  failed: 'failed',
  superseded: 'not-applicable',
  abandoned: 'not-applicable',
};

/** By the newest operation that counts. */
export function enforcementOfHost({ operations }: Pick<InfectedHost, 'operations'>) {
  const newest = operations.find(({ state }) => state !== 'superseded');
  return { state: newest ? enforcements[newest.state] : 'not-applicable', reason: reasonOf(newest) } as const;
}

function reasonOf(newest: Operation | undefined): string {
  if (newest === undefined) return 'No connector was told anything.';
  return `${newest.connector} (${newest.wanted}): ${newest.detail ?? newest.state}`;
}

const instant = (at: number) => new Date(at).toISOString();
export const instantOrNull = (at: number | null) => (at === null ? null : instant(at));

export const listingsView = ({ listings }: Pick<InfectedHost, 'listings'>) =>
  feedNames.flatMap((feed) => {
    const listing = listings[feed];
    if (listing === undefined) return [];
    const { level, threatName, listedAt, missedAt, wanted, cause, heldBy, silencedAt } = listing;
    const times = { listedAt: instant(listedAt), missedAt: instantOrNull(missedAt), silencedAt: instantOrNull(silencedAt) }; // prettier-ignore
    return [{ feed, level, threatName, wanted, ...times, heldBy, cause }];
  });

export const infectedHostView = (host: InfectedHost) => ({
  ip: host.ip,
  wanted: wantedOf(host),
  investigation: host.investigation,
  listings: listingsView(host),
  enforcement: enforcementOfHost(host),
  lastChangeAt: instant(host.changedAt),
});
