/**
 * What is told in the story of an address when it was asked about: whom the question was put to, what was heard, and what
 * comes next. Names and reasons alone: nothing that a server said, no secret.
 */
import type { IpAddress } from '../identity/address.ts';
import type { Item } from '../identity/entry.ts';
import type { QueryAnswer } from '../identity/queried.ts';
import type { StoryLine, StoryStore } from '../journal/story.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import type { Hop } from './hops.ts';

/** Where lines are told. It never fails, and whoever tells waits for one small write at most. */
export type Tell = (tenant: TenantId, line: StoryLine, days: number) => Promise<void>;

export const tellIn =
  ({ add }: Pick<StoryStore, 'add'>, now: () => number): Tell =>
  async (tenant, line, days) => {
    await add(tenant, [line], { days, untilAt: now() + tellMs });
  };

/** A journal that is slower than this is not waited for again. */
const tellMs = 500;

export interface Heard {
  readonly ip: IpAddress;
  /** Of the claim that it was heard in. */
  readonly id: string;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly hop: Hop;
  /** As the configuration calls it. */
  readonly server: string;
}

const hopNames: Readonly<Record<Hop, string>> = {
  clearpass: 'ClearPass',
  jims: 'JIMS',
  'jims-secondary': 'The secondary JIMS',
};

const askedOf = ({ hop, server }: Heard) => (server === '' ? hopNames[hop] : `${hopNames[hop]} (${server})`);

const lineOf = ({ id, at, ip }: Pick<Heard, 'id' | 'at' | 'ip'>, code: string, message: string): StoryLine => ({
  id: `query-${id}`,
  at,
  kind: 'query',
  ip,
  code,
  message,
});

/** A failure that may pass: the question comes back to the same server. */
export const repeatedLine = (heard: Heard, reason: string, seconds: number): StoryLine =>
  lineOf(heard, reason, `${askedOf(heard)} gave no answer (${reason}). It is asked once more in ${seconds} s.`);

/** Nothing to be had here, and somebody else is asked next. */
export const handedOnLine = (heard: Heard, reasons: string, next: Hop): StoryLine => {
  const reason = lastOf(reasons);
  return lineOf(heard, reason, `${askedOf(heard)} did not help (${reason}). ${hopNames[next]} is asked next.`);
};

/** What was settled, and what the entry is by then: `item` is as it was left. */
export function settledLine(heard: Heard, answer: QueryAnswer, item: Item | undefined): StoryLine {
  if (answer.kind !== 'user') {
    const what = answer.kind === 'nobody' ? 'knows nobody there' : 'gave no answer';
    const so = item?.state === 'invalid' ? 'the address is invalid' : 'somebody was told of meanwhile, and stands';
    return lineOf(heard, lastOf(answer.reason), `${askedOf(heard)} ${what} (${answer.reason}): ${so}.`);
  }
  const { user, domain } = answer.logon;
  const named = `${askedOf(heard)} named ${user} (${domain})`;
  const isOlder = item?.state === 'invalid';
  const stands = item?.state === 'valid' && item.entry?.user === user && item.entry.domain === domain;
  const so = isOlder ? 'who has logged off since, so the address is invalid' : stands ? 'who is there' : 'but something newer was told meanwhile'; // prettier-ignore
  const code = isOlder ? 'answer-older-than-logoff' : stands ? 'answered' : 'answer-outrun';
  return { ...lineOf(heard, code, `${named}, ${so}.`), user, domain };
}

/** Of several servers' reasons the last: `no-record, jims: answer-timeout` ended with the latter. */
const lastOf = (reason: string): string => reason.slice(reason.search(/[^ ]*$/));

/** No worker could finish it. */
export const abandonedLine = (asked: Pick<Heard, 'ip' | 'id' | 'at'>): StoryLine =>
  lineOf(asked, 'no-answer', 'No worker could finish the question: the address is invalid.');
