/**
 * A threat action comes in: whose it is, what it says, what becomes of it. Its effects may be repeated, the line in the
 * event log follows them and the answer that is remembered follows that, so whatever is killed in between is made whole
 * by the sender's repeat; and a repeat of what was answered has the same answer and no effect.
 */
import type { ThreatMessage, WaitingMessage } from '../endpoints/endpoint.ts';
import type { Debug } from '../journal/debug.ts';
import type { EventState } from '../journal/event-line.ts';
import { type ErrorCode, ServiceError } from '../service-error.ts';
import { digestOf } from '../tenancy/secret.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import { readSyslog } from '../wire/syslog/line.ts';
import type { Admission, AdmissionSettings, Verdict } from './admission.ts';
import { clientAt, clientOfLine, type FoundClient } from './client-of.ts';
import { becameOf, cameIn, isRefused } from './debugging.ts';
import { type Arrival, arrivedLine, refusedLine } from './event-lines.ts';
import type { RememberedAnswer } from './event-memory.ts';
import { judge } from './judge.ts';
import { readMessage, type TemplateMessage } from './template.ts';

/** A message is a few hundred characters; what is far longer is none. */
export const longestMessage = 65_536;
/** Of a line that a pattern reads: the largest pattern takes a second for it, and for one of 64 kB over ten. */
export const longestLine = 8_192;

/** A clock that is further ahead than this is no clock, and the time of arrival is taken. */
export const clockAheadMs = 5 * 60_000;

export interface ReceiveThreatActions extends Admission {
  readonly debug: Debug;
}

export type ThreatAnswer =
  | {
      readonly eventId: string;
      /** `was`: of a replay, the state of the first. */
      readonly answer: Omit<RememberedAnswer, 'fingerprint'> & { readonly was?: EventState };
      readonly fault?: never;
    }
  | {
      readonly eventId?: never;
      readonly answer?: never;
      readonly fault: { readonly code: ErrorCode; readonly message: string };
    };

/** One message in JSON. */
export async function receiveEvent(
  deps: ReceiveThreatActions,
  tenant: TenantId,
  arrival: Arrival,
  body: Uint8Array,
): Promise<ThreatAnswer> {
  const settings = await deps.settingsOf(tenant);
  return receive({ deps, tenant, settings, arrival }, clientAt(settings, arrival.clientAddress), textIn(body));
}

/** `undefined`: it is not UTF-8. */
function textIn(body: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    return undefined;
  }
}

/** What a relay hands on at once at most. */
export const mostLines = 200;
/** So much of the time is left for the answer. */
const answerMs = 3_000;

/**
 * Lines of syslog, one after the other, so that a clear follows what it clears: none overtakes one that is to be sent
 * again. Old senders write other bytes than UTF-8.
 */
export async function receiveLines(
  deps: ReceiveThreatActions,
  tenant: TenantId,
  arrival: Arrival & { readonly deadlineAt: number },
  body: Uint8Array,
): Promise<readonly ThreatAnswer[]> {
  const settings = await deps.settingsOf(tenant);
  const lines = new TextDecoder().decode(body).split(/\r?\n/).filter((line) => line.trim() !== ''); // prettier-ignore
  if (lines.length > mostLines) {
    throw new ServiceError('body-too-large', `There are ${lines.length} lines. Send at most ${mostLines} at once; none of these was looked at.`); // prettier-ignore
  }
  const answers: ThreatAnswer[] = [];
  for (const [index, text] of (lines.length === 0 ? [''] : lines).entries()) {
    const at = { deps, tenant, settings, arrival: { ...arrival, ...(lines.length > 1 && { line: index + 1 }) } };
    if (answers.at(-1)?.fault?.code === 'busy') answers.push(behind);
    else answers.push(deps.now() < arrival.deadlineAt - answerMs ? await receiveLine(at, text.trim()) : late);
  }
  return answers;
}

const busy = (message: string) => ({ fault: { code: 'busy' as const, message } });
const late = busy('There was no time left for this line. Send it again; nothing of it was done.');
const behind = busy('A line before it is to be sent again, and this one is to stay behind it. Send it again; nothing of it was done.'); // prettier-ignore

/** Whether a line was not even begun, as the time was over. */
export const isLate = (answer: ThreatAnswer): boolean => answer === late;

/** One line, as it was sent or as a relay hands it on. What fails is to be sent again, and takes no other line's answer. */
async function receiveLine(at: Incoming, text: string): Promise<ThreatAnswer> {
  const { time, host, fromHostIp, message } = readSyslog(text);
  const found = clientOfLine(at.settings, { host, fromHostIp, ...at.arrival });
  const isJson = found.problem === undefined && found.template.parse.type === 'json';
  const from = message.indexOf('{');
  // A relay repeats a batch whole. Without its time a line is no event of its own: the same words come again in earnest.
  const ownId = time === null ? null : `line-${digestOf(text).slice(0, 32)}`;
  try {
    return await receive({ ...at, ownId }, found, isJson && from >= 0 ? message.slice(from) : message);
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    return refuse(at, senderIn(found), error);
  }
}

