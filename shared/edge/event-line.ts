/**
 * One line of JSON for each event: a request, an authorization, a message, a run of a schedule. It says who, what and how
 * it went, and what was measured of it is in the same line, in CloudWatch's embedded format, so that a number costs no
 * call. Nothing that was sent is ever in it: no header, no body, no query, no message of a refusal, which may quote them.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Measured } from '../journal/measure.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import { ServiceError } from '../service-error.ts';
import { metricsOf, piecesOf, service, type Values } from './embedded-format.ts';

/** What a line is about; it is the `message` of the line. */
export type EventKind = 'request' | 'authorization' | 'message' | 'run' | 'measurement';

type Known = Readonly<Record<string, string | number | object | undefined>>;

export interface EventLine {
  /** Says more of the event. */
  readonly know: (known: Known) => void;
  /** What counts and is measured twice is the sum of both; what takes time has two values. */
  readonly measure: (measured: Measured) => void;
  /** The event has failed: nobody foresaw this. */
  readonly failed: (error: unknown) => void;
}

interface OpenLine extends EventLine {
  readonly about: () => Known;
}

const inHand = new AsyncLocalStorage<OpenLine>();

/** What the event in hand is known by. */
export function eventInHand(): { readonly requestId?: string; readonly tenant?: string } {
  const { requestId, tenant } = inHand.getStore()?.about() ?? {};
  return {
    ...(typeof requestId === 'string' && { requestId }),
    ...(typeof tenant === 'string' && { tenant }),
  };
}

/** Adds to the line of the event in hand, where that is of no other tenant. */
export function measureOfEventInHand(tenant: TenantId, measured: Measured, about: Known): 'told' | 'no-such-event' {
  const line = inHand.getStore();
  if (line === undefined || (line.about().tenant ?? tenant) !== tenant) return 'no-such-event';
  line.know({ ...about, tenant });
  line.measure(measured);
  return 'told';
}

export interface Lines {
  readonly now: () => number;
  readonly write?: (line: string) => void;
}

/** Writes one line when `act` is over, however that ends. */
export async function asOneLine<Result>(
  kind: EventKind,
  first: Known,
  { now, write = toLog }: Lines,
  act: (line: EventLine) => Promise<Result>,
): Promise<Result> {
  const at = now();
  let known = first;
  let failure: object | undefined;
  const values: Partial<Record<keyof Measured, number[]>> = {};
  const line: OpenLine = {
    about: () => known,
    know: (more) => (known = { ...known, ...more }),
    measure(measured) {
      for (const [name, value] of Object.entries(measured) as [keyof Measured, number | undefined][]) {
        if (value !== undefined) (values[name] ??= []).push(value);
      }
    },
    failed: (error) => (failure = errorIn(error)),
  };
  try {
    return await inHand.run(line, async () => act(line));
  } catch (error) {
    failure ??= errorIn(error);
    throw error;
  } finally {
    const end = { ms: now() - at, ...(failure !== undefined && { error: failure }) };
    const [first, ...rest] = piecesOf(values);
    write(lineOf(kind, at, { level: failure === undefined ? 'INFO' : 'ERROR', ...known, ...end }, first));
    for (const more of rest) write(lineOf('measurement', at, { level: 'INFO', ...known }, more));
  }
}

/** One that is written whole, beside those of events. */
export const lineOf = (kind: EventKind, at: number, known: Known, measured: Values = {}): string =>
  JSON.stringify({
    message: kind,
    timestamp: new Date(at).toISOString(),
    service,
    ...known,
    ...metricsOf(at, measured),
  });

/** Past the console: Lambda's own writes a time and an id before each line, and CloudWatch takes only JSON. */
export function toLog(line: string): void {
  if (process.env.POWERTOOLS_LOG_LEVEL !== 'SILENT') process.stdout.write(`${line}\n`);
}

const mostFrames = 12;

/** What a parser says of a text quotes it, and so may a refusal of ours: that is left out. */
export function errorIn(error: unknown): object {
  if (!(error instanceof Error)) return { name: typeof error };
  const { name, stack = '', cause } = error;
  const frames = stack.split('\n').filter((frame) => /^\s+at /.test(frame));
  return {
    name,
    message: messageOf(error),
    stack: frames.slice(0, mostFrames).map((frame) => frame.trim()),
    ...(cause instanceof Error && { cause: errorIn(cause) }),
  };
}

function messageOf(error: Error): string {
  if (error instanceof ServiceError) return `It is refused with the code ${error.code}.`;
  return error instanceof SyntaxError ? 'What it read is not what it should be.' : error.message;
}
