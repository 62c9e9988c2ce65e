/** Why a user is where he is, or nowhere: the table is looked through for traces of him, beside what was told of him. */
import type { Configuration } from '../configuration/configuration.ts';
import { interestedGroups } from '../decisions/interested-groups.ts';
import type { Listed } from '../identity/authentication-table.ts';
import { foldCase } from '../identity/fold-case.ts';
import { type ReadingAt, silenceView } from '../identity/reading.ts';
import { search } from '../identity/search.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import { capsOf } from './caps.ts';
import { concludeUser, type UserFacts } from './conclude-user.ts';
import { type Explain, readRefusals, readStory, settingsOf } from './explain-address.ts';
import { hintsOf } from './hints.ts';
import { policiesTold, takesPerson, takesUser } from './policies-told.ts';
import { timelineOf } from './timeline.ts';
import { type Trace, tracesIn } from './traces.ts';
import type { Wanted } from './wanted.ts';

export interface UserQuestion {
  readonly wanted: Wanted;
  /** Where a look through the table goes on. */
  readonly after?: string;
  /** Lines of the story, and traces of each kind, that are shown at most. */
  readonly limit: number;
  /** Epoch milliseconds: a look through the table that is not done by then says where to go on. */
  readonly untilAt: number;
}

/** How many items are read at once where most of them are not of him. */
const readAhead = 1_000;

/** Addresses of his that are looked up as a firewall would. */
const lookUps = 50;

export async function explainUser(
  deps: Omit<Explain, 'endpoints'>,
  tenant: TenantId,
  { wanted, after, limit, untilAt }: UserQuestion,
) {
  const { configuration, readingAt } = await settingsOf(deps, tenant);
  const [scan, story, refusals] = await Promise.all([
    lookThrough(deps, tenant, { wanted, untilAt, readingAt, ...(after !== undefined && { after }) }),
    readStory(deps, tenant, { user: wanted.user }, { limit }),
    readRefusals(deps, tenant),
  ]);
  const now = deps.now();
  const traces = scan.traces.toSorted((one, other) => other.at - one.at);
  const here = traces.filter(({ code }) => code === 'is-here');
  const found = await foundIn(deps, tenant, here, readingAt);
  const reading = readingAt(now);
  const lines = story.lines.filter(({ domain }) => isOf(domain, wanted));
  const complete = scan.next === undefined ? 'yes' : 'no';
  const facts: UserFacts = { wanted, now, traces, found, story: lines, complete };
  return {
    configuration,
    reading,
    wanted,
    ...concludeUser(facts),
    silences: reading.silences.map(silenceView),
    found,
    traces: traces.slice(0, limit),
    hints: found.length > 0 ? [] : hintsOf(refusals, `user=${encodeURIComponent(wanted.user)}`, now),
    caps: capsOf(found[0]?.entry, lines, interestedGroups(configuration.policies)),
    policies: policiesOf(configuration, facts),
    timeline: timelineOf(
      [],
      story.shown.filter(({ domain }) => isOf(domain, wanted)),
      reading,
    ),
    leftOut: { traces: Math.max(0, traces.length - limit), timeline: story.next === undefined ? 'nothing' : 'older' },
    complete,
    next: scan.next,
  };
}

const isOf = (domain: string | undefined, wanted: Wanted): boolean =>
  wanted.domain === undefined || domain === undefined || foldCase(domain) === wanted.domain;

async function lookThrough(
  { entries, now }: Pick<Explain, 'entries' | 'now'>,
  tenant: TenantId,
  {
    wanted,
    after,
    untilAt,
    readingAt,
  }: Pick<UserQuestion, 'wanted' | 'after' | 'untilAt'> & { readonly readingAt: ReadingAt },
): Promise<{ traces: readonly Trace[]; next?: string }> {
  const traces: Trace[] = [];
  let next = after;
  do {
    const page = await entries.list(tenant, { limit: readAhead, ...(next !== undefined && { after: next }) });
    const reading = readingAt(now());
    for (const listed of page.items) traces.push(...tracesIn(listed, wanted, reading));
    next = page.next;
  } while (next !== undefined && now() < untilAt);
  return { traces, ...(next !== undefined && { next }) };
}

/** Those of the addresses where he is that a look-up finds him at. */
async function foundIn(
  { entries, now }: Pick<Explain, 'entries' | 'now'>,
  tenant: TenantId,
  here: readonly Trace[],
  readingAt: ReadingAt,
): Promise<readonly (Trace & { readonly listed: Listed })[]> {
  const looked = here.slice(0, lookUps).map(async (trace) => {
    const [listed] = search(await entries.at(tenant, trace.ip), readingAt(now()));
    return listed?.slot === trace.slot ? [{ ...trace, listed }] : [];
  });
  return (await Promise.all(looked)).flat();
}

function policiesOf(configuration: Configuration, { wanted, traces, found: [first] }: UserFacts) {
  const known = first?.entry;
  const remembered = traces.find(({ entry }) => entry !== undefined)?.entry;
  const standing = known ? 'authenticated-user' : 'unauthenticated-user';
  const { user, domain } = wanted;
  const named = { user, ...(domain !== undefined && { domain: domain === 'global' ? 'GLOBAL' : domain }) };
  const ifKnown = remembered ? takesPerson(remembered) : takesUser(named);
  return policiesTold(configuration, { standing, ifKnown, ...(known && { known }) });
}

export type UserStory = Awaited<ReturnType<typeof explainUser>>;
