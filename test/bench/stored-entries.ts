/** What a stack left in its table, in words that both stacks share, so that the two can be compared. */
import { type AttributeValue, paginateScan } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { listedFrom } from '../../shared/identity/entry-item.ts';
import { type Engine, tables } from '../support/engine.ts';
import type { Stack } from './bundles.ts';

/** By address; of an entry that has ended only that it has: what is remembered of it differs. */
export async function storedEntries({ client }: Engine, stack: Stack): Promise<ReadonlyMap<string, unknown>> {
  const found = new Map<string, unknown>();
  for await (const { Items = [] } of paginateScan({ client }, { TableName: tables.entries })) {
    const ofEntries = Items.filter(({ pk }) => pk?.S?.includes('#CHANGES#') !== true);
    for (const item of ofEntries) found.set(...(stack === 'ours' ? ofOurs(item) : ofPlain(item)));
  }
  return found;
}

function ofOurs(attributes: Record<string, AttributeValue>): [string, unknown] {
  const { ip, item } = listedFrom(attributes);
  return [ip, { state: item.state, ...(item.entry && shown({ ...item.entry })) }];
}

function ofPlain(attributes: Record<string, AttributeValue>): [string, unknown] {
  const { pk, state, ...rest } = unmarshall(attributes);
  return [String(pk).replace('acme#', ''), { state: state as unknown, ...(state === 'valid' && shown(rest)) }];
}

function shown({ domain, user, groups, posture, source, device, instant }: Record<string, unknown>) {
  return { domain, user, groups, posture, source, device, instant };
}
