/** What admission control works with, and the words for what becomes of a message. */
import type { AdmissionPolicy, ThreatResponse } from '../configuration/threat-response.ts';
import type { ChangeNotifier } from '../endpoints/change-notifier.ts';
import type { WaitingMessage } from '../endpoints/endpoint.ts';
import type { EndpointTable } from '../endpoints/endpoint-table.ts';
import type { Mac } from '../endpoints/mac.ts';
import { eventOf, type Trace, type TraceStore } from '../endpoints/traces.ts';
import type { EventLog, EventState } from '../journal/event-line.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import type { ActionBudget } from './action-budget.ts';
import type { ApprovalStore } from './approval.ts';
import type { EventMemory } from './event-memory.ts';

export interface Admission extends EndpointTable {
  readonly settingsOf: (tenant: TenantId) => Promise<AdmissionSettings>;
  readonly memory: EventMemory;
  readonly approvals: ApprovalStore;
  readonly budget: ActionBudget;
  readonly traces: TraceStore;
  readonly events: EventLog;
  readonly notifier: ChangeNotifier;
}

export interface AdmissionSettings extends Pick<
  ThreatResponse<unknown, unknown>,
  'pendingMinutes' | 'allowList' | 'templates' | 'clients' | 'admissionPolicies' | 'guards'
> {
  /** The tenant's own; an event from outside of them is flagged. Empty: nothing is. */
  readonly networks: readonly string[];
}

/** One message of one tenant, on its way. */
export interface Case {
  readonly deps: Admission;
  readonly tenant: TenantId;
  readonly settings: AdmissionSettings;
  readonly received: WaitingMessage;
  /** Where a person has said that it is to be done: what guards automatic actions is not asked. */
  readonly decidedBy?: 'operator';
}

/** What became of a message. */
export interface Verdict {
  readonly state: EventState;
  readonly code: string;
  /** One sentence for the sender and the log. */
  readonly message: string;
  readonly mac: Mac | null;
  readonly user: string | null;
  readonly policy: AdmissionPolicy | null;
  /** What held it, or is worth a look. */
  readonly flags: readonly string[];
  /** Ids of the changes of authorization that it made necessary. */
  readonly changes: readonly string[];
}

export const verdict = (
  state: EventState,
  code: string,
  message: string,
  about: Partial<Pick<Verdict, 'mac' | 'user' | 'policy' | 'flags' | 'changes'>> = {},
): Verdict => ({ state, code, message, mac: null, user: null, policy: null, flags: [], changes: [], ...about });

/** When it occurred, as far as that is to be believed: nothing has occurred before it arrived. */
export const occurredBy = ({ message, receivedAt }: WaitingMessage): number =>
  Math.min(message.occurredAt ?? receivedAt, receivedAt);

/** Before a message does something: by its traces that is found. */
export const leaveTrace = async ({ deps, tenant, received }: Case, trace: Trace): Promise<void> =>
  deps.traces.leave(tenant, eventOf(received), trace, deps.now());

export const senderOf = ({ client }: WaitingMessage) => ({ kind: 'client' as const, name: client });
