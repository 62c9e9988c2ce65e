/** How a batch of threat logs lies in a queue: its lines compressed, as logs repeat themselves. */
import { gunzipSync, gzipSync } from 'node:zlib';
import * as v from 'valibot';
import { tenantId } from '../tenancy/tenant.ts';
import type { LogBatch } from './log-table.ts';

/** Of 256 kB, which a message may have. */
const mostCharacters = 240_000;
/** What one message may hold when it is unpacked. */
const mostBytes = 4_000_000;

const message = v.object({
  tenant: v.string(),
  id: v.string(),
  receivedAt: v.number(),
  wasGivenUp: v.optional(v.boolean()),
  lengths: v.array(v.pipe(v.number(), v.integer(), v.minValue(0))),
  lines: v.string(),
});

/** One, or, where lines cannot be compressed, several. */
export function messagesOf(batch: LogBatch): readonly { readonly id: string; readonly body: string }[] {
  const { lines, ...rest } = batch;
  const { id } = rest;
  const packed = gzipSync(Buffer.concat(lines)).toString('base64');
  const body = JSON.stringify({ ...rest, lengths: lines.map(({ length }) => length), lines: packed });
  if (body.length <= mostCharacters || lines.length === 1) return [{ id, body }];
  const half = Math.ceil(lines.length / 2);
  return [lines.slice(0, half), lines.slice(half)].flatMap((part, index) => messagesOf({ ...batch, id: `${id}.${index}`, lines: part })); // prettier-ignore
}

/** Throws where it is none of ours. */
export function logBatch(body: string): LogBatch {
  const { tenant, id, receivedAt, wasGivenUp = false, lengths, lines: packed } = v.parse(message, JSON.parse(body));
  const bytes = gunzipSync(Buffer.from(packed, 'base64'), { maxOutputLength: mostBytes });
  const lines: Uint8Array[] = [];
  let at = 0;
  for (const length of lengths) lines.push(bytes.subarray(at, (at += length)));
  return { tenant: tenantId(tenant), id, receivedAt, lines, ...(wasGivenUp && { wasGivenUp }) };
}
