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
] as const;
export type DetailType = (typeof detailTypes)[number];

export interface PublishedEvent {
  readonly type: DetailType;
  readonly at: number;
  readonly detail: { readonly version: typeof detailVersion; readonly tenant: TenantId } & ReturnType<typeof eventView>;
}

export const publishedEvent = (tenant: TenantId, line: EventLine): PublishedEvent => ({
  type: line.state === 'applied' ? typeOfAct(line) : typeOfState[line.state],
  at: line.at,
  detail: { version: detailVersion, tenant, ...eventView(line) },
});

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
function typeOfAct({ event, action }: EventLine): DetailType {
  if (event === 'connector-check') return 'Connector Changed';
  if (action === 'block' || action === 'quarantine') return 'Hold Applied';
  return action?.startsWith('clear') === true ? 'Hold Cleared' : 'Endpoint Changed';
}
