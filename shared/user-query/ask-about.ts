/** A look-up missed: of all who miss an address at once, one sends the question, and it waits for the query's delay. */
import { advanceEntries, type AuthenticationTable } from '../identity/authentication-table.ts';
import type { IpAddress } from '../identity/address.ts';
import type { Item } from '../identity/entry.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import type { QuerySettings } from './query-settings.ts';
import { closeQuestion, openUpTo, type QuestionStore } from './questions.ts';
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
  /** `known`: there is an entry, or it is being asked about already, or others are changing it at this moment. */
  readonly outcome: 'asked' | 'known' | 'too-many-queries';
  readonly item?: Item | undefined;
}

/**
 * Asks about an address unless it is known or being asked about. Where the message cannot be sent this throws, and the
 * mark that is set by then ends by itself: the next miss asks again.
 */
export async function askAbout(
  deps: AskAbout,
  { tenant, ip }: QueuedQuestion,
  wish: { settings: QuerySettings; kind: 'missed' | 'forced' },
): Promise<Asked> {
  const [asked] = await askAboutAll(deps, tenant, [ip], wish);
  return asked ?? { outcome: 'too-many-queries' };
}

/** As `askAbout`, of up to a hundred addresses at once, in their order. */
export async function askAboutAll(
  { table, questions, mostOpen, cellOf, queue }: AskAbout,
  tenant: TenantId,
  ips: readonly IpAddress[],
  { settings: { userQuery }, kind }: { settings: QuerySettings; kind: 'missed' | 'forced' },
): Promise<readonly Asked[]> {
  const bound = { questions, ...(mostOpen !== undefined && { most: mostOpen }) };
  const opened = await openUpTo(bound, { tenant, wanted: ips.length, now: table.now() });
  const delaySeconds = userQuery.delayQueryTime;
  const keys = ips.slice(0, opened).map((ip) => ({ ip, slot: 'userid' as const }));
  const made = await advanceEntries(table, tenant, keys, { kind, delayMs: delaySeconds * 1_000 });
  const asked = keys.filter((_, index) => outcomeOf(made[index]) === 'asked');
  if (asked.length < opened) await closeQuestion(questions, tenant, table.now(), opened - asked.length);
  if (asked.length > 0) {
    const cell = await cellOf(serverName(userQuery.server));
    const sent = await Promise.allSettled(asked.map(async ({ ip }) => queue.send(cell, { tenant, ip }, delaySeconds)));
    const failed = sent.filter((each) => each.status === 'rejected');
    if (failed.length > 0) await closeQuestion(questions, tenant, table.now(), failed.length);
    for (const { reason } of failed) throw reason;
  }
  return ips.map((_, index) => {
    const one = made[index];
    if (one === undefined) return { outcome: 'too-many-queries' };
    return one === 'busy'
      ? { outcome: 'known' }
      : { outcome: outcomeOf(one) === 'asked' ? 'asked' : 'known', item: one.item };
  });
}

const outcomeOf = (made: Awaited<ReturnType<typeof advanceEntries>>[number] | undefined) =>
  made === undefined || made === 'busy' ? undefined : made.outcome;
