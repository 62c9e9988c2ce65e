/** `measured-post.mjs HANDLER BODY`: what the first post costs a function that has just been loaded, and its answer. */
import type { APIGatewayProxyResult } from 'aws-lambda';
import { readFileSync } from 'node:fs';
import { load } from './load.ts';
import { costOf } from './stopwatch.ts';

const [handlerFile = '', bodyFile = ''] = process.argv.slice(2);
const { handler } = (await load(handlerFile)) as {
  handler: (event: unknown, context: unknown) => Promise<APIGatewayProxyResult>;
};

const event = {
  resource: '/api/userfw/v1/post-entry',
  path: '/api/userfw/v1/post-entry',
  httpMethod: 'POST',
  headers: {},
  multiValueHeaders: {},
  queryStringParameters: null,
  multiValueQueryStringParameters: null,
  pathParameters: null,
  stageVariables: null,
  requestContext: {
    requestId: 'request-1',
    identity: { sourceIp: '192.0.2.1' },
    authorizer: {
      tenant: 'acme',
      role: 'web-api',
      credentialId: 'acme-1',
      credentialName: 'ClearPass',
      orderByArrival: 'false',
    },
  },
  body: readFileSync(bodyFile).toString('base64'),
  isBase64Encoded: true,
};

process.stdout.write(JSON.stringify(await costOf(() => handler(event, { getRemainingTimeInMillis: () => 29_000 }))));
