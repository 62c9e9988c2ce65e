/** What a message says, as its sender's template reads it. Every fault says what is wrong, where, and how to mend it. */
import {
  type JsonMapping,
  type MessageField,
  messageFields,
  type Template,
  type TemplateEvent,
} from '../configuration/threat-response.ts';
import type { ThreatMessage } from '../endpoints/endpoint.ts';
import { type Mac, readMac } from '../endpoints/mac.ts';
import { type IpAddress, readAddress } from '../identity/address.ts';
import { longestText, shortened, tidied } from '../journal/shown-text.ts';
import type { ErrorCode } from '../service-error.ts';
import { valueAt } from './json-pointer.ts';
import { compilePattern, type CompiledPattern } from './line-pattern.ts';

/** A message as it was read: its sender may have given it no id. */
export type TemplateMessage = Omit<ThreatMessage, 'eventId'> & { readonly eventId: string | null };

export interface Fault {
  readonly code: ErrorCode;
  readonly message: string;
  /** What could be read although the message as a whole could not. */
  readonly told: Told;
}

/** The fields as they stand in the message, trimmed; empty ones are absent. */
export type Told = Readonly<Partial<Record<MessageField, string>>>;

export type TemplateReading =
  { readonly message: TemplateMessage; readonly fault?: never } | { readonly message?: never; readonly fault: Fault };

export function readMessage(template: Template, message: string): TemplateReading {
  const found =
    template.parse.type === 'json' ? fieldsOfJson(template.parse, message) : fieldsOfLine(template, message);
  return found.fault ? found : interpreted(template, found.told);
}

type Found = { readonly told: Told; readonly fault?: never } | { readonly told?: never; readonly fault: Fault };

const fault = (code: ErrorCode, message: string, told: Told = {}) => ({ fault: { code, message, told } });

function fieldsOfJson({ fields }: JsonMapping, message: string): Found {
  const { document, problem } = parsed(message);
  if (problem !== undefined) return fault('json-invalid', `The message is not JSON: ${problem}. Send one JSON document.`); // prettier-ignore
  const told: Partial<Record<MessageField, string>> = {};
  let wrong: MessageField | undefined;
  for (const field of messageFields) {
    const pointer = fields[field];
    const value = pointer === undefined ? undefined : valueAt(document, pointer);
    if (value === undefined || value === null) continue;
    if (typeof value === 'string' || typeof value === 'number') told[field] = String(value);
    else wrong ??= field;
  }
  if (wrong === undefined) return { told: readable(told) };
  return fault('message-field-invalid', `"${wrong}" at ${fields[wrong] ?? ''} is neither text nor a number. Send it as text.`, readable(told)); // prettier-ignore
}

