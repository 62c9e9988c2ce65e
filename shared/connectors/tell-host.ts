/**
 * Tells connectors what a host is to be: of each the newest that is wanted, one after another, as long as some are due.
 * An operation is taken for as long as its worker lives, so whatever is killed in between is found due afterwards, and is
 * said again with the same id.
 */
import type { ConnectorType, ThreatResponse } from '../configuration/threat-response.ts';
import type { Mac } from '../endpoints/mac.ts';
import type { IpAddress } from '../identity/address.ts';
import type { HostEvent } from '../infected-hosts/events.ts';
import { type InfectedHost, isMore, type Listing, type Operation, wantedOf } from '../infected-hosts/host.ts';
import { advanceHost, type HostTable } from '../infected-hosts/host-table.ts';
import { dueOperations, formerOf, isUnsettled } from '../infected-hosts/operations.ts';
import type { EventLog } from '../journal/event-line.ts';
import type { Measure } from '../journal/measure.ts';
import type { SecretReference } from '../outbound/secrets.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import type { ConnectorWorker } from './connector-work.ts';
import { alsoHeld } from './also-held.ts';
import { type Answer, type Enforcement, type Enforcer, isAnswer, type OpenConnector } from './enforcer.ts';
import { type KnowsMacs, macAt } from './mac-of.ts';
import { operationLine } from './operation-line.ts';
import { measuredAnswer, measuredSending } from './measure-operations.ts';
import { type KeptConnector, openConnector, type OpenConnectors, secretMissing } from './open-connector.ts';
import { placeOf, sendTo, type WorkPlace, type WorkQueues } from './send-work.ts';

export interface TellHost extends HostTable, OpenConnectors, WorkQueues, KnowsMacs {
  readonly settingsOf: (tenant: TenantId) => Promise<ConnectorSettings>;
  /** Those of the types that are connected to from here. */
  readonly enforcers: Partial<Readonly<Record<ConnectorType, Enforcer>>>;
  readonly measure: Measure;
  readonly events: Pick<EventLog, 'tell'>;
}

export type ConnectorSettings = Pick<ThreatResponse<SecretReference | null, unknown>, 'connectors'>;

/** The longest that a connector is waited for, and what is written before and after it. */
const longestTellMs = 23_000;

/** Between the end of an invocation and the moment when its operation may be another's. */
const graceMs = 5_000;

/** The longest that SQS delays a message. */
const longestDelaySeconds = 900;

/**
 * A message that finds nothing to say is done with: whoever said the last leaves one for the next, and a schedule looks for
 * what was lost. So messages never multiply.
 */
export async function tellHost(
  deps: TellHost,
  { tenant, ip }: { readonly tenant: TenantId; readonly ip: IpAddress },
  worker: Pick<ConnectorWorker, 'place' | 'deadlineAt'>,
): Promise<'done'> {
  const { connectors } = await deps.settingsOf(tenant);
  let has: 'said' | 'nothing-said' = 'nothing-said';
  while (deps.now() + longestTellMs < worker.deadlineAt) {
    const sending = await takeNext(deps, tenant, ip, connectors, worker);
    if (sending === undefined) break;
    await say(deps, tenant, sending, worker.deadlineAt);
    has = 'said';
  }
  const host = (await deps.hosts.read(tenant, ip))?.host;
  if (host) await leaveMessages(deps, tenant, host, connectors, { place: worker.place, has });
  return 'done';
}

interface Sending {
  readonly host: InfectedHost;
  readonly operation: Operation;
  /** `undefined`: it is not in the configuration any more. */
  readonly connector: KeptConnector | undefined;
}

/** The next that is connected to from here, taken. */
async function takeNext(
  deps: TellHost,
  tenant: TenantId,
  ip: IpAddress,
  connectors: readonly KeptConnector[],
  { place, deadlineAt }: Pick<ConnectorWorker, 'place' | 'deadlineAt'>,
): Promise<Sending | undefined> {
  const host = (await deps.hosts.read(tenant, ip))?.host;
  for (const { id, connector: name, device } of host ? dueOperations(host, deps.now()) : []) {
    const connector = connectors.find((each) => each.name === name);
    if (connector && (await placeOf(deps, connector)) !== place) continue;
    const leaseMs = deadlineAt + graceMs - deps.now();
    const mac = device.mac ?? (await macAt(deps, tenant, ip, device.at));
    const taken = await advanceHost(deps, tenant, ip, { kind: 'operation-taken', id, leaseMs, mac });
    const operation = taken?.host?.operations.find((each) => each.id === id);
    if (taken?.outcome === 'taken' && taken.host && operation) return { host: taken.host, operation, connector };
  }
  return undefined;
}

async function say(
  deps: TellHost,
  tenant: TenantId,
  { host, operation, connector }: Sending,
  deadlineAt: number,
): Promise<void> {
  const { id } = operation;
  if (connector === undefined) {
    return over(deps, tenant, host.ip, { kind: 'operation-ended', id, detail: connectorGone });
  }
  deps.measure(tenant, deps.now(), measuredSending(operation));
  const answer = await answerOf(deps, tenant, { host, operation, connector }, deadlineAt);
  deps.measure(tenant, deps.now(), measuredAnswer(answer));
  return over(deps, tenant, host.ip, { kind: 'operation-answered', id, answer });
}

