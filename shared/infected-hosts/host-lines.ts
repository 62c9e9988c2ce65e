/** What the event log says of a host: a line for whatever changes what is done about it, and none for a mere repeat. */
import type { IpAddress } from '../identity/address.ts';
import { bareLine, type EventLine, type EventState } from '../journal/event-line.ts';
import type { ActedOnHost, HostAct, HostSender } from './act-on-host.ts';
import { severityOf } from './feed-rules.ts';
import { feedNames, type Listing, type Wanted, wantedOf } from './host.ts';

interface Said {
  readonly state: EventState;
  /** Never renamed. */
  readonly code: string;
  readonly message: string;
}

export function linesOf(
  ip: IpAddress,
  act: HostAct,
  acted: ActedOnHost,
  by: HostSender,
  now: number,
): readonly EventLine[] {
  const said = saidOf(ip, act, acted);
  if (said === undefined) return [];
  const listing = listingOf(act, acted);
  const [newest] = acted.operations;
  const line: EventLine = {
    ...bareLine,
    ...said,
    id: `${by.cause}-${ip}-${said.code}`,
    at: now,
    event: act.kind === 'listed' ? 'infected-host' : `infected-host-${act.kind}`,
    sender: by.sender,
    credentialName: by.credentialName,
    clientAddress: by.clientAddress,
    eventId: by.cause,
    mac: newest?.device.mac ?? null,
    ip,
    severity: listing ? severityOf(listing.level) : null,
    threatName: listing?.threatName ?? null,
    action: newest ? actionOf[newest.wanted] : null,
    flags: acted.heldBy === null ? [] : [acted.heldBy],
    changes: acted.operations.map(({ id }) => id),
    requestId: by.requestId,
  };
  return [line];
}

function listingOf(act: HostAct, { before, host }: ActedOnHost): Listing | undefined {
  const feeds = 'feed' in act ? [act.feed] : feedNames;
  return feeds.map((feed) => host?.listings[feed] ?? before?.listings[feed]).find((each) => each !== undefined);
}

/** As lines and their readers call what a connector is told. */
export const actionOf: Readonly<Record<Wanted, string>> = {
  free: 'clear',
  quarantined: 'quarantine',
  blocked: 'block',
};

function saidOf(ip: IpAddress, act: HostAct, acted: ActedOnHost): Said | undefined {
  const { outcome, connector } = acted;
  switch (outcome) {
    case 'appeared':
    case 'rose':
      return listedSaid(ip, act, acted);
    case 'held':
      return heldSaid(ip, acted);
    case 'freed':
      return { state: 'released', code: 'left-feed', message: `${ip} has left its feed. ${staysAs(acted)}` };
    case 'cleared':
      return { state: 'applied', code: 'cleared', message: `${ip} was let go: nothing is done about it until it has left its feed and returned.` }; // prettier-ignore
    case 'nothing-to-clear':
      return { state: 'ignored', code: 'nothing-to-clear', message: `Nothing is done about ${ip} that could be cleared.` }; // prettier-ignore
    case 'updated':
      return { state: 'applied', code: 'investigation', message: `The state of investigation of ${ip} is ${acted.host?.investigation ?? 'open'}.` }; // prettier-ignore
    case 'released':
      return { state: 'applied', code: 'approved', message: `What was held back about ${ip} is done. ${staysAs(acted)}` }; // prettier-ignore
    case 'dropped':
      return { state: 'ignored', code: 'rejected', message: `Nothing is done about ${ip} until it has left its feed and returned.` }; // prettier-ignore
    case 'undone':
      return { state: 'applied', code: 'undone', message: `What was done about ${ip} is taken back. ${staysAs(acted)}` }; // prettier-ignore
    case 'assigned':
      return { state: 'applied', code: 'moved', message: connector === null ? `${ip} is in no connector's subnet any more: the one that had it lets it go.` : `${ip} is the connector ${connector}'s now. ${staysAs(acted)}` }; // prettier-ignore
    default:
      return undefined;
  }
}

function listedSaid(ip: IpAddress, act: HostAct, acted: ActedOnHost): Said | undefined {
  if (act.kind !== 'listed') return undefined;
  const listed = `${act.feed} lists ${ip} at level ${String(act.level)}`;
  if (act.wanted === 'free') return { state: 'ignored', code: 'below-rules', message: `${listed}, which is below all rules: nothing is done.` }; // prettier-ignore
  if (acted.connector === null) return { state: 'ignored', code: 'unmanaged', message: `${listed}, but it is in no connector's subnet, so nobody is told. Add its network to "subnets" of a connector.` }; // prettier-ignore
  const code = acted.outcome === 'rose' ? 'level-rose' : 'listed';
  return { state: 'applied', code, message: `${listed}. ${staysAs(acted)}` };
}

function heldSaid(ip: IpAddress, { heldBy }: ActedOnHost): Said {
  switch (heldBy) {
    case 'allow-list':
      return { state: 'ignored', code: 'allow-list', message: `${ip} is on the allow list, which no automatic action passes.` }; // prettier-ignore
    case 'shared-address':
      return { state: 'held-for-approval', code: 'shared-address', message: `${ip} is shared by several devices, so it accuses none of them. Approve or reject it.` }; // prettier-ignore
    default:
      return { state: 'held-for-approval', code: 'blast-radius', message: `More automatic actions than guards.mostActions allows in ten minutes: ${ip} waits. Approve or reject it.` }; // prettier-ignore
  }
}

function staysAs({ host, connector, operations }: ActedOnHost): string {
  const wanted = host ? wantedOf(host) : 'free';
  if (connector === null) return `It is to be ${wanted}; no connector has its address.`;
  if (operations.length === 0) return `It is to be ${wanted}.`;
  return `The connector ${connector} is asked to have it ${wanted}; what it answers is a line of its own.`;
}
