/** Clients that something happens to on their way to the engine: crashes, lost answers, others who are quicker. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Engine } from './engine.ts';

export interface Passing {
  /** `GetItem`, `PutItem` and so on. */
  readonly command: string;
  /** The sort key of the one item that it is about. */
  readonly sortKey: string | undefined;
}

/** A client of its own on the same engine; `happens` is called around every request that it sends. */
export function interposed<Answer>(
  { endpoint, environment }: Engine,
  happens: (passing: Passing, send: () => Promise<Answer>) => Promise<Answer>,
): DynamoDBClient {
  const client = new DynamoDBClient({
    endpoint,
    region: environment.AWS_REGION ?? '',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  });
  client.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        const passing = { command: String(commandName).replace(/Command$/, ''), sortKey: sortKeyIn(args.input) };
        return (await happens(passing, async () => next(args) as Promise<Answer>)) as Awaited<ReturnType<typeof next>>;
      },
    { step: 'initialize' },
  );
  return client;
}

function sortKeyIn(input: object): string | undefined {
  const { Key, Item } = input as Record<'Key' | 'Item', { sk?: { S?: string } } | undefined>;
  return (Key ?? Item)?.sk?.S;
}
