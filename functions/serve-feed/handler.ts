/** GET /v1/feeds/infected-hosts.txt: the addresses that firewalls are to keep out, one prefix a line. */
import { etagOf, readIfNoneMatch } from '../../shared/edge/etag.ts';
import { http, type HttpRequest } from '../../shared/edge/http.ts';
import { readQuery } from '../../shared/edge/query.ts';
import { freshMs, type ServeFeed, serveFeed } from '../../shared/infected-hosts/feed-out.ts';
import { dependencies } from './dependencies.ts';

export const doors = {
  'GET /v1/feeds/infected-hosts.txt': async (deps: ServeFeed, request: HttpRequest) => {
    readQuery(request, []);
    const { text, version } = await serveFeed(deps, request.tenant, request.deadlineAt);
    const headers = { ...etagOf(version), 'Cache-Control': `private, max-age=${freshMs / 1_000}` };
    return readIfNoneMatch(request).includes(version)
      ? { status: 304, headers, body: '' }
      : { status: 200, headers: { ...headers, 'Content-Type': 'text/plain; charset=utf-8' }, body: text };
  },
};

export const handler = http(dependencies, doors);
