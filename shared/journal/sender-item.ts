/**
 * A sender as it lies in the journal, `T#<tenant>` / `SENDER#<credential>`, and how it is changed by one write that
 * reads nothing: times and skews are registers that move on by one, so what is usual can be told when somebody asks.
 */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import * as v from 'valibot';
import { keys } from '../contract.ts';
import { beginningMs, beginningsKept, type Sender, type SenderNews, skewsKept } from './senders.ts';

const keptMs = 90 * 24 * 60 * 60 * 1_000;

const numbered = (name: string, count: number) => Array.from({ length: count }, (_, index) => `${name}${index + 1}`);
const beginnings = numbered('began', beginningsKept);
const skews = numbered('skew', skewsKept);

const text = v.exactOptional(v.string());
const number = v.exactOptional(v.number());
const stored = v.objectWithRest(
  {
    credentialId: v.string(),
    credentialName: v.string(),
    clientAddress: v.string(),
    lastSource: text,
    sent: v.optional(v.number(), 0),
    refused: v.optional(v.number(), 0),
    lastAt: v.number(),
    acceptedAt: number,
    refusedAt: number,
    refusedCode: text,
    inARow: v.optional(v.number(), 0),
    rowSince: number,
    rowCode: text,
  },
  v.unknown(),
);

/** `beginning`: moves the register of beginnings on, if the last one is a minute old; refused if it is not. */
export function changeBy(news: SenderNews, sent: number, beginning: 'beginning' | 'going-on') {
  const { at, outcome, code = 'refused', source, skewMs, credentialId, credentialName, clientAddress } = news;
  const values: Record<string, AttributeValue> = {
    ':at': { N: String(at) },
    ':id': { S: credentialId },
    ':name': { S: credentialName },
    ':address': { S: clientAddress },
    ':sent': { N: String(sent) },
    ':deleteAt': { N: String(Math.ceil((at + keptMs) / 1_000)) },
  };
  const set = [
    'lastAt = :at',
    'credentialId = :id',
    'credentialName = :name',
    'clientAddress = :address',
    `${keys.timeToLive} = :deleteAt`,
  ];
  const add = ['sent :sent'];
  const remove: string[] = [];
  if (source !== undefined) {
    set.push('lastSource = :source');
    values[':source'] = { S: source };
  }
  if (skewMs !== undefined) {
    set.push(...moved(skews, ':skew', ':skew'));
    values[':skew'] = { N: String(skewMs) };
  }
  if (beginning === 'beginning') {
    set.push(...moved(beginnings, ':at', ':never'));
    values[':never'] = { N: '0' };
    values[':before'] = { N: String(at - beginningMs) };
  }
  if (outcome === 'accepted') {
    set.push('acceptedAt = :at', 'inARow = :none');
    values[':none'] = { N: '0' };
    remove.push('rowSince', 'rowCode');
  } else {
    set.push('refusedAt = :at', 'refusedCode = :code', 'rowSince = if_not_exists(rowSince, :at)', 'rowCode = if_not_exists(rowCode, :code)'); // prettier-ignore
    values[':code'] = { S: code };
    values[':one'] = { N: '1' };
    add.push('refused :one', 'inARow :one');
  }
  return {
    UpdateExpression: `SET ${set.join(', ')} ADD ${add.join(', ')}${remove.length > 0 ? ` REMOVE ${remove.join(', ')}` : ''}`,
    ExpressionAttributeValues: values,
    ...(beginning === 'beginning' && {
      ConditionExpression: 'attribute_not_exists(began1) OR began1 <= :before',
    }),
  };
}

/** Each takes what stood in the one before it: all are read before any is written. */
const moved = (names: readonly string[], newest: string, absent: string) =>
  names.map(
    (name, index) => `${name} = ${index === 0 ? newest : `if_not_exists(${names[index - 1] ?? ''}, ${absent})`}`,
  );

export function senderFrom(item: Record<string, AttributeValue>): Sender {
  const plain = v.parse(stored, unmarshall(item));
  const { credentialId, credentialName, clientAddress, lastSource, sent, refused, lastAt, acceptedAt } = plain;
  const { refusedAt, refusedCode, inARow, rowSince, rowCode } = plain;
  const register = (names: readonly string[]) => names.flatMap((name) => (item[name]?.N === undefined ? [] : Number(item[name].N))); // prettier-ignore
  return {
    credentialId,
    credentialName,
    clientAddress,
    ...(lastSource !== undefined && { source: lastSource }),
    sent,
    refused,
    lastAt,
    ...(acceptedAt !== undefined && { acceptedAt }),
    ...(refusedAt !== undefined && refusedCode !== undefined && { refusal: { at: refusedAt, code: refusedCode } }),
    ...(rowSince !== undefined && rowCode !== undefined && inARow > 0 && { row: { count: inARow, since: rowSince, firstCode: rowCode } }), // prettier-ignore
    beganAt: register(beginnings).filter((at) => at > 0),
    skewsMs: register(skews),
  };
}
