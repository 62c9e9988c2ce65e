import { DeleteItemCommand, paginateScan } from '@aws-sdk/client-dynamodb';
import type { Engine } from './engine.ts';

/** Takes everything out of a table, so that tests can share an engine and know nothing of each other. */
export async function emptyTable({ client }: Engine, table: string) {
  for await (const { Items = [] } of paginateScan({ client }, { TableName: table, ProjectionExpression: 'pk, sk' })) {
    await Promise.all(Items.map(async (Key) => client.send(new DeleteItemCommand({ TableName: table, Key }))));
  }
}
