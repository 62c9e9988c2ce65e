/** EventBridge's buses: they take events, keep the newest, and show them to whoever asks. No rule listens on this machine. */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import * as v from 'valibot';
import { type HttpServer, listen } from './http-server.ts';
import { account, region, resourceType, type Template } from './template.ts';

const bus = resourceType('AWS::Events::EventBus', v.strictObject({ Name: v.string() }), {
  id: (_, property) => String(property('Name')),
  attributes: { Arn: (name) => `arn:aws:events:${region}:${account}:event-bus/${name}`, Name: (name) => name },
});

export const eventBusTypes = [bus];

/** As a rule sees it. */
export interface BusEvent {
  readonly version: '0';
  readonly id: string;
  readonly 'detail-type': string;
  readonly source: string;
  readonly account: string;
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: object;
}

const mostKept = 1_000;
const mostBytes = 262_144;

const entrySchema = v.object({
  EventBusName: v.string(),
  Source: v.pipe(v.string(), v.nonEmpty()),
  DetailType: v.pipe(v.string(), v.nonEmpty()),
  Detail: v.string(),
  Time: v.optional(v.number()), // in seconds
  Resources: v.optional(v.array(v.string()), []),
});
const putSchema = v.object({ Entries: v.pipe(v.array(entrySchema), v.minLength(1), v.maxLength(10)) });
type Entry = v.InferOutput<typeof entrySchema>;

/** `PutEvents` as the SDK sends it; a `GET` answers the newest thousand events, the oldest of them first. */
export function startEventBus(template: Template, { now }: { readonly now: () => number }): Promise<HttpServer> {
  const names = template.all(bus).map(({ id }) => id);
  const kept: BusEvent[] = [];

  function put(body: string) {
    const { Entries } = v.parse(putSchema, JSON.parse(body));
    const unknown = Entries.find(({ EventBusName }) => !names.includes(EventBusName));
    if (unknown) throw new Error(`There is no bus ${unknown.EventBusName} on this machine.`);
    const bytes = Entries.reduce((sum, each) => sum + bytesOf(each), 0);
    if (bytes > mostBytes) throw new Error(`Total size of the entries in the request is over the limit: ${bytes}.`);
    const results = Entries.map((each) => {
      const detail = detailIn(each.Detail);
      if (detail === undefined) return { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' };
      const id = randomUUID();
      kept.push(eventOf(each, id, detail, now()));
      return { EventId: id };
    });
    kept.splice(0, Math.max(0, kept.length - mostKept));
    return { FailedEntryCount: results.filter((each) => 'ErrorCode' in each).length, Entries: results };
  }

  return listen(0, (request, response) => {
    const answer = (status: number, document: object) => {
      response.writeHead(status, { 'Content-Type': 'application/x-amz-json-1.1' }).end(JSON.stringify(document));
    };
    if (request.method === 'GET') return answer(200, kept);
    void textOf(request).then((body) => {
      const target = String(request.headers['x-amz-target']);
      try {
        if (target !== 'AWSEvents.PutEvents') throw new Error(`This machine's EventBridge does not know ${target}.`);
        answer(200, put(body));
      } catch (error) {
        answer(400, { __type: 'ValidationException', message: error instanceof Error ? error.message : '' });
      }
    });
  });
}

const bytesOf = ({ Time, Source, DetailType, Detail, Resources }: Entry) =>
  (Time === undefined ? 0 : 14) + Buffer.byteLength([Source, DetailType, Detail, ...Resources].join(''));

/** Only an object is a detail. */
function detailIn(text: string): object | undefined {
  try {
    const detail: unknown = JSON.parse(text);
    return typeof detail === 'object' && detail !== null && !Array.isArray(detail) ? detail : undefined;
  } catch {
    return undefined;
  }
}

const eventOf = (entry: Entry, id: string, detail: object, now: number): BusEvent => ({
  version: '0',
  id,
  'detail-type': entry.DetailType,
  source: entry.Source,
  account,
  time: new Date(entry.Time === undefined ? now : entry.Time * 1_000).toISOString().replace(/\.\d+Z$/, 'Z'),
  region,
  resources: entry.Resources,
  detail,
});

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
