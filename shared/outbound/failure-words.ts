/** Why a system was not told, for whoever has to mend it. */
import type { FailureReason } from '../user-query/asking.ts';

export const failureWords: Readonly<Record<FailureReason, string>> = {
  'name-unresolved': 'Its name means no address. Correct the name, or its DNS.',
  'connection-failed': 'Nothing listens there. Check address, port and firewalls on the way.',
  'connection-timeout': 'It took no connection in time. Check address, port and firewalls on the way.',
  'connection-reset': 'It hung up on us.',
  'answer-timeout': 'It did not answer in time.',
  'server-failed': 'It failed.',
  'server-offline': 'It did not answer before, and is not asked for a while.',
  'server-busy': 'It has too much to do.',
  'token-awaited': 'A token for it is on its way.',
  'secret-missing': 'Its secret is not there. Set it again.',
  'address-refused': 'Its address is not public, and this deployment allows no such address.',
  'certificate-refused': 'Its certificate is not to be trusted. Set "caCertificate" to the one that signed it.',
  'tls-failed': 'It speaks no TLS that we do. Check port and "connectMethod".',
  'secret-refused': 'It does not take user and secret. Set them again.',
  'token-api-refused': 'It gives no tokens. Allow the grant type client_credentials there.',
  'token-unreadable': 'Its token cannot be read. Check that it is what the type of the connector says.',
  'token-refused': 'It gave a token, and does not take it.',
  'not-permitted': 'It lets us in, and does not permit this. Give the user the right to.',
  'question-refused': 'It refused.',
  redirected: 'It sends us elsewhere, where we do not go. Name the address that answers by itself.',
  'answer-too-large': 'Its answer is too long.',
  'answer-unreadable': 'It speaks no HTTP. Check port and "connectMethod".',
};
