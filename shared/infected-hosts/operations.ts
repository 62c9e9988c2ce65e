/**
 * What connectors have to be told about a host. Laws: of one connector only the newest operation is sent, and none is
 * made where the connector has been told so already; one that may have reached it is never taken for one that did not.
 */
import type { Answer } from '../connectors/enforcer.ts';
import type { Assigned } from './events.ts';
import { type InfectedHost, isMore, type Operation, type Wanted, wantedOf } from './host.ts';

type Operations = readonly Operation[];
type Made = Pick<Assigned, 'cause' | 'why'> & { readonly now: number; readonly newId: () => string };

const mostRemembered = 16;
const firstBackOffMs = 5_000;
const longestBackOffMs = 5 * 60_000;

/** It has still to be sent, or answered. */
export const isUnsettled = ({ state }: Operation) => state === 'requested' || state === 'sent' || state === 'failed';

export const newestOf = ({ operations }: Pick<InfectedHost, 'operations'>, connector: string) =>
  operations.find((each) => each.connector === connector);

const connectorsOf = (operations: Operations) => [...new Set(operations.map(({ connector }) => connector))];

/** What a connector has been told, or is about to be; one that was never told leaves everybody free. */
function toldTo(operations: Operations, connector: string): Wanted | 'uncertain' {
  for (const each of operations) {
    if (each.connector !== connector) continue;
    if (each.state !== 'superseded') return each.wanted;
    if (each.attempts > 0) return 'uncertain';
  }
  return 'free';
}

/** Whether no connector has to be told anything new. */
export const isToldAll = (host: Pick<InfectedHost, 'operations' | 'listings'>, connector: string | null) =>
  toBeTold(host, connector).length === 0;

function toBeTold(host: Pick<InfectedHost, 'operations' | 'listings'>, connector: string | null) {
  const others = connectorsOf(host.operations).filter((each) => each !== connector);
  const wanted = [
    ...others.map((each) => ({ connector: each, wanted: 'free' as const, isMoved: true })),
    ...(connector === null ? [] : [{ connector, wanted: wantedOf(host), isMoved: false }]),
  ];
  return wanted.filter((each) => toldTo(host.operations, each.connector) !== each.wanted);
}

export function assigned(host: InfectedHost, { connector, ...made }: Assigned, rest: Omit<Made, 'cause' | 'why'>) {
  return toBeTold(host, connector).reduce((after, each) => {
    const why = each.isMoved && connector !== null ? 'moved' : made.why;
    return told(after, each.connector, each.wanted, { ...rest, cause: made.cause, why });
  }, host);
}

/** Whatever waited to be said to the connector is superseded; and where that leaves it told so, nothing more is said. */
function told(host: InfectedHost, connector: string, wanted: Wanted, made: Made): InfectedHost {
  const operations = host.operations.map((each) =>
    each.connector === connector && isUnsettled(each) ? { ...each, state: 'superseded' as const } : each,
  );
  if (toldTo(operations, connector) === wanted) return { ...host, operations };
  return withOperation({ ...host, operations }, connector, wanted, made);
}

function withOperation(host: InfectedHost, connector: string, wanted: Wanted, made: Made): InfectedHost {
  const { cause, why, now, newId } = made;
  const operation: Operation = {
    id: newId(),
    connector,
    wanted,
    cause,
    why,
    state: 'requested',
    requestedAt: now,
    attempts: 0,
    sentAt: null,
    nextAt: now,
    answeredAt: null,
    roundTripMs: null,
    detail: null,
  };
  return { ...host, operations: remembered([operation, ...host.operations]) };
}

/** Never forgets what says what a connector was told. */
function remembered(operations: Operations): Operations {
  const needed = new Set(
    connectorsOf(operations).flatMap((connector) => {
      const ofIt = operations.filter((each) => each.connector === connector);
      const end = ofIt.findIndex(({ state, attempts }) => state !== 'superseded' || attempts > 0);
      return ofIt.slice(end === -1 ? ofIt.length : end, end + 1);
    }),
  );
  const others = operations.filter((each) => !needed.has(each)).slice(0, Math.max(0, mostRemembered - needed.size));
  return operations.filter((each) => needed.has(each) || others.includes(each));
}

