/** Posts: what ClearPass tells of who came and who left. What was told as stored is durable and visible. */
import { leaveReceipt, type LeaveReceipt } from '../journal/leave-receipt.ts';
import { mostReceiptDays, receiptIdOf, type Remark } from '../journal/receipt.ts';
import { type Teach, toldBy } from '../endpoints/taught-addresses.ts';
import { ServiceError } from '../service-error.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import { MalformedPostError } from '../wire/clearpass/malformed-post-error.ts';
import { readPost } from '../wire/clearpass/post-xml.ts';
import type { PostedEntry } from '../wire/clearpass/posted-entry.ts';
import { type IpAddress, readAddress } from './address.ts';
import { addressSet } from './address-set.ts';
import { type AuthenticationTable, type Change, change, type ChangeOutcome } from './authentication-table.ts';
import type { Event, Outcome } from './advance.ts';
import { foldCase } from './fold-case.ts';
import type { Micros, Observation } from './observation.ts';
import { observe } from './observe.ts';
import type { PostUsage } from './post-usage.ts';
import { fits } from './observe-details.ts';
import type { Hear } from './source-heard.ts';
import { type PostResult, receiptOf, refusalOf, type Told, summarise } from './post-summary.ts';

export interface PostEntries extends LeaveReceipt {
  readonly table: AuthenticationTable;
  readonly settingsOf: (tenant: TenantId) => Promise<PostSettings>;
  /** Notes that ClearPass was heard. */
  readonly hear: Hear;
  /** Teaches endpoints the addresses that logons name their MACs with. */
  readonly teach: Teach;
  /** Counts the tenant's posts, and holds them to its limits. */
  readonly usage: PostUsage;
}

export interface PostSettings {
  readonly entryTimeoutMinutes: number;
  /** Who may post; empty: anybody with the credential. */
  readonly allowedClients: readonly string[];
  /** Addresses and prefixes that no entry is kept of. */
  readonly excludeAddresses: readonly string[];
  /** Days that a receipt is kept. */
  readonly receiptDays: number;
  /** Whether the tenant may have endpoints that could be taught an address. */
  readonly endpoints: 'some' | 'none';
}

export interface Sender {
  readonly tenant: TenantId;
  readonly credentialId: string;
  readonly credentialName: string;
  readonly orderByArrival: boolean;
  readonly clientAddress: string;
  readonly requestId: string;
}

export interface Post extends Sender {
  readonly body: Uint8Array;
  /** Epoch milliseconds. */
  readonly receivedAt: number;
  /** Epoch milliseconds: when we must have answered. */
  readonly deadlineAt: number;
}

export const maxPostBytes = 2_097_152;

/** How long a post is worked on. Then the sender is asked to repeat it, well before the gateway gives up on us. */
const workMs = 20_000;
const answerMs = 2_000;

/** Stores what a post tells. Throws where all of it is refused unread; `recordRefusal` leaves the receipt of that. */
export async function postEntries(deps: PostEntries, post: Post): Promise<PostResult> {
  await deps.usage.look(post.tenant);
  const [settings, room] = await Promise.all([
    deps.settingsOf(post.tenant),
    deps.usage.count(post.tenant, post.body.length),
  ]);
  admit(post, settings);
  const excluded = settings.excludeAddresses.length > 0 ? addressSet(settings.excludeAddresses) : () => false;
  const told = readEntries(post).map((posted) => tell(posted, post, excluded));
  const receiptId = receiptIdOf(post.receivedAt, post.requestId);
  const { changes, places } = changesOf(told, post.receivedAt * 1_000, {
    timeoutMinutes: settings.entryTimeoutMinutes,
    receipt: receiptId,
  });
  const untilAt = Math.min(post.receivedAt + workMs, post.deadlineAt - answerMs);
  const made = await change(deps.table, post.tenant, { changes, untilAt, room });
  const outcomes = places.map((place) => place && outcomeOf(made[place.change], place.event));
  const result = summarise(told, outcomes, receiptId);
  const { remarks } = result;
  const keeping = { days: settings.receiptDays, untilAt: post.deadlineAt - answerMs };
  const isHeard = result.counts.refused < result.counts.entries;
  await Promise.all([
    leaveReceipt(deps, post.tenant, { receipt: receiptOf(post, told, result), remarks }, keeping),
    deps.usage.note(post.tenant, room),
    isHeard && deps.hear(post.tenant, 'aruba-clearpass', post.receivedAt),
    settings.endpoints === 'some' && deps.teach(post.tenant, addressesIn(told, outcomes), { source: 'post', untilAt }),
  ]);
  return result;
}

/**
 * What came too late, or was refused, is no news of an endpoint either. What is told again is: the repeat of a post
 * teaches what the first could not.
 */
