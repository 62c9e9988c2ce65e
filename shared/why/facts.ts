/** What is known of an address when somebody asks why: all of it is read, nothing of it is changed. */
import type { Configuration } from '../configuration/configuration.ts';
import type { IpAddress } from '../identity/address.ts';
import type { Listed } from '../identity/authentication-table.ts';
import type { Reading } from '../identity/reading.ts';
import type { Receipt } from '../journal/receipt.ts';
import type { StoryLine } from '../journal/story.ts';

export interface AddressFacts {
  readonly ip: IpAddress;
  readonly now: number;
  readonly configuration: Configuration;
  /** All that is remembered of it, what is over included. */
  readonly slots: readonly Listed[];
  readonly reading: Reading;
  /** What a look-up reads of these, in its order. */
  readonly read: readonly Listed[];
  /** The newest first. */
  readonly story: readonly StoryLine[];
  /** Posts and logins that were refused whole lately, the newest first: what they told of nobody knows. */
  readonly refusals: readonly Receipt[];
  /** Questions of the tenant that are open, about whatever address. */
  readonly openQuestions: number;
  /** As many as may be. */
  readonly mostOpenQuestions: number;
}

/** What an engineer reads first: one sentence, and a code for it that never changes its meaning. */
export interface Conclusion<Code extends string> {
  readonly code: Code;
  readonly answer: string;
}
