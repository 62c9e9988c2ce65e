/**
 * Remarks as they lie beside a receipt: compressed, in chunks that an item can hold. They tell nearly the same again
 * and again, so 28,000 of them become some hundred thousand bytes; and a chunk fits also if nothing can be compressed.
 */
import { gunzipSync, gzipSync } from 'node:zlib';
import * as v from 'valibot';
import type { IpAddress } from '../identity/address.ts';
import type { Remark } from './receipt.ts';

export interface Chunk {
  /** The number of its first remark, counted from 0. */
  readonly first: number;
  readonly count: number;
  readonly bytes: Uint8Array;
}

/** In UTF-16 units, of which each is three bytes at most. An item may have 400 kB. */
const charactersInChunk = 120_000;

export function chunksOf(remarks: readonly Remark[]): Chunk[] {
  const chunks: Chunk[] = [];
  let texts: string[] = [];
  let characters = 0;
  const close = (end: number) => {
    if (texts.length === 0) return;
    const bytes = gzipSync(`[${texts.join(',')}]`, { level: 1 });
    chunks.push({ first: end - texts.length, count: texts.length, bytes });
    [texts, characters] = [[], 0];
  };
  for (const [index, remark] of remarks.entries()) {
    const text = JSON.stringify(remark);
    if (characters + text.length > charactersInChunk) close(index);
    texts.push(text);
    characters += text.length + 1;
  }
  close(remarks.length);
  return chunks;
}

const number = v.exactOptional(v.number());
const text = v.exactOptional(v.string());

export const storedRemark = v.object({
  code: v.string(),
  message: v.string(),
  entry: number,
  line: number,
  column: number,
  ip: v.exactOptional(v.custom<IpAddress>((value) => typeof value === 'string')),
  user: text,
});

export const remarksIn = (bytes: Uint8Array): Remark[] =>
  v.parse(v.array(storedRemark), JSON.parse(gunzipSync(bytes).toString()));
