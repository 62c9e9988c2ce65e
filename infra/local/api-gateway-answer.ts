/** What API Gateway makes of a function's answer. */
import { validateHeaderName, validateHeaderValue } from 'node:http';
import * as v from 'valibot';
import { badGateway, GatewayFault, type HttpAnswer } from './api-gateway-responses.ts';

const headerValue = v.pipe(v.union([v.string(), v.boolean()]), v.transform(String));
const statusCode = v.pipe(
  v.union([v.number(), v.pipe(v.string(), v.digits(), v.transform(Number))]),
  v.integer(),
  v.minValue(200),
  v.maxValue(599),
);

/** Any other key, or any other type, is a malformed answer to AWS. That a status may not be missing is our own choice. */
const answerSchema = v.strictObject({
  statusCode,
  headers: v.nullish(v.record(v.string(), headerValue), {}),
  multiValueHeaders: v.nullish(v.record(v.string(), v.array(headerValue)), {}),
  body: v.nullish(v.string(), ''),
  isBase64Encoded: v.nullish(v.boolean(), false),
});

/** Headers that API Gateway keeps to itself: a function's own go out under another name. */
const remapped = new Set(
  'authorization connection content-length content-md5 date expect host max-forwards proxy-authenticate server trailer upgrade user-agent www-authenticate'.split(
    ' ',
  ),
);

/** The HTTP answer of a function's payload. Throws `GatewayFault` where it is malformed, and logs why. */
export function answerOf(payload: string, log: (line: string) => void): HttpAnswer {
  const result = v.safeParse(answerSchema, JSON.parse(payload));
  if (!result.success) {
    const [issue] = result.issues;
    log(`Malformed Lambda proxy response: ${v.getDotPath(issue) ?? 'the answer'}: ${issue.message}`);
    throw badGateway();
  }
  const { statusCode, headers, multiValueHeaders, body, isBase64Encoded } = result.output;
  if (isBase64Encoded && !v.is(v.pipe(v.string(), v.base64()), body))
    throw new GatewayFault('API_CONFIGURATION_ERROR', 'Internal server error');
  return {
    status: statusCode,
    headers: merged(headers, multiValueHeaders, log),
    body: Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8'),
  };
}

/** One list of both; a pair that stands in both comes from the multi values only. */
function merged(
  headers: Readonly<Record<string, string>>,
  multiValueHeaders: Readonly<Record<string, readonly string[]>>,
  log: (line: string) => void,
): [string, string][] {
  const multi = Object.entries(multiValueHeaders).flatMap(([name, values]) =>
    values.map((value): [string, string] => [name, value]),
  );
  const same = ([name, value]: [string, string]) =>
    multi.some(([other, otherValue]) => other.toLowerCase() === name.toLowerCase() && otherValue === value);
  const all = [...Object.entries(headers).filter((pair) => !same(pair)), ...multi];
  const sent = all
    .filter(([name]) => name.toLowerCase() !== 'transfer-encoding')
    .map(([name, value]): [string, string] => [
      remapped.has(name.toLowerCase()) ? `x-amzn-Remapped-${name}` : name,
      value,
    ]);
  try {
    for (const [name, value] of sent) {
      validateHeaderName(name);
      validateHeaderValue(name, value);
    }
  } catch (error) {
    log(`Malformed Lambda proxy response: ${String(error)}`);
    throw badGateway();
  }
  const typed = sent.some(([name]) => name.toLowerCase() === 'content-type');
  return typed ? sent : [['Content-Type', 'application/json'], ...sent];
}
