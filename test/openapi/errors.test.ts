/** Every error that a caller can meet, held to its page and to the form of a problem document. */
import { readFileSync } from 'node:fs';
import { gatewayResponses } from '../../infra/constructs/gateway-responses.ts';
import { beyondRoutes, type Code, gatewayStatuses, statusOf } from '../../functions/describe-api/openapi/errors.ts';
import { problemOf } from '../../shared/edge/problems.ts';
import { type ErrorCode, ServiceError, statuses } from '../../shared/service-error.ts';
import { apiDocument } from '../support/api-document.ts';
import { faultsOf } from '../support/json-schema.ts';

const codes = Object.keys(statuses) as ErrorCode[];
const page = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8');
const rows = [...page.matchAll(/^\| `([a-z0-9-]+)` +\| (\S+|its own) +\| (.+?) +\| (.+?) +\|$/gm)].map(
  ([, code = '', status = '', meaning = '', mend = '']) => ({ code, status, meaning, mend }),
);

test('docs/errors.md says of every code, once, what it means and how to mend it', () => {
  const all = new Set<string>([...codes, ...Object.keys(gatewayStatuses), ...beyondRoutes]);

  const told = rows.map(({ code }) => code);

  expect(told.sort()).toEqual([...all].sort());
  expect(rows.filter(({ meaning, mend }) => meaning === '' || mend === '')).toEqual([]);
});

test('with the status that it is answered with', () => {
  const told = rows
    .filter(({ code }) => code in statuses || code in gatewayStatuses)
    .map(({ code, status }) => [code, Number(status)]);

  expect(told).toEqual(told.map(([code]) => [code, statusOf(code as Code)]));
});

test.each(codes)('%s is a problem document with a title of its status', (code) => {
  const { document, headers, status } = problemOf(new ServiceError(code, 'What to do.'), 'request-1');

  expect(faultsOf(apiDocument.components.schemas.Problem, document)).toEqual([]);
  expect(document).toMatchObject({ type: `urn:postern:problem:${code}`, status, code, detail: 'What to do.', requestId: 'request-1' }); // prettier-ignore
  expect(document.title).not.toBe(code);
  expect('Retry-After' in headers).toBe(status === 503);
});

test.each(gatewayResponses.map(({ type, templates }) => [type.responseType, templates?.['application/json'] ?? '']))(
  'what API Gateway answers as %s is one, too',
  (_, template) => {
    expect(faultsOf(apiDocument.components.schemas.Problem, JSON.parse(template))).toEqual([]);
  },
);
