/** What to look at next where somebody is missing: what the address alone cannot tell, but may be the reason. */
import type { Receipt } from '../journal/receipt.ts';
import { moment } from './words.ts';

export interface Hint {
  readonly code: string;
  readonly message: string;
}

/** One for each sender and reason: a sender that is refused is refused many times. */
export function hintsOf(refusals: readonly Receipt[], about: string, now: number): readonly Hint[] {
  const byCause = Map.groupBy(refusals, ({ credentialId, code }) => `${credentialId} ${code ?? ''}`);
  const ofSenders = [...byCause.values()].flatMap(([newest, ...others]) => newest ? [senderHint(newest, others.length, now)] : []); // prettier-ignore
  return [
    ...ofSenders,
    {
      code: 'see-receipts',
      message: `GET /v1/receipts?${about} tells of the posts that were about it, GET /v1/receipts?status=refused of all that were refused.`,
    },
    { code: 'see-health', message: 'GET /v1/health names senders that are refused all the time, and silent ones.' },
  ];
}

function senderHint(
  { credentialName, clientAddress, at, kind, code = 'refused', message }: Receipt,
  others: number,
  now: number,
): Hint {
  const what = kind === 'login' ? 'was not let in' : 'had a whole post refused';
  const more = others > 0 ? `, and ${others} before it` : '';
  const why = message === undefined ? code : `${code}: ${message}`;
  return {
    code: 'sender-refused',
    message: `The sender "${credentialName}" (${clientAddress}) ${what} ${moment(at, now)}${more} (${why}). Whoever it told of is missing here.`,
  };
}
