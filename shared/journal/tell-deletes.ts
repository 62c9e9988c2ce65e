/** That an operator ended entries is told in their stories, by whom: the entry itself remembers only that one did. */
import type { Listed } from '../identity/authentication-table.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import type { StoryStore } from './story.ts';

export interface TellDeletes {
  readonly stories: Pick<StoryStore, 'add'>;
  readonly now: () => number;
}

export interface Operator {
  readonly tenant: TenantId;
  readonly requestId: string;
  readonly credentialId: string;
  readonly credentialName: string;
}

/** A delete of thousands is one decision: so many of them are told one by one, and all of them in their entries. */
const mostTold = 100;

/** So long they are told, whatever a tenant has set for its receipts: a delete reads no configuration. */
const storyDays = 14;

/** A journal that is slower than this is not waited for again. */
const tellMs = 500;

/** Tells of the entries that one call ends, page by page. */
export function tellDeletes(
  { stories, now }: TellDeletes,
  { tenant, requestId, credentialId, credentialName }: Operator,
): (ended: readonly Listed[]) => Promise<void> {
  let left = mostTold;
  return async (ended) => {
    const told = ended.slice(0, left);
    left -= told.length;
    if (told.length === 0) return;
    const at = now();
    const lines = told.map(({ ip, slot, item: { state, entry } }) => {
      const who = state === 'valid' && entry ? { user: entry.user, domain: entry.domain } : {};
      const whom = 'user' in who ? `${who.user} (${who.domain})` : `the ${state} mark of a query`;
      const message = `The operator "${credentialName}" deleted ${whom}.`;
      return { id: `delete-${requestId}-${ip}-${slot}`, at, kind: 'delete', ip, ...who, code: 'deleted', message, credentialId } as const; // prettier-ignore
    });
    await stories.add(tenant, lines, { days: storyDays, untilAt: at + tellMs });
  };
}
