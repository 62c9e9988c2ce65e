/** GET /openapi.json: what all of the API takes and answers. */
import { etagOf, readIfNoneMatch } from '../../shared/edge/etag.ts';
import { http, type HttpRequest } from '../../shared/edge/http.ts';
import { readQuery } from '../../shared/edge/query.ts';
import { dependencies } from './dependencies.ts';

interface Document {
  readonly text: string;
  readonly version: string;
}

export const doors = {
  'GET /openapi.json': async ({ text, version }: Document, request: HttpRequest) => {
    readQuery(request, []);
    const headers = { ...etagOf(version), 'Cache-Control': 'private, no-cache' };
    const whole = { status: 200, headers: { ...headers, 'Content-Type': 'application/json' }, body: text };
    return Promise.resolve(readIfNoneMatch(request).includes(version) ? { status: 304, headers, body: '' } : whole);
  },
};

export const handler = http(dependencies, doors);
