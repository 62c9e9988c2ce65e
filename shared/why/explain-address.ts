/** Why an address is as it is: everything that is known of it is read, and told from its conclusion downwards. */
import type { EndpointStore } from '../endpoints/endpoint-table.ts';
import type { ConfigurationReader } from '../configuration/configuration.ts';
import { interestedGroups } from '../decisions/interested-groups.ts';
import { standings } from '../decisions/who.ts';
import type { IpAddress } from '../identity/address.ts';
import type { EntryStore, Listed } from '../identity/authentication-table.ts';
import { entryIn } from '../identity/entry.ts';
import { type Reading, silenceView } from '../identity/reading.ts';
import { search } from '../identity/search.ts';
import { readingOf } from '../identity/silence.ts';
import type { SourceHeardStore } from '../identity/source-heard.ts';
import type { Receipt, ReceiptStore } from '../journal/receipt.ts';
import type { StoryLine, StoryStore, StorySubject } from '../journal/story.ts';
import type { LimitsOf } from '../tenancy/remembered-limits.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import { openQuestions, type QuestionStore } from '../user-query/questions.ts';
import { askingAbout } from './asking.ts';
import { capsOf } from './caps.ts';
import { concludeAddress, lastEnd } from './conclude-address.ts';
import { expiryOf } from './expiry.ts';
import type { AddressFacts } from './facts.ts';
import { filtersOn } from './filters.ts';
import { hintsOf } from './hints.ts';
import { holdsAt, holdWords } from './holds-told.ts';
import { policiesTold, takesPerson, takesSomebody } from './policies-told.ts';
import { searchTold } from './search-told.ts';
import { type Event, timelineOf } from './timeline.ts';

export interface Explain {
  readonly entries: Pick<EntryStore, 'at' | 'list'>;
  readonly endpoints: Pick<EndpointStore, 'at' | 'read'>;
  readonly configurations: ConfigurationReader;
  readonly stories: Pick<StoryStore, 'read'>;
  readonly receipts: Pick<ReceiptStore, 'list'>;
  readonly questions: Pick<QuestionStore, 'since'>;
  readonly limitsOf: LimitsOf;
  readonly sources: Pick<SourceHeardStore, 'read'>;
  readonly now: () => number;
}

/** Which part of a story is wanted: from the newest, or on from a position. */
export interface StoryPart {
  readonly limit: number;
  readonly after?: string;
}

/** Posts that were refused whole tell of nobody by name, so only the latest of them can be the reason. */
const refusalsRead = 50;
const refusalsMs = 24 * 60 * 60 * 1_000;

/** Lines of the story that a conclusion is drawn from. */
const linesRead = 200;

export async function explainAddress(deps: Explain, tenant: TenantId, ip: IpAddress, part: StoryPart) {
  const [{ configuration, readingAt }, slots, { lines, shown, next }, refusals, open, limits, holds] =
    await Promise.all([
      settingsOf(deps, tenant),
      deps.entries.at(tenant, ip),
      readStory(deps, tenant, { ip }, part),
      readRefusals(deps, tenant),
      openQuestions(deps.questions, tenant, deps.now()),
      deps.limitsOf(tenant),
      holdsAt(deps.endpoints, tenant, ip, deps.now()),
    ]);
  const now = deps.now();
  const reading = readingAt(now);
  const read = search(slots, reading);
  const facts: AddressFacts = {
    ip,
    now,
    configuration,
    slots,
    reading,
    read,
    story: lines,
    refusals,
    openQuestions: open,
    mostOpenQuestions: limits.openQuestions,
  };
  const conclusion = concludeAddress(facts);
  const isKnown = conclusion.code === 'known';
  return {
    configuration,
    reading,
    ip,
    ...conclusion,
    answer: `${conclusion.answer}${holdWords(holds)}`,
    holds,
    silence: silenceView(reading.silenceAt(slots)),
    entry: read[0],
    state: read[0]?.item.state ?? null,
    hints: isKnown ? [] : hintsOf(refusals, `ip=${ip}`, now),
    expiry: expiryOf(read[0], configuration, reading),
    search: searchTold(slots, configuration, reading),
    filters: filtersOn(ip, configuration),
    caps: capsOf(entryIn(read[0]?.item), lines, interestedGroups(configuration.policies)),
    asking: askingAbout(ip, configuration),
    queries: lines.filter(({ kind }) => kind === 'query'),
    policies: policiesOf(facts),
    timeline: timelineIn(part, { slots, shown, reading }),
    next,
  };
}

/** The tenant's configuration, and how its entries are read by it. */
export async function settingsOf(
  { configurations, sources }: Pick<Explain, 'configurations' | 'sources'>,
  tenant: TenantId,
) {
  const { configuration } = await configurations.current(tenant);
  return { configuration, readingAt: await readingOf(sources, tenant, configuration) };
}

/** What an item remembers is told with the newest lines; a later page goes on with the lines alone. */
export const timelineIn = (
  { after }: StoryPart,
  { slots, shown, reading }: { slots: readonly Listed[]; shown: readonly StoryLine[]; reading: Reading },
): readonly Event[] => timelineOf(after === undefined ? slots : [], shown, reading);

/** The newest lines, to conclude from, and those of the page that is wanted. */
export async function readStory(
  { stories, now }: Pick<Explain, 'stories' | 'now'>,
  tenant: TenantId,
  subject: StorySubject,
  { limit, after }: StoryPart,
) {
  const at = now();
  const newest = stories.read(tenant, subject, { limit: linesRead, now: at });
  const page = stories.read(tenant, subject, { limit, now: at, ...(after !== undefined && { after }) });
  const [{ lines }, { lines: shown, next }] = await Promise.all([newest, page]);
  return { lines, shown, next };
}

/** Those alone that were refused before anything in them was looked at; of the others the stories tell. */
export async function readRefusals(
  { receipts, now }: Pick<Explain, 'receipts' | 'now'>,
  tenant: TenantId,
): Promise<readonly Receipt[]> {
  const at = now();
  const span = { from: at - refusalsMs + 1, to: at };
  const page = { statuses: ['refused'] as const, ...span, limit: refusalsRead, now: at };
  const { receipts: found } = await receipts.list(tenant, page);
  return found.filter(({ code }) => code !== 'no-entry-stored');
}

function policiesOf({ ip, configuration, slots, read: [first], reading }: AddressFacts) {
  const state = first?.item.state;
  const known = state === 'valid' ? first?.item.entry : undefined;
  const remembered = lastEnd({ slots, reading })?.entry;
  const standing = standings[state === undefined || state === 'ended' ? 'none' : state];
  const ifKnown = remembered ? takesPerson(remembered) : takesSomebody;
  return policiesTold(configuration, { ip, standing, ifKnown, ...(known && { known }) });
}

export type AddressStory = Awaited<ReturnType<typeof explainAddress>>;
