/**
 * How many questions of a tenant are open: asked and not yet settled, over the last sixteen minutes, after which a
 * question is over whatever became of it. Counted by the minute and approximately: it bounds a flood, it is no ledger.
 */
import type { TenantId } from '../tenancy/tenant.ts';

export interface Counted {
  readonly asked: number;
  readonly settled: number;
}

export interface QuestionStore {
  readonly add: (tenant: TenantId, minute: number, what: keyof Counted, count?: number) => Promise<void>;
  /** The sum over a minute and all later ones. */
  readonly since: (tenant: TenantId, minute: number) => Promise<Counted>;
}

/** No question outlives its mark: the longest delay, and fifteen minutes of asking. */
const minutesCounted = 16;

export const minuteOf = (now: number): number => Math.floor(now / 60_000);

export async function openQuestions(
  questions: Pick<QuestionStore, 'since'>,
  tenant: TenantId,
  now: number,
): Promise<number> {
  const { asked, settled } = await questions.since(tenant, minuteOf(now) - minutesCounted + 1);
  return Math.max(0, asked - settled);
}

/** Counts so many questions more, or as many of them as may be open. Answers how many that are. */
export async function openUpTo(
  { questions, most }: { readonly questions: QuestionStore; readonly most: number },
  { tenant, wanted, now }: { tenant: TenantId; wanted: number; now: number },
): Promise<number> {
  const opened = Math.min(wanted, Math.max(0, most - (await openQuestions(questions, tenant, now))));
  if (opened > 0) await questions.add(tenant, minuteOf(now), 'asked', opened);
  return opened;
}

/** Counts one question more, unless as many are open as may be. */
export async function openQuestion(
  bound: Parameters<typeof openUpTo>[0],
  tenant: TenantId,
  now: number,
): Promise<'opened' | 'too-many-queries'> {
  return (await openUpTo(bound, { tenant, wanted: 1, now })) === 1 ? 'opened' : 'too-many-queries';
}

/** One question fewer, however it ended. */
export const closeQuestion = async (
  questions: QuestionStore,
  tenant: TenantId,
  now: number,
  count = 1,
): Promise<void> => questions.add(tenant, minuteOf(now), 'settled', count);
