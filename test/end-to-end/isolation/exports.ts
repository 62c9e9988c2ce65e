/** Exports of tenants, as the provider takes them, and what they hold, to be laid beside what the tables hold. */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { Service } from '../service.ts';
import { placeOf, type Stored, storedIn } from './tables.ts';

/** The only page: none of these tenants holds enough for two. */
export async function exported({ url, authorizations }: Service, tenant: string): Promise<string> {
  const headers = { Authorization: authorizations.acme.provider };
  const answer = await fetch(`${url}/v1/tenants/${tenant}/export`, { headers });
  const text = await answer.text();
  if (answer.status !== 200 || answer.headers.has('link')) throw new Error(`${answer.status}: ${text.slice(0, 300)}`);
  return text;
}

const linesOf = (page: string) => page.trimEnd().split('\n');

export function ownedIn(page: string): Stored {
  const lines = linesOf(page).slice(1, -1).map((line) => JSON.parse(line) as { table: string; item: Record<string, AttributeValue> }); // prettier-ignore
  return new Map(lines.map(({ table, item }) => storedIn(table, item)).map((item) => [placeOf(item), item]));
}

/** The page with one more line in its midst, of another's export, and its end says so. */
export function withLineOf(page: string, other: string): string {
  const [lines, [, line = '']] = [linesOf(page), linesOf(other)];
  const last = JSON.parse(lines.at(-1) ?? '{}') as { items: number };
  return [...lines.slice(0, 2), line, ...lines.slice(2, -1), JSON.stringify({ ...last, items: last.items + 1 }), ''].join('\n'); // prettier-ignore
}
