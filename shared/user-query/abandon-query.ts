import { advanceEntry } from '../identity/authentication-table.ts';
import type { QueuedQuestion } from './ask-about.ts';
import { knowsNobody, timeoutsOf } from './hops.ts';
import type { QueryUser } from './query-user.ts';
import { abandonedLine } from './question-lines.ts';
import { closeQuestion } from './questions.ts';

/** A question that no worker could finish: whoever is at the address is not known, and that is said. */
export async function abandonQuery(
  {
    table,
    settingsOf,
    questions,
    tell,
    measure,
  }: Pick<QueryUser, 'table' | 'settingsOf' | 'questions' | 'tell' | 'measure'>,
  { tenant, ip, ask }: QueuedQuestion,
  { id }: { readonly id: string },
): Promise<'done' | 'later'> {
  const settings = await settingsOf(tenant);
  // Of a tenant that was erased since nothing may be left behind.
  if (knowsNobody(settings)) return 'done';
  const { invalid: invalidTimeoutMinutes } = timeoutsOf(settings, ask);
  const event = { kind: 'abandoned' as const, invalidTimeoutMinutes };
  const { outcome } = await advanceEntry(table, tenant, { ip, slot: 'userid' }, event);
  if (outcome === 'later') return 'later'; // a worker's lease is live yet
  if (outcome === 'given-up') measure(tenant, table.now(), { QuestionsAbandoned: 1 });
  if (outcome === 'given-up') await tell(tenant, abandonedLine({ ip, id, at: table.now() }), settings.storyDays);
  await closeQuestion(questions, tenant, table.now());
  return 'done';
}
