/**
 * Answers that rlm_rest reads. A refusal says so in its body too, as Auth-Type and with its code: a 401 of the gateway, for
 * a token that was revoked, must not look like one.
 */
import { type Answer, json } from '../../shared/edge/http.ts';
import type { Accounted } from '../../shared/radius/accounting.ts';
import type { Verdict } from '../../shared/radius/login.ts';
import { restBody, restStatuses } from '../../shared/wire/radius/rest.ts';

const empty: Answer = { status: restStatuses.nothing, body: '' };

/** Where the site's server finds the word why. */
const why = (code: string) => ({ list: 'control', name: 'Tmp-String-0', values: [code] }) as const;

export function verdictAnswer(verdict: Verdict): Answer {
  switch (verdict.result) {
    case 'undecided':
      return empty;
    case 'accepted':
      return json(restStatuses.ok, restBody(verdict.attributes));
    case 'rejected': {
      const { code, message } = verdict.rejection;
      const attributes = [
        { list: 'control', name: 'Auth-Type', values: ['Reject'] },
        why(code),
        { list: 'reply', name: 'Reply-Message', values: [shortened(message)] },
      ] as const;
      return json(restStatuses.reject, restBody(attributes));
    }
  }
}

export const accountedAnswer = (accounted: Accounted): Answer =>
  accounted.result === 'taken' ? empty : json(restStatuses.ok, restBody([why(accounted.passed.code)]));

/** An attribute of RADIUS holds 253 bytes. */
const shortened = (message: string) =>
  Buffer.from(message)
    .subarray(0, 250)
    .toString('utf8')
    .replace(/\ufffd+$/, '');
