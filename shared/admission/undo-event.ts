/**
 * Takes back everything that one event did, and nothing else: the reasons that it opened and that still stand, its
 * messages that wait, its approvals that nobody has decided, and of a poll or push of a feed its listings. It is found by
 * the traces that the event has left. What cannot be taken back is told: a clear let people in whose reasons nobody keeps,
 * and a session that has ended does not go on. The same undo once more finds nothing left to do.
 */
import type { ChangeNotifier } from '../endpoints/change-notifier.ts';
import { advanceEndpoint, type EndpointTable } from '../endpoints/endpoint-table.ts';
import { actOnEach, type Each, isUnfinished } from '../endpoints/many.ts';
import { type EventKey, isOfEvent, type Trace, type TraceStore } from '../endpoints/traces.ts';
import type { IpAddress } from '../identity/address.ts';
import type { HostActs } from '../infected-hosts/host-acts.ts';
import type { EventLog } from '../journal/event-line.ts';
import { longestText } from '../journal/shown-text.ts';
import { ServiceError } from '../service-error.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import { type ApprovalStore, withdrawApproval } from './approval.ts';
import { type Arrival, undoneLine } from './event-lines.ts';
import type { EventMemory } from './event-memory.ts';
import { changesOf } from './hold.ts';

export interface Undoing extends EndpointTable {
  readonly traces: TraceStore;
  readonly approvals: ApprovalStore;
  readonly memory: Pick<EventMemory, 'answerTo'>;
  readonly hostActs: Pick<HostActs, 'undoHosts'>;
  readonly notifier: ChangeNotifier;
  readonly events: Pick<EventLog, 'tell'>;
}

export interface UndoWanted {
  readonly event: EventKey;
  readonly note: string | null;
  /** Epoch milliseconds: from then on nothing further is begun. */
  readonly untilAt: number;
}

/** What was found of the event, and what became of it. */
export interface UndoneOne {
  readonly what: Trace['kind'] | 'host';
  readonly mac: string | null;
  readonly ip: string | null;
  readonly approval: string | null;
  /** `gone`: nothing of it was left. `impossible`: it cannot be taken back. */
  readonly outcome: 'undone' | 'gone' | 'impossible' | 'failed' | 'left';
  readonly message: string;
  /** Ids of the changes of authorization that it made necessary. */
  readonly changes: readonly string[];
}

export interface Undone {
  readonly event: EventKey;
  readonly results: readonly UndoneOne[];
  /** `some`: the same call once more goes on. */
  readonly left: 'none' | 'some';
}

const pageSize = 200;
/** Of hosts of a feed in one call. */
const mostHosts = 1_000;

/** Throws `event-absent` where nothing is known of such an event. */
export async function undoEvent(deps: Undoing, tenant: TenantId, by: Arrival, wanted: UndoWanted): Promise<Undone> {
  const results: UndoneOne[] = [];
  let left: Undone['left'] = 'none';
  let after: string | undefined;
  do {
    const page = await deps.traces.of(tenant, wanted.event, { limit: pageSize, ...(after !== undefined && { after }) });
    const came = await actOnEach(page.traces, { now: deps.now, untilAt: wanted.untilAt }, async (trace) => undo({ deps, tenant, by, wanted }, trace)); // prettier-ignore
    results.push(...page.traces.map((trace, at) => resultOf(trace, came[at])));
    after = page.next;
    if (isUnfinished(came) || (after !== undefined && deps.now() >= wanted.untilAt)) left = 'some';
  } while (after !== undefined && left === 'none');
  const isOfFeed = wanted.event.client === null && /^(atp-cloud|push)-/.test(wanted.event.id);
  const hosts = isOfFeed && left === 'none' ? await undoHosts({ deps, tenant, by, wanted }) : nobody;
  if (hosts.left === 'some') left = 'some';
  const all = hosts.results.length === 0 ? results : [...results.filter(({ what }) => what !== 'hosts'), ...hosts.results]; // prettier-ignore
  if (all.length === 0 && left === 'none') await mustBeKnown(deps, tenant, wanted.event);
  return { event: wanted.event, results: all, left };
}

const nobody: Pick<Undone, 'results' | 'left'> = { results: [], left: 'none' };

interface At {
  readonly deps: Undoing;
  readonly tenant: TenantId;
  readonly by: Arrival;
  readonly wanted: UndoWanted;
}

type Told = Pick<UndoneOne, 'outcome' | 'message'> & Partial<Pick<UndoneOne, 'changes'>>;

async function undo(at: At, trace: Trace): Promise<Told> {
  switch (trace.kind) {
    case 'endpoint':
      return undoOnEndpoint(at, trace);
    case 'address':
      return undoWaiting(at, trace.ip);
    case 'approval':
      return undoApproval(at, trace.id);
    case 'cleared':
      return { outcome: 'impossible', message: `${trace.mac} was cleared, and what it was held for is not kept: hold it again where that is wanted.` }; // prettier-ignore
    case 'terminated':
      return { outcome: 'impossible', message: `Sessions of ${trace.mac} were ended: it logs in again by itself.` };
    case 'hosts':
      return { outcome: 'gone', message: 'What it had done about hosts was taken back before.' };
    case 'let-go':
      return { outcome: 'impossible', message: 'It let hosts go that its list had no more, and what was done about them is not kept: push them again where that is wanted.' }; // prettier-ignore
  }
}

