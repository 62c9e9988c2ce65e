/**
 * What connectors have to be told about a host, each of the device that is meant. Laws: of what one connector is told of one
 * device only the newest is sent, and none is made where it has been told so already; one that may have reached it is never
 * taken for one that did not; whatever device a connector was told to hold, it is told to free.
 */
import type { Answer } from '../connectors/enforcer.ts';
import type { Mac } from '../endpoints/mac.ts';
import type { Assigned } from './events.ts';
import { type Device, type InfectedHost, isMore, type Operation, type Wanted, wantedOf } from './host.ts';

type Operations = readonly Operation[];
type Made = Pick<Assigned, 'cause' | 'why'> & { readonly now: number; readonly newId: () => string };

/** A connector, and a device that it is told of. */
type Target = Pick<Operation, 'connector' | 'device'>;

const mostRemembered = 16;
const firstBackOffMs = 5_000;
const longestBackOffMs = 5 * 60_000;

/** It has still to be sent, or answered. */
export const isUnsettled = ({ state }: Operation) => state === 'requested' || state === 'sent' || state === 'failed';

const isOf = (one: Target, { connector, device }: Target) => one.connector === connector && one.device.at === device.at;

const ofTarget = (operations: Operations, target: Target) => operations.filter((each) => isOf(each, target));

/** Nobody ever sent it, nor will. */
export const isUnsaid = ({ state, attempts }: Operation) => state === 'superseded' && attempts === 0;

/** The newest operation of each target that counts, the newest first: it says what is wanted there. */
export function newestOperations({ operations }: Pick<InfectedHost, 'operations'>): Operations {
  const counting = operations.filter((each) => !isUnsaid(each));
  return counting.filter((each, at) => !counting.slice(0, at).some((newer) => isOf(newer, each)));
}

const connectorsOf = (operations: Operations) => [...new Set(operations.map(({ connector }) => connector))];

/** What a connector has been told of a device, or is about to be; where it was never told, or is no more, that is nothing. */
function toldTo(operations: Operations, target: Target): Wanted | 'uncertain' {
  const newest = ofTarget(operations, target).find((each) => !isUnsaid(each));
  if (newest === undefined || newest.state === 'abandoned') return 'free';
  return newest.state === 'superseded' ? 'uncertain' : newest.wanted;
}

/** What a connector was told last of the device that an operation is of, and has not refused. */
export const toldOf = ({ operations }: Pick<InfectedHost, 'operations'>, target: Operation): Wanted =>
  ofTarget(operations, target).find(
    ({ attempts, state }) => attempts > 0 && state !== 'refused' && state !== 'abandoned',
  )?.wanted ?? 'free';

/** Whether no connector has to be told anything new. */
export const isToldAll = (host: Pick<InfectedHost, 'operations' | 'listings' | 'accused'>, connector: string | null) =>
  toBeTold(host, connector).length === 0;

type Due = Target & Pick<Operation, 'wanted'>;

/** Where the address is now the accused is held; wherever any device is held else, it is free. */
function toBeTold(
  host: Pick<InfectedHost, 'operations' | 'listings' | 'accused'>,
  connector: string | null,
): readonly Due[] {
  const { accused: device, operations } = host;
  const held = connector === null || device === null ? [] : [{ connector, device, wanted: wantedOf(host) }];
  const others = newestOperations(host).filter((each) => !held.some((one) => isOf(one, each)));
  const freed = others.map((each) => ({ connector: each.connector, device: each.device, wanted: 'free' as const }));
  return [...freed, ...held].filter((each) => toldTo(operations, each) !== each.wanted);
}

export function assigned(host: InfectedHost, { connector, ...made }: Assigned, rest: Omit<Made, 'cause' | 'why'>) {
  return toBeTold(host, connector).reduce((after, each) => {
    const isMoved = each.connector !== connector && each.device.at === host.accused?.at;
    return told(after, each, { ...rest, cause: made.cause, why: isMoved ? 'moved' : made.why });
  }, host);
}

/** Whatever waited to be said is superseded; and where that leaves the connector told so, nothing more is said. */
function told(host: InfectedHost, due: Due, made: Made): InfectedHost {
  const operations = host.operations.map((each) =>
    isOf(each, due) && isUnsettled(each) ? { ...each, state: 'superseded' as const } : each,
  );
  if (toldTo(operations, due) === due.wanted) return { ...host, operations };
  return withOperation({ ...host, operations }, due, made);
}