const teachable: ReadonlySet<Outcome | 'busy' | undefined> = new Set(['stored', 'replayed'] as const);
const addressesIn = (told: readonly Told[], outcomes: readonly (Outcome | 'busy' | undefined)[]) =>
  told.flatMap(({ observation }, index) =>
    observation?.operation === 'logon' && teachable.has(outcomes[index]) ? toldBy(observation) : [],
  );

/** The receipt of a post that was refused before anything in it was looked at. */
export async function recordRefusal(deps: LeaveReceipt & Pick<PostEntries, 'usage'>, post: Post, error: ServiceError) {
  const isLimited = error.code === 'tenant-limit';
  if (isLimited) {
    deps.measure(post.tenant, post.receivedAt, { PostsLimited: 1 });
    if (deps.usage.isTold(post) === 'told') return;
  }
  const receipt = refusalOf(post, error);
  // The setting may be what could not be read. Who looks for receipts is shown those of the days that are set then.
  const outcome = await leaveReceipt(
    deps,
    post.tenant,
    { receipt, remarks: receipt.remarks },
    { days: mostReceiptDays },
  );
  if (isLimited && outcome === 'kept') deps.usage.tell(post);
}

function admit({ body, clientAddress }: Post, { allowedClients }: PostSettings) {
  if (allowedClients.length > 0 && !addressSet(allowedClients)(clientAddress)) {
    throw new ServiceError(
      'client-refused',
      `The address ${clientAddress} may not post here. Add it to webApi.allowedClients of the configuration.`,
    );
  }
  if (body.length > maxPostBytes) {
    throw new ServiceError(
      'body-too-large',
      `The body has ${body.length} bytes; ${maxPostBytes} (2 MB) are taken. Send the entries in several posts.`,
    );
  }
}

function readEntries({ body }: Post): readonly PostedEntry[] {
  try {
    return readPost(body);
  } catch (error) {
    if (!(error instanceof MalformedPostError)) throw error;
    const { code, message, line, column } = error;
    throw new ServiceError(code, message, { line, column });
  }
}

function tell(posted: PostedEntry, post: Post, excluded: (ip: IpAddress) => boolean): Told {
  const { receivedAt, orderByArrival } = post;
  const { line, column, source } = posted;
  const order = orderByArrival ? 'by-arrival' : 'by-instant';
  const observed = observe(posted, { origin: 'aruba-clearpass', arrivedAt: receivedAt, order });
  const about = { line, column, ...(source !== undefined && fits(source, 255) && { source }) };
  if ('fault' in observed) return { ...about, ...whoIn(posted), fault: observed.fault, notes: [] };
  const { ip } = observed.observation;
  if (!excluded(ip)) return { ...about, ...observed };
  return { ...about, ...whoIn(posted), fault: exclusion(ip, { line, column }), notes: [] };
}

/** Whom an entry is about that is refused, so that the refusal is found by whoever looks for them. */
function whoIn(posted: PostedEntry) {
  const ip = posted.ip === undefined ? undefined : readAddress(posted.ip).address;
  const user = posted.user === undefined ? undefined : foldCase(posted.user);
  return { ...(ip !== undefined && { ip }), ...(user !== undefined && fits(user, 255) && { user }) };
}

const exclusion = (ip: IpAddress, place: { line: number; column: number }): Remark => ({
  code: 'address-excluded',
  message: `No entry is kept of ${ip}: webApi.excludeAddresses of the configuration names it.`,
  ...place,
});

/** One change an address, its events in the order of the document, and for each entry told where it went. */
function changesOf(told: readonly Told[], arrival: number, each: { timeoutMinutes: number; receipt: string }) {
  const changes: (Change & { events: Event[] })[] = [];
  const numbers = new Map<IpAddress, number>();
  const places = told.map(({ observation }) => {
    if (observation === undefined) return undefined;
    const number = numbers.get(observation.ip) ?? changes.length;
    numbers.set(observation.ip, number);
    const { events } = (changes[number] ??= { key: { ip: observation.ip, slot: 'userid' }, events: [] });
    events.push(eventOf(inDocumentOrder(observation, arrival, events.length), each));
    return { change: number, event: events.length - 1 };
  });
  return { changes, places };
}

const outcomeOf = (outcomes: ChangeOutcome | undefined, event: number): Outcome | 'busy' =>
  outcomes === undefined || outcomes === 'busy' ? 'busy' : (outcomes[event] ?? 'busy');

/** Entries without a timestamp arrive at one instant, but were written one after another: a microsecond apart. */
function inDocumentOrder(observation: Observation, arrival: number, before: number): Observation {
  return observation.instant === arrival ? { ...observation, instant: (arrival + before) as Micros } : observation;
}

const eventOf = (observation: Observation, each: { timeoutMinutes: number; receipt: string }): Event =>
  observation.operation === 'logon'
    ? { kind: 'logon', logon: { ...observation, receipt: each.receipt }, timeoutMinutes: each.timeoutMinutes }
    : { kind: 'logoff', logoff: observation };
