/** What a question ended with, from the reason that its mark keeps. */
import { failures } from '../user-query/asking.ts';

export type FindingCode = 'nobody-found' | 'question-failed' | 'answer-older-than-logoff';

/** Reasons of several servers stand behind each other, `no-record, jims: answer-timeout`: the last one settled it. */
export function finding(reason = 'no-answer'): { readonly code: FindingCode; readonly what: string } {
  if (reason === 'no-answer') {
    return { code: 'question-failed', what: 'no worker could finish the question (no-answer)' };
  }
  const heard = reason.split(', ').map(heardIn);
  const what = heard.map(({ who, said, code }) => `${who} ${said} (${code})`).join(', then ');
  const last = heard.at(-1)?.code ?? reason;
  if (last === 'answer-older-than-logoff') return { code: last, what };
  return { code: last in failures ? 'question-failed' : 'nobody-found', what };
}

function heardIn(part: string) {
  const [hop, code = hop] = part.split(': ') as [string, string?];
  const who = hop === code ? 'ClearPass' : (hopNames[hop] ?? hop);
  const said = answers[code] ?? (code in failures ? 'did not answer' : 'named nobody who can be taken');
  return { who, said, code };
}

const hopNames: Readonly<Record<string, string>> = {
  clearpass: 'ClearPass',
  jims: 'JIMS',
  'jims-secondary': 'the secondary JIMS',
};

const answers: Readonly<Record<string, string>> = {
  'no-record': 'knew nothing of the address',
  'other-address': 'knew other addresses only',
  'no-user': 'knew a device there, and no user',
  'user-offline': 'said that the user has left',
  'answer-older-than-logoff': 'named a user who had logged off since',
};
