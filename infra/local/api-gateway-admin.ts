/** The one call of API Gateway's own API that the service makes: to forget who was let in. */
import type { ApiGateway } from './api-gateway.ts';
import { type HttpServer, listen } from './http-server.ts';

/** Its address goes into the environment of the functions, so it is there before the gateway. */
export function startAdmin(gateway: () => ApiGateway): Promise<HttpServer> {
  return listen(0, ({ method, url }, response) => {
    const { apiId, stage } = gateway().names;
    const flush = `DELETE /restapis/${apiId}/stages/${stage}/cache/authorizers`;
    const asked = `${method ?? ''} ${url ?? ''}`;
    if (asked === flush) gateway().flushAuthorizers();
    const [status, type] = asked === flush ? [202, ''] : [404, 'NotFoundException'];
    response.writeHead(status, { 'Content-Type': 'application/json', ...(type && { 'x-amzn-ErrorType': type }) });
    response.end(JSON.stringify(type ? { message: `This machine's API Gateway does not know ${asked}.` } : {}));
  });
}
