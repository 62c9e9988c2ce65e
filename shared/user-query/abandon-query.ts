import { advanceEntry } from '../identity/authentication-table.ts';
import type { QueuedQuestion } from './ask-about.ts';
import { timeoutsOf } from './hops.ts';
import type { QueryUser } from './query-user.ts';
import { closeQuestion } from './questions.ts';

/** A question that no worker could finish: whoever is at the address is not known, and that is said. */
export async function abandonQuery(
  { table, settingsOf, questions }: Pick<QueryUser, 'table' | 'settingsOf' | 'questions'>,
  { tenant, ip, ask }: QueuedQuestion,
): Promise<'done' | 'later'> {
  const { invalid: invalidTimeoutMinutes } = timeoutsOf(await settingsOf(tenant), ask);
  const event = { kind: 'abandoned' as const, invalidTimeoutMinutes };
  const { outcome } = await advanceEntry(table, tenant, { ip, slot: 'userid' }, event);
  if (outcome === 'later') return 'later'; // a worker's lease is live yet
  await closeQuestion(questions, tenant, table.now());
  return 'done';
}