async function undoOnEndpoint(at: At, { mac }: Extract<Trace, { kind: 'endpoint' }>): Promise<Told> {
  const { deps, tenant, wanted } = at;
  const advanced = await advanceEndpoint(deps, tenant, mac, (read) => read && { kind: 'undone', event: wanted.event });
  if (advanced?.outcome !== 'undone') return { outcome: 'gone', message: `${mac} is not held by it any more.` };
  const changes = changesOf(advanced);
  if (changes.length > 0) await deps.notifier.changed(tenant, mac);
  const message = `What it had opened on ${mac} is taken back; other reasons stay.`;
  await tell(at, { message, mac, ip: null, changes });
  return { outcome: 'undone', message, changes };
}

async function undoWaiting(at: At, ip: IpAddress): Promise<Told> {
  const { deps, tenant, wanted } = at;
  const { pending } = await deps.endpoints.at(tenant, ip);
  const ours = pending.filter((each) => isOfEvent(each, wanted.event));
  const removed = await Promise.all(ours.map(async (each) => deps.endpoints.removePending(tenant, each)));
  if (!removed.includes('removed')) return { outcome: 'gone', message: `It waits for ${ip} no longer.` };
  const message = `It need not wait for whoever had ${ip} any more.`;
  await tell(at, { message, mac: null, ip });
  return { outcome: 'undone', message };
}

/** The question may have been asked again since, by another event: that one's it is then. */
async function undoApproval(at: At, id: string): Promise<Told> {
  const { deps, tenant, by, wanted } = at;
  const approval = await deps.approvals.read(tenant, id);
  const received = approval?.subject.kind === 'message' ? approval.subject.received : undefined;
  const isOurs = received !== undefined && isOfEvent(received, wanted.event);
  const now = deps.now();
  const withdrawn = isOurs ? await withdrawApproval(deps.approvals, tenant, id, { by: by.credentialName, now }) : 'absent'; // prettier-ignore
  if (withdrawn === 'absent') return { outcome: 'gone', message: `It waits for no approval under ${id} any more.` };
  const message = 'It need not be approved any more: the question is withdrawn.';
  await tell(at, { message, mac: null, ip: received?.message.endpointIp ?? null });
  return { outcome: 'undone', message };
}

/** Each is told by whoever keeps the hosts. Those that are undone already are not found again. */
async function undoHosts({ deps, tenant, by, wanted }: At): Promise<Pick<Undone, 'results' | 'left'>> {
  const said = { name: by.credentialName, cause: `undo-${by.requestId}` };
  const page = { limit: mostHosts, untilAt: wanted.untilAt };
  const { hosts, left } = await deps.hostActs.undoHosts(tenant, wanted.event.id, page, said);
  const results = hosts.map(({ ip, came }): UndoneOne => ({ what: 'host', mac: null, ip, approval: null, changes: [], ...outcomeOf(came) })); // prettier-ignore
  if (hosts.length > 0) await deps.traces.leave(tenant, wanted.event, { kind: 'hosts' }, deps.now());
  return { results, left };
}

const tell = async (
  { deps, tenant, by, wanted }: At,
  told: Pick<UndoneOne, 'message'> & Omit<Parameters<typeof undoneLine>[2], 'note' | 'at'>,
) => deps.events.tell(tenant, [undoneLine(by, wanted.event, { ...told, note: wanted.note, at: deps.now() })]);

function resultOf(trace: Trace, came: Each<Told> | undefined): UndoneOne {
  const about = {
    what: trace.kind,
    mac: 'mac' in trace ? trace.mac : null,
    ip: 'ip' in trace ? trace.ip : null,
    approval: 'id' in trace ? trace.id : null,
  };
  return { ...about, changes: [], ...outcomeOf(came) };
}

function outcomeOf(came: Each<Told> | undefined): Told {
  switch (came?.came) {
    case 'done':
      return came.result;
    case 'refused':
    case 'failed':
      return { outcome: 'failed', message: 'It failed by our fault. Send the same once more.' };
    default:
      return { outcome: 'left', message: 'There was no time left for it. Send the same once more.' };
  }
}

/** An event that did nothing leaves no trace, and is known all the same where its client gave it an id. */
async function mustBeKnown({ memory, now }: Undoing, tenant: TenantId, { client, id }: EventKey): Promise<void> {
  // What no message can have for its id is no key that could be looked up, either.
  const isAskedFor = client !== null && id.length <= longestText;
  const known = isAskedFor ? await memory.answerTo(tenant, client, id, now()) : undefined;
  if (known !== undefined) return;
  const shown = id.slice(0, 64);
  const whose =
    client === null
      ? 'No act of an operator and no poll or push of a feed'
      : `No event of the client "${client.slice(0, 64)}"`;
  const mend = client === null ? ' Name the "client" where it is a client’s event.' : '';
  throw new ServiceError('event-absent', `${whose} that did something has the id "${shown}".${mend} GET /v1/events lists what came, each with its eventId.`); // prettier-ignore
}
