import { type StoryLine, storyPosition, type StoryStore } from '../../shared/journal/story.ts';
import type { TenantId } from '../../shared/tenancy/tenant.ts';

/** Stories in memory, held to the contract of the real ones. `all` is for tests to look at. */
export function fakeStoryStore(): StoryStore & { all(tenant: TenantId): readonly StoryLine[] } {
  const tenants = new Map<TenantId, Map<string, { readonly line: StoryLine; readonly endsAt: number }>>();
  const of = (tenant: TenantId) => {
    const lines = tenants.get(tenant) ?? new Map<string, { line: StoryLine; endsAt: number }>();
    tenants.set(tenant, lines);
    return lines;
  };

  return {
    async add(tenant, lines, { days }) {
      for (const line of lines) {
        of(tenant).set(storyPosition(line), { line, endsAt: line.at + days * 86_400_000 });
      }
      return Promise.resolve({ leftOut: 0 });
    },
    async read(tenant, subject, { from = 0, to = Infinity, kind, after = '~', limit, now }) {
      const found = [...of(tenant)]
        .filter(([, { line }]) => ('ip' in subject ? line.ip === subject.ip : line.user === subject.user))
        .filter(([position, { line, endsAt }]) => position < after && line.at >= from && line.at <= to && endsAt > now)
        .filter(([, { line }]) => kind === undefined || line.kind === kind)
        .sort(([one], [other]) => (one < other ? 1 : -1));
      const last = found[limit - 1]?.[0];
      return Promise.resolve({
        lines: found.slice(0, limit).map(([, { line }]) => line),
        ...(found.length > limit && last !== undefined && { next: last }),
      });
    },
    all: (tenant) => [...of(tenant).values()].map(({ line }) => line),
  };
}
