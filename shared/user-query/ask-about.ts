/** A look-up missed: of all who miss an address at once, one sends the question, and it waits for the query's delay. */
import { advanceEntries, type AuthenticationTable } from '../identity/authentication-table.ts';
import type { IpAddress } from '../identity/address.ts';
import type { Item } from '../identity/entry.ts';
import type { LimitsOf } from '../tenancy/remembered-limits.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import type { QuerySettings } from './query-settings.ts';
import { delaySecondsOf, firstHop, type Hop, hopServer } from './hops.ts';
import { closeQuestion, openUpTo, type QuestionStore } from './questions.ts';
import type { ServerName } from './servers.ts';

/** What lies in a query cell. */
export interface QueuedQuestion extends Address {
  /** Who is asked. */
  readonly ask: Hop;
  /** What those said who were asked before; absent where nobody was. */
  readonly heard?: string;
}

interface Address {
  readonly tenant: TenantId;
  readonly ip: IpAddress;
}

export interface QuestionQueue {
  readonly send: (cell: number, question: QueuedQuestion, delaySeconds: number) => Promise<void>;
}

export interface AskAbout {
  readonly table: AuthenticationTable;
  readonly questions: QuestionStore;
  /** Says how many questions of a tenant may be open. */
  readonly limitsOf: LimitsOf;
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
  { tenant, ip }: Address,
  wish: { settings: QuerySettings; kind: 'missed' | 'forced' },
): Promise<Asked> {
  const [asked] = await askAboutAll(deps, tenant, [ip], wish);
  return asked ?? { outcome: 'too-many-queries' };
}

/** As `askAbout`, of up to a hundred addresses at once, in their order. Of whom nobody is asked about nothing is known. */
export async function askAboutAll(
  deps: AskAbout,
  tenant: TenantId,
  ips: readonly IpAddress[],
  wish: { settings: QuerySettings; kind: 'missed' | 'forced' },
): Promise<readonly Asked[]> {
  const { table, questions, limitsOf } = deps;
  const { openQuestions: most } = await limitsOf(tenant);
  const opened = await openUpTo({ questions, most }, { tenant, wanted: ips.length, now: table.now() });
  const byHop = Map.groupBy(ips.slice(0, opened), (ip) => firstHop(wish.settings, ip));
  const asked = new Map<IpAddress, Asked>();
  const failures: unknown[] = [];
  for (const [hop, some] of byHop) {
    const made = hop === undefined ? [] : await askAt(deps, tenant, some, { ...wish, hop, failures });
    for (const [index, ip] of some.entries()) asked.set(ip, made[index] ?? { outcome: 'known' });
  }
  const unasked = opened - [...asked.values()].filter(({ outcome }) => outcome === 'asked').length + failures.length;
  if (unasked > 0) await closeQuestion(questions, tenant, table.now(), unasked);
  for (const failure of failures) throw failure;
  return ips.map((ip) => asked.get(ip) ?? { outcome: 'too-many-queries' });
}

/** Marks those that have to be asked about and sends their questions; puts down the sends that failed. */
async function askAt(
  { table, cellOf, queue }: AskAbout,
  tenant: TenantId,
  ips: readonly IpAddress[],
  {
    settings,
    kind,
    hop,
    failures,
  }: { settings: QuerySettings; kind: 'missed' | 'forced'; hop: Hop; failures: unknown[] },
): Promise<readonly Asked[]> {
  const delaySeconds = delaySecondsOf(settings, hop);
  const keys = ips.map((ip) => ({ ip, slot: 'userid' as const }));
  const made = await advanceEntries(table, tenant, keys, { kind, delayMs: delaySeconds * 1_000 });
  const asked = made.map(askedOf);
  const missing = ips.filter((_, index) => asked[index]?.outcome === 'asked');
  if (missing.length > 0) {
    const cell = await cellOf(hopServer(settings, hop).server);
    const sent = await Promise.allSettled(
      missing.map(async (ip) => queue.send(cell, { tenant, ip, ask: hop }, delaySeconds)),
    );
    failures.push(...sent.flatMap((each) => (each.status === 'rejected' ? [each.reason as unknown] : [])));
  }
  return asked;
}

const askedOf = (made: Awaited<ReturnType<typeof advanceEntries>>[number]): Asked =>
  made === 'busy' ? { outcome: 'known' } : { outcome: made.outcome === 'asked' ? 'asked' : 'known', item: made.item };
