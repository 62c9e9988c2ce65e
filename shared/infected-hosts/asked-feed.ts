/** What ATP Cloud is asked with, and what comes of it. */
import type { AtpCloud } from '../configuration/threat-response.ts';
import type { FailureReason } from '../user-query/asking.ts';

export interface AtpCloudSettings extends Pick<
  AtpCloud<unknown>,
  'address' | 'port' | 'connectMethod' | 'caCertificate'
> {
  readonly token: string;
  /** Those that may stand in for it where ATP Cloud does not take it. */
  readonly formerTokens: () => AsyncIterable<string>;
}

export type FeedAnswer = { readonly elapsedMs: number } & (
  | { readonly outcome: 'answered'; readonly body: Uint8Array }
  | {
      readonly outcome: 'failed';
      readonly reason: FailureReason;
      /** So long it wants not to be asked. */
      readonly retryAfterMs?: number;
    }
);
