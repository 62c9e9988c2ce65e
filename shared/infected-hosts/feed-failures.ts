/** What an operator reads of a poll that failed: what happened, and how to mend it. */
import type { FailureReason } from '../user-query/asking.ts';

/** `token-missing`: nothing was asked, as there is nothing to ask with. `poll-failed`: by our own fault. */
export type PollFailure = FailureReason | 'token-missing' | 'poll-failed';

const addressAndPort = 'Check "address" and "port" of the feed, and that it may be reached from here';

const sentences: Readonly<Record<PollFailure, string>> = {
  'poll-failed': 'The poll failed by a fault of ours. It is repeated by itself; tell your provider if it stays so.',
  'token-missing': 'No token is kept for ATP Cloud. Set "token" of the feed.',
  'secret-missing': 'No token is kept for ATP Cloud. Set "token" of the feed.',
  'name-unresolved': 'The name of ATP Cloud does not resolve. Check "address" of the feed.',
  'connection-failed': `ATP Cloud cannot be connected to. ${addressAndPort}.`,
  'connection-timeout': `ATP Cloud does not take the connection in time. ${addressAndPort}.`,
  'connection-reset': 'ATP Cloud tore the connection off. It is asked again.',
  'answer-timeout': 'ATP Cloud did not answer in time. It is asked again.',
  'server-failed': 'ATP Cloud answered with an error of its own. It is asked again.',
  'server-offline': 'ATP Cloud is offline. It is asked again.',
  'server-busy': 'ATP Cloud is asked more often than it allows. Raise "pollMinutes", or see who else asks with this token.', // prettier-ignore
  'token-awaited': 'There is no token yet. It is asked again.',
  'address-refused': 'Nothing may connect to the address of ATP Cloud from here, as it is not a public one. Check "address" of the feed.', // prettier-ignore
  'certificate-refused': 'The certificate of ATP Cloud is not trusted. Set "caCertificate" of the feed, if it is not one of the public roots that signed it.', // prettier-ignore
  'tls-failed': 'No TLS connection to ATP Cloud comes about. Check "port" and "connectMethod" of the feed.',
  'secret-refused': 'ATP Cloud does not take the token. Set another "token" of the feed.',
  'token-api-refused': 'ATP Cloud does not take the token. Set another "token" of the feed.',
  'token-unreadable': 'ATP Cloud does not take the token. Set another "token" of the feed.',
  'token-refused': 'ATP Cloud does not take the token. Make a new one there, and set "token" of the feed.',
  'not-permitted': 'The token may not read infected hosts. Give it that right in ATP Cloud, or set another "token".',
  'question-refused': 'ATP Cloud answered without a list. Check that "address" of the feed is the one of its API.',
  redirected: 'ATP Cloud sends elsewhere, which is not followed. Set "address" of the feed to the place itself.',
  'answer-too-large': 'The answer of ATP Cloud is longer than 8 MB, and was not read.',
  'answer-unreadable': 'The answer of ATP Cloud cannot be read as HTTP.',
};

export const pollFailureSentence = (reason: PollFailure): string => sentences[reason];

/** Of a list that was good. */
export const hostsFailedSentence = (failed: number): string =>
  `${failed === 1 ? 'A host' : `${String(failed)} hosts`} of the list could not be seen to by a fault of ours; all others were. It is tried again by itself; tell your provider if it stays so.`;