interface Incoming {
  readonly deps: ReceiveThreatActions;
  readonly tenant: TenantId;
  readonly settings: AdmissionSettings;
  readonly arrival: Arrival;
  /** By which a repeat is known where the message itself has no id. */
  readonly ownId?: string | null;
}

async function receive(at: Incoming, found: FoundClient, text: string | undefined): Promise<ThreatAnswer> {
  await at.deps.debug.say(at.tenant, () => cameIn(at.arrival, found, text));
  const sender = senderIn(found);
  if (found.problem) return refuse(at, sender, found.problem);
  if (text === undefined) {
    return refuse(at, sender, { code: 'json-invalid', message: 'The message is not UTF-8. Send one JSON document in UTF-8.' }); // prettier-ignore
  }
  const most = found.template.parse.type === 'pattern' ? longestLine : longestMessage;
  if (text.length > most) {
    return refuse(at, sender, { code: 'body-too-large', message: `The message has more than ${most} characters. Send only what the template reads.` }); // prettier-ignore
  }
  const { message, fault } = readMessage(found.template, text);
  if (fault) return refuse(at, sender, fault);
  return decide(at, { client: found.client.name, template: found.template.name }, message);
}

const senderIn = ({ client }: FoundClient) => ({ client: client?.name ?? null, template: client?.template ?? null });

async function refuse(
  { deps, tenant, arrival }: Incoming,
  sender: Parameters<typeof refusedLine>[1],
  fault: Parameters<typeof refusedLine>[2] & { readonly code: ErrorCode },
): Promise<ThreatAnswer> {
  await deps.debug.say(tenant, () => isRefused(arrival, fault));
  await deps.events.tell(tenant, [refusedLine(arrival, sender, fault)]);
  return { fault: { code: fault.code, message: fault.message } };
}

async function decide(
  { deps, tenant, settings, arrival, ownId = null }: Incoming,
  from: Pick<WaitingMessage, 'client' | 'template'>,
  told: TemplateMessage,
): Promise<ThreatAnswer> {
  const { receivedAt } = arrival;
  const givenId = told.eventId ?? ownId;
  const eventId = givenId ?? deps.newId();
  const isAhead = told.occurredAt !== null && told.occurredAt > receivedAt + clockAheadMs;
  const message: ThreatMessage = { ...told, eventId, occurredAt: isAhead ? receivedAt : told.occurredAt };
  const received: WaitingMessage = { ...from, message, receivedAt };
  const fingerprint = digestOf(JSON.stringify([told.event, told.endpointIp, told.endpointMac]));

  const known = givenId === null ? undefined : await deps.memory.answerTo(tenant, from.client, eventId, receivedAt); // prettier-ignore
  if (known !== undefined) {
    const again = replayed(known, fingerprint);
    await deps.events.tell(tenant, [arrivedLine(arrival, received, again)]);
    return { eventId, answer: { ...answerOf(again, message), operations: known.operations, was: known.state } };
  }
  const judged = await judge({ deps, tenant, settings, received });
  const became = isAhead ? { ...judged, flags: [...judged.flags, 'clock-ahead'] } : judged;
  const answer = answerOf(became, message);
  await deps.debug.say(tenant, () => becameOf(arrival, message, became));
  await deps.events.tell(tenant, [arrivedLine(arrival, received, became)]);
  if (givenId !== null) await deps.memory.remember(tenant, from.client, eventId, { ...answer, fingerprint }, receivedAt); // prettier-ignore
  return { eventId, answer };
}

const answerOf = (told: Verdict, message: ThreatMessage): Omit<RememberedAnswer, 'fingerprint'> => ({
  state: told.state,
  code: told.code,
  message: told.message,
  mac: told.mac ?? message.endpointMac,
  ip: message.endpointIp,
  operations: told.changes,
});

function replayed(known: RememberedAnswer, fingerprint: string): Verdict {
  const isOther = known.fingerprint !== fingerprint;
  const warning = isOther ? ' It said something else then: give each event an id of its own.' : '';
  return {
    state: 'replay',
    code: known.code,
    message: `An event with this id came before, and was ${known.state}: ${known.message}${warning}`,
    mac: known.mac,
    user: null,
    policy: null,
    flags: isOther ? ['event-id-reused'] : [],
    changes: [],
  };
}
