/** Facts of an address to draw conclusions from, made by the rules that make them in the service. */
import { type Configuration, defaults } from '../../shared/configuration/configuration.ts';
import { advance, type Event } from '../../shared/identity/advance.ts';
import type { Listed, Slot } from '../../shared/identity/authentication-table.ts';
import type { Item } from '../../shared/identity/entry.ts';
import type { Logoff, Logon } from '../../shared/identity/observation.ts';
import { search } from '../../shared/identity/search.ts';
import { heardReading } from '../../shared/identity/silence.ts';
import type { StoryLine } from '../../shared/journal/story.ts';
import type { AddressFacts } from '../../shared/why/facts.ts';
import { aLogoff, aLogon, desk, instant, minutes, noon, told } from '../support/observations.ts';

export type Step = readonly [minute: number, event: Event];

/** What there is to be told; minutes count from noon. */
export interface Told {
  readonly steps?: readonly Step[];
  readonly others?: readonly Listed[];
  readonly configuration?: Configuration;
  readonly story?: readonly Partial<StoryLine>[];
  readonly now?: number;
  readonly openQuestions?: number;
  /** When each source was heard. */
  readonly heardOf?: Parameters<typeof heardReading>[1];
}

const micros = (minute: number) => instant(minute * 60_000_000);

/** With the instant of that minute. */
export const logon = (minute: number, part: Partial<Logon> = {}): Event =>
  told(aLogon({ instant: micros(minute), ...part }));
export const logoff = (minute: number, part: Partial<Logoff> = {}): Event =>
  told(aLogoff({ instant: micros(minute), ...part }));

/** What is left of events, each of which came in its minute. */
export function itemOf(...steps: readonly Step[]): Item {
  const item = steps.reduce<Item | undefined>(
    (before, [minute, event]) => advance(before, event, noon + minutes(minute)).item,
    undefined,
  );
  if (item === undefined) throw new Error('Nothing is left of these.');
  return item;
}

export const at = (slot: Slot, item: Item): Listed => ({ ip: desk, slot, item });

export const aLine = (part: Partial<StoryLine> = {}): StoryLine => ({
  id: 'line',
  at: noon + minutes(9),
  kind: 'post',
  ip: desk,
  code: 'stale',
  message: 'Something newer is known.',
  ...part,
});

/** By ten past noon, unless it is told otherwise. */
export function factsOf({
  steps = [],
  others = [],
  configuration = defaults,
  story = [],
  now = 10,
  openQuestions = 0,
  heardOf = new Map(),
}: Told): AddressFacts {
  const slots = [...(steps.length > 0 ? [at('userid', itemOf(...steps))] : []), ...others];
  const nowMs = noon + minutes(now);
  const reading = heardReading(configuration, heardOf)(nowMs);
  const read = search(slots, reading);
  const lines = story.map(aLine);
  return {
    ip: desk,
    now: nowMs,
    configuration,
    slots,
    reading,
    read,
    story: lines,
    refusals: [],
    openQuestions,
    mostOpenQuestions: 2_000,
  };
}
