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
  readonly add: (tenant: TenantId, minute: number, what: keyof Counted) => Promise<void>;
  /** The sum over a minute and all later ones. */
  readonly since: (tenant: TenantId, minute: number) => Promise<Counted>;
}

/** No question outlives its mark: the longest delay, and fifteen minutes of asking. */
const minutesCounted = 16;

/** How many questions of a tenant may be open, where nothing else is said. */
export const mostOpenQuestions = 2_000;

export const minuteOf = (now: number): number => Math.floor(now / 60_000);

export async function openQuestions(questions: QuestionStore, tenant: TenantId, now: number): Promise<number> {
  const { asked, settled } = await questions.since(tenant, minuteOf(now) - minutesCounted + 1);
  return Math.max(0, asked - settled);
}

/** Counts one question more, unless as many are open as may be. */
export async function openQuestion(
  { questions, most = mostOpenQuestions }: { readonly questions: QuestionStore; readonly most?: number },
  tenant: TenantId,
  now: number,
): Promise<'opened' | 'too-many-queries'> {
  if ((await openQuestions(questions, tenant, now)) >= most) return 'too-many-queries';
  await questions.add(tenant, minuteOf(now), 'asked');
  return 'opened';
}

/** One question fewer, however it ended. */
export const closeQuestion = async (questions: QuestionStore, tenant: TenantId, now: number): Promise<void> =>
  questions.add(tenant, minuteOf(now), 'settled');