/** Where a worker is killed between the two, the operation says what its line would have. */
async function over(
  deps: TellHost,
  tenant: TenantId,
  ip: IpAddress,
  event: Extract<HostEvent, { kind: 'operation-ended' | 'operation-answered' }>,
): Promise<void> {
  const after = await advanceHost(deps, tenant, ip, event);
  const line = after?.host && operationLine(after.host, event.id, deps.now());
  if (line) await deps.events.tell(tenant, [line]);
}

const connectorGone =
  'The connector is not in the configuration any more, so it was not told: what it was told before may stand there still.';

async function answerOf(
  deps: TellHost,
  tenant: TenantId,
  { host, operation, connector }: Sending & { readonly connector: KeptConnector },
  deadlineAt: number,
): Promise<Answer> {
  const enforcer = deps.enforcers[connector.type];
  if (enforcer === undefined) throw new Error(`Connectors of type ${connector.type} are not told from here.`);
  const opened = await openConnector(deps, tenant, connector);
  if (opened === undefined) return { outcome: 'failed', detail: secretMissing, roundTripMs: 0 };
  const mac = await macOf(deps, tenant, { host, operation, enforcer, opened });
  if (mac !== null && isAnswer(mac)) return mac;
  if (deps.now() + longestTellMs > deadlineAt + graceMs) return { ...noTimeLeft, roundTripMs: 0 };
  const meant = { ...operation, device: { ...operation.device, mac } };
  const also = await alsoHeld(deps, tenant, host, meant, enforcer.keeps);
  const isHeldOn = isMore(also.wanted, operation.wanted);
  if (!isHeldOn) return enforcer.apply(opened, enforcementOf(host, meant));
  // Who keeps addresses is told again of the device that is held there now, and not of the one that is let go.
  const device = { ...meant.device, mac: also.mac };
  const answer = await enforcer.apply(opened, enforcementOf(host, { ...meant, wanted: also.wanted, device }, operation.requestedAt)); // prettier-ignore
  const since = await alsoHeld(deps, tenant, host, meant, enforcer.keeps);
  if (isMore(also.wanted, since.wanted)) return { ...answer, ...letGoMeanwhile };
  return { ...answer, detail: `${answer.detail} (${also.wanted} for ${also.through.join(', ')})` };
}

const letGoMeanwhile = { outcome: 'failed', detail: 'What else held the device let it go meanwhile.' } as const;

const noTimeLeft = { outcome: 'failed', detail: 'Its device was found, and no time was left to tell of it.' } as const;

interface Finding {
  readonly host: InfectedHost;
  readonly operation: Operation;
  readonly enforcer: Enforcer;
  readonly opened: OpenConnector;
}

/** Kept before anything is said of it: whatever is killed afterwards, the device that may be held is the one that is freed. */
async function macOf(
  deps: TellHost,
  tenant: TenantId,
  { host, operation, enforcer, opened }: Finding,
): Promise<Mac | Answer | null> {
  const { id, device, wanted } = operation;
  if (device.mac !== null || wanted === 'free' || enforcer.find === undefined) return device.mac;
  const found = await enforcer.find(opened, { ip: host.ip, at: device.at });
  if (isAnswer(found)) return found;
  const kept = await advanceHost(deps, tenant, host.ip, { kind: 'device-found', id, mac: found });
  return kept?.host?.operations.find((each) => each.id === id)?.device.mac ?? found;
}

function enforcementOf(host: InfectedHost, operation: Operation, occurredAt = occurredOf(operation)): Enforcement {
  const { level, threatName } = foremost(host) ?? { level: 1, threatName: null };
  return {
    id: operation.id,
    attempt: operation.attempts,
    ip: host.ip,
    mac: operation.device.mac,
    wanted: operation.wanted,
    former: formerOf(host, operation),
    level,
    threatName,
    occurredAt,
  };
}

/** Who is told to hold an address alone takes whoever had it then. */
const occurredOf = ({ wanted, device, requestedAt }: Operation) =>
  wanted === 'free' || device.mac !== null ? requestedAt : device.at;

/** The listing for which it is held; where it is free, the one that is the highest. */
function foremost(host: InfectedHost): Listing | undefined {
  const wanted = wantedOf(host);
  const all = Object.values(host.listings).toSorted((one, other) => other.level - one.level);
  return all.find((each) => wanted !== 'free' && each.silencedAt === null && each.wanted === wanted) ?? all[0];
}

/** For what can be said elsewhere now, and for what is to be said from here later. */
async function leaveMessages(
  deps: TellHost,
  tenant: TenantId,
  host: InfectedHost,
  connectors: readonly KeptConnector[],
  { place: here, has }: { readonly place: WorkPlace; readonly has: 'said' | 'nothing-said' },
): Promise<void> {
  const placeFor = async ({ connector: name }: Operation) => {
    const connector = connectors.find((each) => each.name === name);
    return connector ? placeOf(deps, connector) : here;
  };
  const message = { tenant, work: 'tell', ip: host.ip } as const;
  const due = await Promise.all(dueOperations(host, deps.now()).map(placeFor));
  for (const place of new Set(due)) if (place !== here) await sendTo(deps, message, place, 0);
  if (has === 'nothing-said') return;
  const unsettled = host.operations.filter(isUnsettled);
  const places = await Promise.all(unsettled.map(placeFor));
  const times = unsettled.filter((_, index) => places[index] === here).map(({ nextAt }) => nextAt);
  if (times.length === 0) return;
  const seconds = Math.ceil(Math.max(0, Math.min(...times) - deps.now()) / 1_000);
  await sendTo(deps, message, here, Math.min(longestDelaySeconds, seconds));
}
