/** A line of the event log as it goes out on the bus. docs/events-out.md promises its form to those who listen there. */
import type { TenantId } from '../tenancy/tenant.ts';
import type { EventLine, EventState } from './event-line.ts';
import { eventView } from './event-view.ts';

export const eventSource = 'postern';

/** What is added keeps the first number; whatever a listener could trip over would change it. */
export const detailVersion = '1.0';

/** What happened, in a word to write rules with. More may come, and none is ever renamed. */
export const detailTypes = [
  'Hold Applied',
  'Hold Cleared',
  'Hold Released',
  'Endpoint Changed',
  'Threat Action Waiting',
  'Threat Action Ignored',
  'Threat Action Refused',
  'Feed Changed',
  'Connector Changed',
  'Hold Requested',
  'Release Requested',
  'Operation Acknowledged',
  'Operation Refused',
  'Operation Abandoned',
  'Drift Repaired',
  'Threat Seen',
] as const;
export type DetailType = (typeof detailTypes)[number];

export interface PublishedEvent {
  readonly type: DetailType;
  readonly at: number;
  readonly detail: { readonly version: typeof detailVersion; readonly tenant: TenantId } & ReturnType<typeof eventView>;
}

export const publishedEvent = (tenant: TenantId, line: EventLine): PublishedEvent => ({
  type: typeOf(line),
  at: line.at,
  detail: { version: detailVersion, tenant, ...eventView(line) },
});

/** What connectors are told of is not done before they say so: it has words of its own. */
function typeOf(line: EventLine): DetailType {
  const ofLine = line.event === 'connector-check' ? 'Connector Changed' : typesOfCodes[line.code];
  if (ofLine !== undefined) return ofLine;
  if (line.event?.startsWith('infected-host') === true) {
    if (isHold(line)) return 'Hold Requested';
    if (isClear(line)) return 'Release Requested';
  }
  return line.state === 'applied' ? typeOfAct(line) : typeOfState[line.state];
}

const typesOfCodes: Readonly<Record<string, DetailType>> = {
  'operation-acknowledged': 'Operation Acknowledged',
  'operation-refused': 'Operation Refused',
  'operation-abandoned': 'Operation Abandoned',
  'drift-repaired': 'Drift Repaired',
  'threat-log': 'Threat Seen',
  'threat-logs-untold': 'Threat Seen',
  'threat-logs-unacted': 'Threat Seen',
};

const isHold = ({ action }: EventLine) => action === 'block' || action === 'quarantine';
const isClear = ({ action }: EventLine) => action?.startsWith('clear') === true;

const typeOfState: Readonly<Record<Exclude<EventState, 'applied'>, DetailType>> = {
  pending: 'Threat Action Waiting',
  'held-for-approval': 'Threat Action Waiting',
  ignored: 'Threat Action Ignored',
  replay: 'Threat Action Ignored',
  stale: 'Threat Action Ignored',
  'expired-unmatched': 'Threat Action Ignored',
  refused: 'Threat Action Refused',
  released: 'Hold Released',
  noted: 'Feed Changed',
};

/** Of policies and operators: both call holds alike, and every clear begins so. */
function typeOfAct(line: EventLine): DetailType {
  if (isHold(line)) return 'Hold Applied';
  return isClear(line) ? 'Hold Cleared' : 'Endpoint Changed';
}