function withOperation(host: InfectedHost, { connector, device, wanted }: Due, made: Made): InfectedHost {
  const { cause, why, now, newId } = made;
  const operation: Operation = {
    id: newId(),
    connector,
    device,
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

/** Never forgets what says what a connector was told, unless that is that a device of the past is free. */
function remembered(operations: Operations): Operations {
  const needed = new Set(
    newestOperations({ operations }).flatMap((target) => {
      const ofIt = ofTarget(operations, target);
      const end = ofIt.findIndex((each) => !isUnsaid(each));
      if (isFreed(operations, target)) return [];
      const said = saidSince(ofIt);
      const mostSaid = said.find(({ wanted }) => wanted === most(said.map((each) => each.wanted)));
      return [
        ...ofIt.slice(end === -1 ? ofIt.length : end, end + 1),
        ...said.slice(-1),
        ...(mostSaid ? [mostSaid] : []),
      ];
    }),
  );
  const others = operations.filter((each) => !needed.has(each)).slice(0, Math.max(0, mostRemembered - needed.size));
  return operations.filter((each) => needed.has(each) || others.includes(each));
}

/** The other side is otherwise than it acknowledged, may take now what it refused, or is there again. What waits to be said anyway is not said twice. */
export function drifted(host: InfectedHost, id: string, made: Made): InfectedHost {
  const newest = newestOperations(host).find((each) => each.id === id);
  if (newest === undefined || isUnsettled(newest) || newest.state === 'superseded') return host;
  const why = newest.state === 'acknowledged' ? made.why : newest.why;
  return withOperation(host, newest, { ...made, why });
}

const isRelease = ({ wanted }: Operation) => wanted === 'free';

/** On its way: somebody has it, and has time left. */
const isOut = ({ sentAt, answeredAt, nextAt }: Operation, now: number) =>
  sentAt !== null && answeredAt === null && nextAt > now;

/**
 * Those that are to be sent now: of each connector one, while none of it is on its way. Devices that are freed come first,
 * so that they are free before another is held through the same address.
 */
export const dueOperations = (host: Pick<InfectedHost, 'operations'>, now: number): Operations =>
  connectorsOf(host.operations).flatMap((connector) => {
    const isHere = (each: Operation) => each.connector === connector;
    if (host.operations.some((each) => isHere(each) && isOut(each, now))) return [];
    const due = newestOperations(host).filter((each) => isHere(each) && isUnsettled(each) && each.nextAt <= now);
    return [...due.filter(isRelease).toSorted((one, other) => one.device.at - other.device.at), ...due].slice(0, 1);
  });

/** The most that the connector may have been told of the device before, and not taken back since: what it has to take back. */
export function formerOf({ operations }: Pick<InfectedHost, 'operations'>, operation: Operation): Wanted {
  const older = operations.slice(operations.findIndex(({ id }) => id === operation.id) + 1);
  return most(saidSince(ofTarget(older, operation)).map(({ wanted }) => wanted));
}

/** What was said of one target since it was last acknowledged, and that: any of it may stand there. */
function saidSince(ofIt: Operations): Operations {
  const said = ofIt.filter(({ attempts }) => attempts > 0);
  const sure = said.findIndex(({ state }) => state === 'acknowledged');
  return sure === -1 ? said : said.slice(0, sure + 1);
}

const most = (all: readonly Wanted[]): Wanted => all.reduce((one, each) => (isMore(each, one) ? each : one), 'free');

/** `undefined`: it is not to be sent now: it is settled, another has it, or its time has not come. */
export function taken(
  host: InfectedHost,
  { id, leaseMs, mac = null }: { readonly id: string; readonly leaseMs: number; readonly mac?: Mac | null },
  now: number,
): InfectedHost | undefined {
  const operation = dueOperations(host, now).find((each) => each.id === id);
  if (!operation) return undefined;
  const attempts = operation.attempts + 1;
  const sent = replacing(host, { ...operation, state: 'sent', attempts, sentAt: now, answeredAt: null, nextAt: now + leaseMs }); // prettier-ignore
  return mac === null ? sent : (found(sent, id, mac) ?? sent);
}

/** Whatever is told of this device is told of this MAC from now on. `undefined`: another is known already, or it is nobody's. */
export function found(host: InfectedHost, id: string, mac: Mac): InfectedHost | undefined {
  const at = host.operations.find((each) => each.id === id && each.device.mac === null)?.device.at;
  if (at === undefined) return undefined;
  const known = (device: Device): Device => (device.at === at ? { at, mac } : device);
  return {
    ...host,
    accused: host.accused && known(host.accused),
    operations: host.operations.map((each) => ({ ...each, device: known(each.device) })),
  };
}

interface Told {
  readonly outcome: Answer['outcome'] | 'abandoned';
  readonly detail: string;
  readonly roundTripMs: number | null;
}

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

/** Nothing is to be sent, and every connector has said that whatever device it was told to hold is free, or is no more. */
export const isLetGo = (host: InfectedHost) =>
  !host.operations.some(isUnsettled) && newestOperations(host).every((each) => isFreed(host.operations, each));

/** One that refuses to free a device has not freed it. */
const isFreed = (operations: Operations, target: Target) => {
  const newest = ofTarget(operations, target).find((each) => !isUnsaid(each));
  const { state, wanted } = newest ?? { state: 'abandoned', wanted: 'free' };
  return state === 'abandoned' || (state === 'acknowledged' && wanted === 'free');
};

const operationsKeptMs = 24 * 3_600_000;

/** When a host that nobody lists and every connector has let go is forgotten, with what was said of it; undefined: it is not. */
export const forgottenAt = (host: InfectedHost): number | undefined =>
  Object.keys(host.listings).length === 0 && isLetGo(host) ? host.changedAt + operationsKeptMs : undefined;

/** When a connector has to be told next; undefined: all have been. */
export function dueAt({ operations }: Pick<InfectedHost, 'operations'>): number | undefined {
  const times = operations.filter(isUnsettled).map(({ nextAt }) => nextAt);
  return times.length === 0 ? undefined : Math.min(...times);
}

/** Devices that connectors were told of, or are to be, as far as they are known. */
export const devicesOf = ({ operations }: Pick<InfectedHost, 'operations'>): readonly Mac[] => [
  ...new Set(operations.flatMap(({ device }) => device.mac ?? [])),
];