function parsed(text: string): { readonly document?: unknown; readonly problem?: string } {
  try {
    return { document: JSON.parse(text) };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}

/** Once a template, however many messages it reads. */
const compiled = new WeakMap<Template, CompiledPattern>();

function fieldsOfLine(template: Template, line: string): Found {
  const pattern = template.parse.type === 'pattern' ? template.parse.pattern : '';
  const { match, problem } = compiled.get(template) ?? compilePattern(pattern);
  if (!compiled.has(template)) compiled.set(template, match ? { match } : { problem });
  if (match === undefined) {
    return fault('message-unmatched', `The template "${template.name}" reads nothing. ${problem} Correct the template.`); // prettier-ignore
  }
  const told = match(line);
  return told === undefined
    ? fault('message-unmatched', `The pattern of the template "${template.name}" does not match the line. Send what it describes, or correct it.`) // prettier-ignore
    : { told: readable(told) };
}

/** Empty is absent. */
function readable(told: Told): Told {
  const pairs = Object.entries(told).map(([field, text]) => [field, tidied(text)] as const);
  return Object.fromEntries(pairs.filter(([, text]) => text !== ''));
}

function interpreted(template: Template, told: Told): TemplateReading {
  const event = eventOf(template, told.event);
  if (event.problem !== undefined) return fault('event-unknown', event.problem, told);
  const ip = addressOf(told.endpointIp);
  if (ip.problem !== undefined) return fault('endpoint-ip-invalid', ip.problem, told);
  const mac = macOf(told.endpointMac);
  if (mac.problem !== undefined) return fault('endpoint-mac-invalid', mac.problem, told);
  const severity = severityOf(template, told.severity);
  if (severity.problem !== undefined) return fault('severity-unknown', severity.problem, told);
  const occurredAt = occurredAtOf(told.occurredAt);
  if (occurredAt.problem !== undefined) return fault('occurred-at-invalid', occurredAt.problem, told);
  const long = (['userName', 'eventId'] as const).find((field) => (told[field]?.length ?? 0) > longestText);
  if (long !== undefined) {
    return fault('message-field-invalid', `"${long}" has more than ${longestText} characters. Send a shorter one.`, told); // prettier-ignore
  }
  return {
    message: {
      event: event.value,
      endpointIp: ip.value,
      endpointMac: mac.value,
      userName: told.userName ?? null,
      severity: severity.value,
      threatName: told.threatName === undefined ? null : shortened(told.threatName),
      eventId: told.eventId ?? null,
      occurredAt: occurredAt.value,
    },
  };
}

/** A field as it is meant, or what is wrong with it and how to mend it. */
type Field<Value> =
  { readonly value: Value; readonly problem?: never } | { readonly value?: never; readonly problem: string };

const shown = (text: string) => `"${text.slice(0, 64)}"`;

/** The event by the name that policies know it by. */
function eventOf({ name, events }: Template, text: string | undefined): Field<string> {
  const known = `The template "${name}" knows ${events.map((event) => event.name).join(', ')}.`;
  if (text === undefined) return { problem: `The message does not tell its event. Send one: ${known}` };
  const found = eventNamed(events, text);
  return found ? { value: found.name } : { problem: `${shown(text)} is no event of this sender. ${known} Send one of these.` }; // prettier-ignore
}

/** By its name or an alias of it, without regard to case. */
export function eventNamed(events: readonly TemplateEvent[], text: string): TemplateEvent | undefined {
  const word = text.toLowerCase();
  return events.find(({ name, aliases }) => [name, ...aliases].some((each) => each.toLowerCase() === word));
}

function addressOf(text: string | undefined): Field<IpAddress> {
  if (text === undefined)
    return { problem: 'The message does not tell the address of the endpoint. Send "endpointIp".' };
  const { address, problem } = readAddress(text);
  return address === undefined ? { problem: `"endpointIp": ${problem}` } : { value: address };
}

function macOf(text: string | undefined): Field<Mac | null> {
  if (text === undefined) return { value: null };
  const { mac, problem } = readMac(text);
  return mac === undefined ? { problem: `"endpointMac": ${problem} It may be left out.` } : { value: mac };
}

/** One of the template's words, in any case. Where these are the bands of threat levels, a level stands for its band. */
function severityOf({ name, severities }: Template, text: string | undefined): Field<string | null> {
  if (text === undefined) return { value: null };
  const words = [text, bandOf(text)];
  const found = severities.find((each) => words.some((word) => word?.toLowerCase() === each.toLowerCase()));
  if (found !== undefined) return { value: found };
  const known = severities.length === 0 ? 'no severities' : severities.join(', ');
  return { problem: `${shown(text)} is no severity: the template "${name}" knows ${known}. Send one of these, or none.` }; // prettier-ignore
}

/** Threat levels of ATP Cloud: 1 to 3 are low, 4 to 6 medium, 7 to 10 high. */
function bandOf(text: string): string | undefined {
  if (!/^(?:[1-9]|10)$/.test(text)) return undefined;
  const level = Number(text);
  return level <= 3 ? 'low' : level <= 6 ? 'medium' : 'high';
}

/** ISO 8601 with a zone, or seconds or milliseconds since 1970. */
function occurredAtOf(text: string | undefined): Field<number | null> {
  if (text === undefined) return { value: null };
  const instant = isoForm.test(text) ? Date.parse(text.replace(' ', 'T')) : epochForm.test(text) ? epochOf(Number(text)) : NaN; // prettier-ignore
  if (Number.isFinite(instant)) return { value: Math.round(instant) };
  return { problem: `"occurredAt": ${shown(text)} is no time. Write it like 2026-03-01T12:00:00Z, always with its zone, or as seconds or milliseconds since 1970.` }; // prettier-ignore
}

const isoForm = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)$/;
const epochForm = /^\d{9,13}(?:\.\d{1,9})?$/;

/** A hundred thousand million seconds from 1970 are the year 5138: what is larger is milliseconds. */
const epochOf = (number: number) => (number < 1e11 ? number * 1_000 : number);

/** The fields of a message as text, as samples of a template expect them. */
export function fieldsOf(message: TemplateMessage): Told {
  const { occurredAt, ...texts } = message;
  const told = Object.entries(texts).filter((pair): pair is [string, string] => pair[1] !== null);
  return { ...Object.fromEntries(told), ...(occurredAt !== null && { occurredAt: new Date(occurredAt).toISOString() }) }; // prettier-ignore
}
