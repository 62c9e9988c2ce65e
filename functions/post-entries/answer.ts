/** The answer to a post, as JSON or as XML: whichever the sender accepts, and JSON where it does not say. */
import type { Answer, HttpRequest } from '../../shared/edge/http.ts';
import { type Problem, problemOf } from '../../shared/edge/problems.ts';
import { httpStatuses, limitReceiptIdOf, type PostResult } from '../../shared/identity/post-summary.ts';
import { asRemark } from '../../shared/journal/leave-receipt.ts';
import { receiptIdOf, type Remark } from '../../shared/journal/receipt.ts';
import { ServiceError } from '../../shared/service-error.ts';

/** A post may hold 28,000 entries; the answer explains so many of them, and says how many it does not. */
const remarksShown = 100;

export function resultAnswer(result: PostResult, request: HttpRequest): Answer {
  const { receiptId, counts, remarks } = result;
  const document = {
    receipt: receiptId,
    ...counts,
    remarks: remarks.slice(0, remarksShown).map(asRemark),
    remarksLeftOut: Math.max(0, remarks.length - remarksShown),
  };
  const failure = failureOf(result);
  if (failure === undefined) return formatted(httpStatuses[result.status], document, request);
  const { status, headers, document: told } = problemOf(failure, request.requestId);
  return formatted(status, { ...told, ...document }, request, headers);
}

export const problem = ({ status, headers, document }: Problem, request: HttpRequest): Answer =>
  formatted(status, { ...document, receipt: receiptOfProblem(document.code, request) }, request, headers);

const receiptOfProblem = (code: string, request: HttpRequest) =>
  code === 'tenant-limit' ? limitReceiptIdOf(request) : receiptIdOf(request.receivedAt, request.requestId);

function failureOf({ status, counts }: PostResult): ServiceError | undefined {
  if (status === 'refused') {
    return new ServiceError(
      'no-entry-stored',
      `None of the ${counts.entries} entries can be stored. "remarks" says why.`,
    );
  }
  if (status === 'unfinished') {
    return new ServiceError('busy', 'Not all entries could be stored in time. Repeat the post: what is stored stays.');
  }
  return undefined;
}

type Told = Readonly<Record<string, unknown>> & { readonly remarks?: readonly Remark[] };

function formatted(
  status: number,
  document: Told,
  { headers }: HttpRequest,
  more: Readonly<Record<string, string>> = {},
): Answer {
  const wanted = headers.get('accept') ?? '';
  const xml = /\b(application|text)\/xml\b/.test(wanted) && !/\bjson\b/.test(wanted);
  const kind = status < 400 ? '' : 'problem+';
  return {
    status,
    headers: { 'Content-Type': xml ? 'application/xml' : `application/${kind}json`, ...more },
    body: xml ? xmlOf(document) : JSON.stringify(document),
  };
}

function xmlOf({ remarks = [], ...simple }: Told): string {
  const told = Object.entries(simple).map(([name, value]) => element(name, String(value)));
  const remarked = remarks.map(({ code, message, ...about }) => {
    const attributes = Object.entries(about).map(([name, value]) => ` ${name}="${escaped(String(value))}"`);
    return `<remark code="${code}"${attributes.join('')}>${escaped(message)}</remark>`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<post-answer>${[...told, ...remarked].join('')}</post-answer>`;
}

const element = (name: string, text: string) => `<${name}>${escaped(text)}</${name}>`;
/** A message may quote what was posted, and that may hold what XML cannot. */
const escaped = (text: string) =>
  text
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