/** The other side is otherwise than it acknowledged, or may take now what it refused. What waits to be said anyway is not said twice. */
export function drifted(host: InfectedHost, connector: string, made: Made): InfectedHost {
  const newest = newestOf(host, connector);
  if (newest?.state !== 'acknowledged' && newest?.state !== 'refused') return host;
  const why = newest.state === 'refused' ? newest.why : made.why;
  return withOperation(host, connector, newest.wanted, { ...made, why });
}

/** On its way: somebody has it, and has time left. */
const isOut = ({ sentAt, answeredAt, nextAt }: Operation, now: number) =>
  sentAt !== null && answeredAt === null && nextAt > now;

/** Those that are to be sent now: the newest of each connector, while none of that connector is on its way. */
export const dueOperations = ({ operations }: Pick<InfectedHost, 'operations'>, now: number): Operations =>
  connectorsOf(operations).flatMap((connector) => {
    const [newest, ...older] = operations.filter((each) => each.connector === connector);
    const isDue = newest && isUnsettled(newest) && newest.nextAt <= now && !older.some((each) => isOut(each, now));
    return isDue ? [newest] : [];
  });

/** The most that the connector may have been told before this one, and not taken back since: what it has to take back. */
export function formerOf({ operations }: Pick<InfectedHost, 'operations'>, { id, connector }: Operation): Wanted {
  const older = operations.slice(operations.findIndex((each) => each.id === id) + 1);
  const told = older.filter((each) => each.connector === connector && each.attempts > 0);
  const sure = told.findIndex(({ state }) => state === 'acknowledged');
  const since = sure === -1 ? told : told.slice(0, sure + 1);
  return since.map(({ wanted }) => wanted).reduce((most, each) => (isMore(each, most) ? each : most), 'free');
}

/** `undefined`: it is not to be sent now: it is settled, another has it, or its time has not come. */
export function taken(
  host: InfectedHost,
  { id, leaseMs }: { readonly id: string; readonly leaseMs: number },
  now: number,
): InfectedHost | undefined {
  const operation = dueOperations(host, now).find((each) => each.id === id);
  if (!operation) return undefined;
  const attempts = operation.attempts + 1;
  return replacing(host, { ...operation, state: 'sent', attempts, sentAt: now, answeredAt: null, nextAt: now + leaseMs }); // prettier-ignore
}

type Told = Pick<Answer, 'outcome' | 'detail'> & { readonly roundTripMs: number | null };

/** An answer to what is superseded is remembered, and changes nothing else. */
export function answered(host: InfectedHost, id: string, answer: Told, now: number): InfectedHost | undefined {
  const operation = host.operations.find((each) => each.id === id);
  if (!operation || (!isUnsettled(operation) && operation.state !== 'superseded')) return undefined;
  const { detail, roundTripMs, outcome } = answer;
  const told = { ...operation, answeredAt: now, detail, roundTripMs };
  if (operation.state === 'superseded') return replacing(host, told);
  const nextAt = outcome === 'failed' ? now + backOffMs(operation.attempts) : operation.nextAt;
  return replacing(host, { ...told, state: outcome, nextAt });
}

const backOffMs = (attempts: number) => Math.min(longestBackOffMs, firstBackOffMs * 2 ** Math.max(0, attempts - 1));

const replacing = (host: InfectedHost, operation: Operation): InfectedHost => ({
  ...host,
  operations: host.operations.map((each) => (each.id === operation.id ? operation : each)),
});

/** Nothing is to be sent, and no connector was told anything but to leave it free. */
export const isLetGo = ({ operations }: InfectedHost) =>
  !operations.some(isUnsettled) && connectorsOf(operations).every((each) => toldTo(operations, each) === 'free');

/** When a connector has to be told next; undefined: all have been. */
export function dueAt({ operations }: Pick<InfectedHost, 'operations'>): number | undefined {
  const times = operations.filter(isUnsettled).map(({ nextAt }) => nextAt);
  return times.length === 0 ? undefined : Math.min(...times);
}
