/** A look-up missed: of all who miss an address at once, one sends the question, and it waits for the query's delay. */
import { advanceEntry, type AuthenticationTable } from '../identity/authentication-table.ts';
import type { IpAddress } from '../identity/address.ts';
import type { Item } from '../identity/entry.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import type { QuerySettings } from './query-settings.ts';
import { closeQuestion, openQuestion, type QuestionStore } from './questions.ts';
import { serverName, type ServerName } from './servers.ts';

/** What lies in a query cell. */
export interface QueuedQuestion {
  readonly tenant: TenantId;
  readonly ip: IpAddress;
}

export interface QuestionQueue {
  readonly send: (cell: number, question: QueuedQuestion, delaySeconds: number) => Promise<void>;
}

export interface AskAbout {
  readonly table: AuthenticationTable;
  readonly questions: QuestionStore;
  /** How many questions of a tenant may be open; the usual bound where it is left out. */
  readonly mostOpen?: number;
  readonly cellOf: (server: ServerName) => Promise<number>;
  readonly queue: QuestionQueue;
}

export interface Asked {
  /** `known`: there is an entry, or it is being asked about already. */
  readonly outcome: 'asked' | 'known' | 'too-many-queries';
  readonly item?: Item | undefined;
}

/**
 * Asks about an address unless it is known or being asked about. Where the message cannot be sent this throws, and the
 * mark that is set by then ends by itself: the next miss asks again.
 */
export async function askAbout(
  { table, questions, mostOpen, cellOf, queue }: AskAbout,
  { tenant, ip }: QueuedQuestion,
  { settings: { userQuery }, kind }: { settings: QuerySettings; kind: 'missed' | 'forced' },
): Promise<Asked> {
  const opened = await openQuestion(
    { questions, ...(mostOpen !== undefined && { most: mostOpen }) },
    tenant,
    table.now(),
  );
  if (opened === 'too-many-queries') return { outcome: opened };
  const delaySeconds = userQuery.delayQueryTime;
  const key = { ip, slot: 'userid' as const };
  const { outcome, item } = await advanceEntry(table, tenant, key, { kind, delayMs: delaySeconds * 1_000 });
  if (outcome !== 'asked') {
    await closeQuestion(questions, tenant, table.now());
    return { outcome: 'known', item };
  }
  await queue.send(await cellOf(serverName(userQuery.server)), { tenant, ip }, delaySeconds);
  return { outcome: 'asked', item };
}
